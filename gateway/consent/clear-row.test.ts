import { expect, test } from "vitest";
import type { AlertRecord, OutboxItem } from "../../device-drivers/contract/event.ts";
import { bench } from "../../test/fakes/uplink-bench.ts";
import { shippedPayloads } from "../semantic/payload-codec.ts";
import type { EventsPayload } from "../semantic/payloads/events.ts";
import { createGate } from "./clear-row.ts";
import { type Consent, changed, firstConsent } from "./consent.ts";

const startUs = 1_700_000_000_000_000;
const told = (person: string, i: number): EventsPayload => ({
  ...{ kind: "events", person, fromUs: startUs + i, toUs: startUs + i + 1, rhythms: [], vitals: [], gaps: [], watched: [] },
  beats: [{ kind: "beat", device: "strap", stream: "ecg", timeUs: startUs + i, label: "N", confidence: 1 }],
});
const events = (person: string, i: number): OutboxItem => shippedPayloads.toOutbox(told(person, i));
const names = { person: (id: string) => id.replace("person-", "p-"), name: (name: string) => (name === "Person A" ? "n-a" : name) };
/** Of two people in turn. */
const rows = Array.from({ length: 24 }, (_, i) => events(i % 2 === 0 ? "person-a" : "person-b", i));

function gated(items: readonly OutboxItem[]) {
  const consents = new Map<string, Consent>(["person-a", "person-b"].map((id) => [id, firstConsent(0, "x")]));
  const sent: [readonly string[], number][] = [];
  const line = bench(items, {
    clear: createGate({ consentOf: (person) => consents.get(person), names, plainUntilUs: startUs + 50, house: "gateway" }),
    onSent: (people, bytes) => void sent.push([people, bytes]),
  });
  const withdraw = (person: string) =>
    consents.set(person, changed(consents.get(person) ?? firstConsent(0, "x"), { streams: { "*": "none" } }, startUs + 100, "x"));
  const give = (person: string) =>
    consents.set(person, changed(consents.get(person) ?? firstConsent(0, "x"), { streams: { "*": "event" } }, startUs + 200, "x"));
  const people = () => line.frames().map(({ p }) => shippedPayloads.peopleOf(shippedPayloads.decode(p))[0]?.replace("p-", "person-"));
  return { ...line, people, withdraw, give, sent };
}

