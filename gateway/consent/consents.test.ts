import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { openStore } from "../store/store.ts";
import type { PersonCommit } from "../store/store-port.ts";
import { allowedFromUs } from "./consent.ts";
import { createConsents, mostStreams } from "./consents.ts";

const startUs = 1_700_000_000_000_000;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "hearth-consent-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function home() {
  const clock = virtualClock(startUs);
  const { store } = await openStore({ dir, clock, epochBytes: () => new Uint8Array(8) });
  const consents = createConsents(store, clock.wallUs, "gateway");
  await consents.declare("person-a", "the home's first start");
  return { clock, store, consents };
}

test("a home that has never been asked gets what leaves today written down, once, and keeps what was said over a restart", async () => {
  const { clock, store, consents } = await home();
  expect(consents.of("person-a")).toMatchObject({ alertsFromUs: 0, stripsFromUs: 0, streams: { "*": { event: 0 } } });
  clock.advance(5);
  await consents.change("person-a", { alerts: false, streams: { ecg: "raw" } }, "Person A");
  await store.close();
  const again = await home();
  expect(again.consents.of("person-a")).toMatchObject({ sinceUs: startUs + 5000, by: "Person A" });
  expect(again.consents.of("person-a")).not.toHaveProperty("alertsFromUs");
  const audit = (await again.store.audit(9)).map(({ what, by, subject, detail }) => ({ what, by, subject, detail }));
  expect(audit).toEqual([
    {
      ...{ what: "person.consent", by: "Person A", subject: "person-a" },
      detail: {
        before: { alerts: true, strips: true, streams: { "*": "event" } },
        consent: { alerts: false, strips: true, streams: { "*": "event", ecg: "raw" } },
      },
    },
    {
      ...{ what: "person.consent", by: "the home's first start", subject: "person-a" },
      detail: { consent: { alerts: true, strips: true, streams: { "*": "event" } } },
    },
  ]);
  await again.store.close();
});

/** A store whose commits are answered when told. */
function slow() {
  const held: { commit: PersonCommit; settle: PromiseWithResolvers<void> }[] = [];
  const store = {
    getValue: async () => undefined,
    commit(commit: PersonCommit) {
      const settle = Promise.withResolvers<void>();
      held.push({ commit, settle });
      return settle.promise;
    },
  };
  const next = () => held.shift();
  return { consents: createConsents(store, () => startUs, "gateway"), next };
}

test("what is taken back holds before it is written, what is given only after; what the disk refuses holds and is told", async () => {
  const { consents, next } = slow();
  const declared = consents.declare("person-a", "x");
  await new Promise(setImmediate);
  next()?.settle.resolve();
  await declared;
  const both = consents.change("person-a", { strips: false, streams: { ecg: "semantic" } }, "Person A");
  expect(consents.of("person-a")).not.toHaveProperty("stripsFromUs");
  expect(allowedFromUs(consents.of("person-a") ?? never(), "ecg", "semantic")).toBeUndefined();
  const less = consents.change("person-a", { alerts: false }, "Person A");
  expect(consents.of("person-a")).not.toHaveProperty("alertsFromUs");
  next()?.settle.resolve();
  await both;
  next()?.settle.reject(new Error("disk full"));
  await expect(less).rejects.toThrow("disk full");
  expect(consents.of("person-a")).toMatchObject({ streams: { ecg: { semantic: startUs } } });
  expect(consents.of("person-a")).not.toHaveProperty("alertsFromUs");
});

test("what takes back is one commit with its row in the audit, so that no crash leaves one without the other", async () => {
  const { consents, next } = slow();
  const declared = consents.declare("person-a", "x");
  await new Promise(setImmediate);
  next()?.settle.resolve();
  await declared;
  void consents.change("person-a", { alerts: false }, "Person A");
  const { values, audit } = next()?.commit ?? {};
  expect([values?.map(({ key }) => key), audit?.map(({ what }) => what)]).toEqual([["consent/person-a"], ["person.consent"]]);
});

test("more streams with a mode of their own than a person has are refused, and nothing changes", async () => {
  const { store, consents } = await home();
  const streams = Object.fromEntries(Array.from({ length: mostStreams }, (_, i) => [`s${i}`, "raw" as const]));
  const before = consents.of("person-a");
  await expect(consents.change("person-a", { streams }, "x")).rejects.toMatchObject({ code: "consent.too_many" });
  expect(consents.of("person-a")).toBe(before);
  await store.close();
});

function never(): never {
  throw new Error("nobody lives here");
}

test("saying once more what is so already writes nothing", async () => {
  const { store, consents } = await home();
  const before = consents.of("person-a");
  await consents.change("person-a", { alerts: true, streams: { "*": "event" } }, "x");
  expect([consents.of("person-a"), (await store.audit(9)).length]).toEqual([before, 1]);
  await store.close();
});
