import { generateKeyPairSync, sign } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { createLog } from "../runtime/log.ts";
import { openAck } from "../semantic/acknowledgement.ts";
import { encodeFrame } from "../semantic/frame.ts";
import { encodePayload } from "../semantic/payload-codec.ts";
import { emptyTwinCounters, type TwinCounters } from "./counters.ts";
import { createReceiver, type Receiver, type ReceiverOptions } from "./receive.ts";
import type { Received } from "./store/port.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const twin = generateKeyPairSync("ed25519");
const disk = new GatewayError("twin.disk_full", "world", "full");

/** A commit that the test ends. */
interface Commit {
  readonly numbers: readonly number[];
  readonly receivedUs: number;
  end(outcome?: GatewayError | ((received: readonly Received[]) => boolean[])): void;
}

let clock: VirtualClock;
let counters: TwinCounters;
let commits: Commit[];
let acknowledged: { gateway: string; epoch: number; numbers: readonly number[] }[];
let stored: number[];
beforeEach(() => {
  clock = virtualClock(1_700_000_000_000_000);
  counters = emptyTwinCounters();
  commits = [];
  acknowledged = [];
  stored = [];
});

function open(more: Partial<ReceiverOptions> = {}): Receiver {
  return createReceiver({
    store: {
      commit(received, receivedUs) {
        const done = Promise.withResolvers<boolean[]>();
        const numbers = received.map(({ frame }) => frame.n);
        const end: Commit["end"] = (outcome = (all) => all.map(() => true)) =>
          outcome instanceof GatewayError ? done.reject(outcome) : done.resolve(outcome(received));
        commits.push({ numbers, receivedUs, end });
        return done.promise;
      },
    },
    keyOf: async (gateway) => (gateway.startsWith("home-") ? publicKey : undefined),
    clock,
    log: createLog({ level: "silent" }),
    counters,
    sign: (bytes) => new Uint8Array(sign(null, bytes, twin.privateKey)),
    async acknowledge(gateway, bytes) {
      const { epoch, numbers } = openAck(gateway, bytes, twin.publicKey);
      acknowledged.push({ gateway, epoch: epoch[0] ?? -1, numbers });
    },
    onStored: ({ frame }) => void stored.push(frame.n),
    ...more,
  });
}

const events = {
  kind: "events",
  person: "person-a",
  fromUs: 0,
  toUs: 5,
  beats: [],
  rhythms: [],
  vitals: [],
  gaps: [],
  watched: [],
} as const;
function message(n: number, { gateway = "home-a", epoch = 0, payload = encodePayload(events), mustBeUnderstood = false } = {}) {
  const fields = { g: gateway, e: new Uint8Array(8).fill(epoch), n, c: "semantic", t: n, p: payload, mustBeUnderstood } as const;
  const bytes = encodeFrame(fields, (signed) => new Uint8Array(sign(null, signed, privateKey)));
  return { gateway, class: "semantic", bytes } as const;
}
/** Lets everything run that waits for nothing but its turn. */
const turns = async () => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};
/** What became of a message: undefined while it is unsettled. */
function outcomeOf(receiving: Promise<void>): { now: string | undefined } {
  const outcome: { now: string | undefined } = { now: undefined };
  receiving.then(
    () => (outcome.now = "settled"),
    (error: GatewayError) => (outcome.now = error.code),
  );
  return outcome;
}

test("nothing is acknowledged, told or settled before its commit has resolved", async () => {
  const outcome = outcomeOf(open().receive(message(1)));
  await turns();
  expect(commits).toEqual([]);
  clock.advance(20);
  await turns();
  expect([commits[0]?.numbers, commits[0]?.receivedUs]).toEqual([[1], 1_700_000_000_020_000]);
  expect([acknowledged, stored, outcome.now, counters.commitsTotal]).toEqual([[], [], undefined, 0]);
  commits[0]?.end();
  await turns();
  expect(acknowledged).toEqual([{ gateway: "home-a", epoch: 0, numbers: [1] }]);
  expect([stored, outcome.now, counters.commitsTotal, counters.framesStoredTotal]).toEqual([[1], "settled", 1, 1]);
});

test("a sender's whole window is committed without waiting, and what comes meanwhile goes together into the next commit", async () => {
  const receiver = open();
  for (let n = 0; n < 8; n++) void receiver.receive(message(n));
  await turns();
  expect(commits.map(({ numbers }) => numbers)).toEqual([[0, 1, 2, 3, 4, 5, 6, 7]]);
  for (let n = 8; n < 21; n++) void receiver.receive(message(n));
  await turns();
  clock.advance(1000);
  await turns();
  expect(commits).toHaveLength(1);
  commits[0]?.end();
  await turns();
  expect(commits.map(({ numbers }) => numbers.length)).toEqual([8, 13]);
});