test("a withdrawal stops rows that are queued already: none of them is sent, each is counted and gone, and the other person's go on", async () => {
  const line = gated(rows);
  await line.up();
  expect(line.people()).toEqual(["person-a", "person-b", "person-a", "person-b", "person-a", "person-b", "person-a", "person-b"]);
  line.withdraw("person-a");
  await line.ack([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(line.people()).toEqual(Array(8).fill("person-b"));
  expect(line.outbox.rows().map(({ n }) => n)).toEqual([10, 12, 14, 16, 18, 20, 22, 24]);
  expect(line.uplink.figures().withheld).toEqual({ no_consent: 8 });
});

test("what was on its way when consent ended does not go a second time over the next line", async () => {
  const line = gated(rows.slice(0, 4));
  await line.up();
  line.people();
  await line.down();
  line.withdraw("person-a");
  await line.up();
  expect(line.people()).toEqual(["person-b", "person-b"]);
});

test("a consent that is given again lets nothing through that was queued before it", async () => {
  const line = gated([...rows.slice(0, 2), events("person-a", 300)]);
  line.withdraw("person-a");
  line.give("person-a");
  await line.up();
  expect(line.frames().map(({ n }) => n)).toEqual([2, 3]);
});

test("rows of nobody who lives here, and rows that this version can't read, do not leave", async () => {
  const line = gated([events("person-c", 0), { class: "semantic", timeUs: startUs, payload: Uint8Array.of(0x82, 0x18, 99, 0x01) }]);
  await line.up();
  expect([line.frames(), line.outbox.rows()]).toEqual([[], []]);
  expect(line.uplink.figures().withheld).toEqual({ no_consent: 1, unreadable: 1 });
});

test("a row that the disk does not let go of stays, unsent, and is tried again", async () => {
  const line = gated(rows.slice(0, 1));
  line.withdraw("person-a");
  const { outboxEnd } = line.outbox;
  let refusals = 1;
  line.outbox.outboxEnd = (numbers) => (refusals-- > 0 ? Promise.reject(new Error("disk")) : outboxEnd(numbers));
  await line.up();
  expect([line.frames().length, line.outbox.rows().length, line.uplink.figures().withheld]).toEqual([0, 1, {}]);
  await line.pass(1);
  expect([line.frames().length, line.outbox.rows().length, line.uplink.figures().withheld]).toEqual([0, 0, { no_consent: 1 }]);
});

test("what goes out is told with whom it tells of and how long its frame is", async () => {
  const line = gated(rows.slice(0, 1));
  await line.up();
  expect(line.sent).toEqual([[["person-a"], line.uplink.figures().bytesSentTotal]]);
});

test("nothing leaves under a person's own id or name, whatever tells of them; what they are called by others stays", () => {
  const gate = createGate({
    consentOf: () => changed(firstConsent(0, "x"), { streams: { "*": "raw" } }, 1, "x"),
    names,
    plainUntilUs: 0,
    house: "gateway",
  });
  const strip = {
    ...({ kind: "strip", person: "person-a", alertIds: [], device: "strap", stream: "ecg", channel: "ecg", unit: "mV" } as const),
    ...{ scale: 1, offset: 0, rateHz: 250, startUs, samples: Int32Array.of(1, 2) },
  };
  const alert: AlertRecord = {
    ...{ id: "a", person: "person-a", rule: "hr.high", device: "strap", priority: "medium", kind: "physiological", state: "acknowledged" },
    ...{ mode: "real", onsetUs: 1, raisedUs: 2, lastSeenUs: 3, count: 1, quality: "good", deliveries: [] },
    ...{
      acknowledgedBy: "Person A",
      snoozes: [{ by: "Person A", untilUs: 9 }],
      notes: [{ by: "Carer", verb: "acknowledge", atUs: 3, text: "On my way" }],
    },
  };
  const heartbeat = {
    ...({
      kind: "heartbeat",
      timeUs: startUs,
      uptimeS: 1,
      version: "1",
      outboxDepth: 0,
      people: [{ id: "person-a", name: "Person A" }],
    } as const),
    devices: [{ id: "strap", person: "person-a", state: "online" }],
  };
  const leave = { kind: "leave", person: "person-a", timeUs: startUs } as const;
  const window = { kind: "window", person: "person-a", events: told("person-a", 0), waveforms: [] } as const;
  const sent = [strip, { kind: "alert", alert } as const, heartbeat, leave, window].map((payload) =>
    gate(shippedPayloads.toOutbox(payload)),
  );
  const payloads = [gate(events("person-a", 0)), ...sent].map((cleared) => (cleared.kind === "go" ? cleared.payload : new Uint8Array()));
  for (const payload of payloads) {
    expect(payload.length).toBeGreaterThan(0);
    for (const own of ["Person A", "person-a"]) expect(Buffer.from(payload).toString("latin1")).not.toContain(own);
  }
  expect(shippedPayloads.decode(payloads[2] ?? new Uint8Array())).toMatchObject({
    alert: { acknowledgedBy: "n-a", notes: [{ by: "Carer" }] },
  });
});

test("that somebody leaves is told under the name that the twin has: of one who left before it had another, their id", () => {
  const leave = (timeUs: number) => shippedPayloads.toOutbox({ kind: "leave", person: "person-a", timeUs });
  const gate = createGate({ consentOf: () => undefined, names, plainUntilUs: 100, house: "gateway" });
  const told = [leave(100), leave(101)]
    .map(gate)
    .map((cleared) => (cleared.kind === "go" ? shippedPayloads.decode(cleared.payload) : undefined));
  expect(told).toMatchObject([{ person: "person-a" }, { person: "p-a" }]);
});
