import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { signDesired } from "../semantic/desired.ts";
import { createDesiredPart } from "./desired-part.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const log = { warn: () => undefined, info: () => undefined, debug: () => undefined };
const wish = (version: number, settings: Readonly<Record<string, unknown>> = { flush: version }) =>
  new TextEncoder().encode(JSON.stringify(signDesired("home-a", { version, settings }, privateKey)));

test("a wish counts as taken only when it is stored: what the disk refused is not reported, and is taken when it comes again", async () => {
  const stored: number[] = [];
  let isFull = true;
  const part = createDesiredPart({
    gateway: "home-a",
    twinPublicKey: publicKey,
    log,
    async onAccepted({ version }) {
      if (isFull) throw new Error("disk full");
      stored.push(version);
    },
  });
  expect(await part.receive(wish(1))).toBe(false);
  expect(part.refused).toEqual({ "desired.not_stored": 1 });
  expect(part.reported()).toBe('{"version":0,"settings":{},"ignored":[]}');
  isFull = false;
  expect(await part.receive(wish(1))).toBe(true);
  expect(part.reported()).toBe('{"version":1,"settings":{},"ignored":["flush"]}');
  expect(stored).toEqual([1]);
});

test("what is still being stored is not reported yet, and wishes are stored one after the other", async () => {
  const stored: number[] = [];
  let release = () => {};
  const part = createDesiredPart({
    gateway: "home-a",
    twinPublicKey: publicKey,
    log,
    onAccepted: ({ version }) =>
      new Promise((resolve) => {
        stored.push(version);
        release = resolve;
      }),
  });
  const [first, second] = [part.receive(wish(1)), part.receive(wish(2))];
  await new Promise((resolve) => setImmediate(resolve));
  expect([stored, part.reported()]).toEqual([[1], '{"version":0,"settings":{},"ignored":[]}']);
  release();
  expect(await first).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  release();
  expect([await second, stored, JSON.parse(part.reported()).version]).toEqual([true, [1, 2], 2]);
});

test("a wish that was stored before the start is told as taken, and the retained copy of it is no news", async () => {
  const stored: number[] = [];
  const logged: unknown[] = [];
  const part = createDesiredPart({
    gateway: "home-a",
    twinPublicKey: publicKey,
    log: { ...log, warn: (fields, sentence) => void logged.push([fields, sentence]) },
    stored: JSON.parse(new TextDecoder().decode(wish(5))),
    onAccepted: async ({ version }) => void stored.push(version),
  });
  expect(part.reported()).toBe('{"version":5,"settings":{},"ignored":["flush"]}');
  expect([await part.receive(wish(5)), await part.receive(wish(4)), await part.receive(wish(5, { flush: 9 }))]).toEqual([
    true,
    false,
    false,
  ]);
  expect([stored, part.refused]).toEqual([[], { "desired.old": 2 }]);
  const told = [{ code: "desired.old" }, "a desired document was refused"];
  expect(logged).toEqual([told, told]);
});

test("a wish that is larger or nested deeper than any is malformed, whoever signed it", async () => {
  const part = createDesiredPart({ gateway: "home-a", twinPublicKey: publicKey, log, onAccepted: () => Promise.resolve() });
  const deep = JSON.parse("[".repeat(40) + "]".repeat(40));
  for (const settings of [{ note: "x".repeat(70_000) }, { deep }]) expect(await part.receive(wish(1, settings))).toBe(false);
  expect(part.refused).toEqual({ "desired.malformed": 2 });
});

test("what is reported is in force: a setting that nothing here follows stands among the ignored", async () => {
  const part = createDesiredPart({ gateway: "home-a", twinPublicKey: publicKey, log, onAccepted: () => Promise.resolve() });
  expect(await part.receive(wish(1, { mute: true, flush: 30 }))).toBe(true);
  expect(JSON.parse(part.reported())).toEqual({ version: 1, settings: {}, ignored: ["flush", "mute"] });
});