test("each gateway and epoch is acknowledged by itself, repeated rows too, and only new ones are told", async () => {
  const receiver = open();
  const all = [message(1), message(2, { gateway: "home-b" }), message(3, { epoch: 1 }), message(4)];
  const outcomes = all.map((one) => outcomeOf(receiver.receive(one)));
  await turns();
  clock.advance(20);
  await turns();
  commits[0]?.end((received) => received.map(({ frame }) => frame.n !== 4));
  await turns();
  expect(acknowledged).toEqual([
    { gateway: "home-a", epoch: 0, numbers: [1, 4] },
    { gateway: "home-b", epoch: 0, numbers: [2] },
    { gateway: "home-a", epoch: 1, numbers: [3] },
  ]);
  expect([stored, counters.framesStoredTotal, counters.framesRepeatedTotal]).toEqual([[1, 2, 3], 3, 1]);
  expect(outcomes.map(({ now }) => now)).toEqual(["settled", "settled", "settled", "settled"]);
});

test("a commit that fails leaves its frames unacknowledged and unsettled, and the next one goes on", async () => {
  const receiver = open();
  const lost = outcomeOf(receiver.receive(message(1)));
  await turns();
  clock.advance(20);
  await turns();
  const kept = outcomeOf(receiver.receive(message(2)));
  await turns();
  commits[0]?.end(disk);
  await turns();
  expect([lost.now, acknowledged, stored, counters.refused]).toEqual(["twin.disk_full", [], [], { unstored: 1 }]);
  commits[1]?.end();
  await turns();
  expect([kept.now, acknowledged]).toEqual(["settled", [{ gateway: "home-a", epoch: 0, numbers: [2] }]]);
});

test("one frame that can't be written holds up no other and is kept as it came", async () => {
  const seen: string[] = [];
  const receiver = open({
    store: {
      async commit(received) {
        seen.push(received.map(({ frame, payload }) => `${frame.n}${payload === undefined ? " opaque" : ""}`).join());
        if (received.some(({ frame, payload }) => frame.n === 2 && payload !== undefined)) throw new TypeError("a value of another kind");
        return received.map(() => true);
      },
    },
  });
  const outcomes = [1, 2, 3].map((n) => outcomeOf(receiver.receive(message(n))));
  await turns();
  clock.advance(20);
  await turns();
  expect(seen).toEqual(["1,2,3", "1", "2", "2 opaque", "3"]);
  expect(outcomes.map(({ now }) => now)).toEqual(["settled", "settled", "settled"]);
  expect(acknowledged.flatMap(({ numbers }) => numbers)).toEqual([1, 2, 3]);
  expect([counters.framesStoredTotal, counters.framesOpaqueTotal]).toEqual([3, 1]);
});

test("a store that can write nothing at all is asked a bounded number of times", async () => {
  let asked = 0;
  const commit = () => {
    asked += 1;
    return Promise.reject(new Error("broken"));
  };
  const receiver = open({ store: { commit } });
  const outcomes = [1, 2].map((n) => outcomeOf(receiver.receive(message(n))));
  await turns();
  clock.advance(20);
  await turns();
  expect(outcomes.map(({ now }) => now)).toEqual(["twin.not_stored", "twin.not_stored"]);
  expect([asked, acknowledged, counters.refused]).toEqual([5, [], { unstored: 2 }]);
});

test("what can't be read is refused at once; what is authentic but not understood is kept", async () => {
  const receiver = open();
  const refused = [
    receiver.receive({ ...message(1), bytes: new Uint8Array([1, 2, 3]) }),
    receiver.receive({ ...message(1), class: "alert" }),
    receiver.receive({ ...message(1), gateway: "home-b" }),
    receiver.receive(message(1, { gateway: "stranger" })),
    receiver.receive({ ...message(1), bytes: message(1).bytes.with(-1, 255 - (message(1).bytes.at(-1) ?? 0)) }),
  ];
  await Promise.all(refused);
  expect(counters.refused).toEqual({ malformed: 1, foreign: 3, forged: 1 });
  const unknown = outcomeOf(receiver.receive(message(7, { payload: Uint8Array.of(0x82, 0x18, 0x63, 0xa0) })));
  await turns();
  clock.advance(20);
  await turns();
  commits[0]?.end();
  await turns();
  expect([unknown.now, counters.framesOpaqueTotal, acknowledged]).toEqual(["settled", 1, [{ gateway: "home-a", epoch: 0, numbers: [7] }]]);
});

test("where it can't be known whose a frame is, it is not refused but comes again", async () => {
  const receiver = open({ keyOf: () => Promise.reject(disk) });
  await expect(receiver.receive(message(1))).rejects.toBe(disk);
  expect([counters.refused, commits]).toEqual([{}, []]);
});

test("one gateway that sends without an end is held up by itself, and there is a bound for all of them", async () => {
  const receiver = open();
  const busy = () => counters.refused.busy ?? 0;
  for (let n = 0; n < 70; n++) void receiver.receive(message(n)).catch(() => undefined);
  expect(busy()).toBe(6);
  await expect(receiver.receive(message(70))).rejects.toMatchObject({ code: "twin.busy", kind: "world" });
  const others = Array.from({ length: 20 * 64 }, (_, i) => message(i, { gateway: `home-${1 + (i % 20)}` }));
  for (const one of others) void receiver.receive(one).catch(() => undefined);
  expect(busy()).toBe(7 + 64 + others.length - 1024);
  for (let i = 0; i < 20; i++) {
    await turns();
    clock.advance(20);
    commits[i]?.end();
  }
  expect(commits.reduce((sum, { numbers }) => sum + numbers.length, 0)).toBe(1024);
  expect(Math.max(...commits.map(({ numbers }) => numbers.length))).toBe(256);
  const room = outcomeOf(receiver.receive(message(99)));
  await turns();
  expect([room.now, busy()]).toEqual([undefined, 7 + 64 + others.length - 1024]);
});

test("what has been settled makes room again, in bytes too", async () => {
  const receiver = open();
  for (let i = 0; i < 5; i++) await receiver.receive({ ...message(1), bytes: new Uint8Array(30 << 20) });
  expect(counters.refused).toEqual({ malformed: 5 });
});

test("a few frames as large as they may be fill the bound too", async () => {
  const receiver = open({ keyOf: () => new Promise(() => undefined) });
  const large = message(1, { payload: new Uint8Array(4_000_000) });
  for (let i = 0; i < 16; i++) void receiver.receive(large);
  await expect(receiver.receive(large)).rejects.toMatchObject({ code: "twin.busy" });
  expect(outcomeOf(receiver.receive(message(2))).now).toBeUndefined();
  expect(counters.refused).toEqual({ busy: 1 });
});

test("an acknowledgement that can't be sent changes nothing of what is stored", async () => {
  const receiver = open({ acknowledge: () => Promise.reject(disk) });
  const outcome = outcomeOf(receiver.receive(message(1)));
  await turns();
  clock.advance(20);
  await turns();
  commits[0]?.end();
  await turns();
  expect([outcome.now, stored]).toEqual(["settled", [1]]);
});

test("draining commits what waits at once and ends when all of it is settled, with a commit under way too", async () => {
  const receiver = open();
  for (let n = 0; n < 8; n++) void receiver.receive(message(n));
  await turns();
  const late = outcomeOf(receiver.receive(message(8)));
  let isDrained = false;
  const draining = receiver.drain().then(() => (isDrained = true));
  await turns();
  expect([commits.length, isDrained]).toEqual([1, false]);
  commits[0]?.end();
  await turns();
  expect([commits[1]?.numbers, isDrained]).toEqual([[8], false]);
  commits[1]?.end();
  await draining;
  expect([late.now, acknowledged.flatMap(({ numbers }) => numbers).length]).toEqual(["settled", 9]);
});

test("a drain ends also where what waits can't be stored", async () => {
  const receiver = open();
  const lost = outcomeOf(receiver.receive(message(1)));
  const draining = receiver.drain();
  await turns();
  commits[0]?.end(disk);
  await draining;
  expect([lost.now, acknowledged]).toEqual(["twin.disk_full", []]);
});

test("what must be understood and can't be read or written is neither kept nor acknowledged: it comes again until a twin can do it", async () => {
  const receiver = open();
  const unread = outcomeOf(receiver.receive(message(1, { payload: Uint8Array.of(0x82, 22, 0), mustBeUnderstood: true })));
  const unwritten = outcomeOf(receiver.receive(message(2, { mustBeUnderstood: true })));
  await turns();
  clock.advance(20);
  await turns();
  expect(commits.map(({ numbers }) => numbers)).toEqual([[2]]);
  commits[0]?.end(new GatewayError("twin.bug", "bug", "no such table"));
  await turns();
  expect([unread.now, unwritten.now, acknowledged, commits.length]).toEqual(["settled", "twin.bug", [], 1]);
  expect(counters.refused).toEqual({ unreadable: 1, unstored: 1 });
});

test("a gateway that has had its share of the day is not acknowledged, and goes on the next day; others, and what it repeats, cost it nothing", async () => {
  const receiver = open({ maxDayBytes: 100 });
  const send = async (n: number, gateway = "home-a") => {
    const receiving = receiver.receive(message(n, { gateway }));
    await turns();
    clock.advance(20);
    await turns();
    commits.at(-1)?.end((all) => all.map(({ frame }) => !stored.includes(frame.n)));
    await receiving;
    await turns();
  };
  const each = encodePayload(events).length;
  const fits = Math.ceil(100 / each);
  for (let n = 1; n <= fits + 3; n++) await send(n);
  expect([stored.length, acknowledged.length, counters.refused]).toEqual([fits, fits, { day_full: 3 }]);
  await send(100, "home-b");
  expect(acknowledged.at(-1)).toMatchObject({ gateway: "home-b", numbers: [100] });
  clock.advance(86_400_000);
  await send(fits + 1);
  await send(fits + 1);
  expect(acknowledged.at(-1)).toMatchObject({ gateway: "home-a", numbers: [fits + 1] });
});
