import fc from "fast-check";
import { expect, test } from "vitest";
import { packetBytes } from "../../test/mqtt-packets/packet-text.ts";
import { createPacketGuard, MAX_PACKET_BYTES } from "./packet-guard.ts";

const CONNECT = packetBytes("10 r13 s4 'MQTT' 04 02 k10 s1 'p'");
/** As it is passed on: the keep-alive is the connection's business. */
const PASSED_CONNECT = packetBytes("10 r13 s4 'MQTT' 04 02 k0 s1 'p'");

const good = [
  "30 r14 s5 'topic' 'payload'",
  "32 r16 s5 'topic' m7 'payload'",
  "34 r16 s5 'topic' m8 'payload'",
  "62 r2 m8",
  "82 r6 m1 s1 'p' 01",
  "A2 r5 m2 s1 'p'",
  "40 r2 m9",
  "C0 r0",
  "30 8A00 s5 'topic' 'abc'",
].map(packetBytes);

function pushAll(chunks: readonly Uint8Array[]) {
  const guard = createPacketGuard();
  const passed: Uint8Array[] = [];
  let packetCount = 0;
  let refusal: string | undefined;
  for (const chunk of chunks) {
    const out = guard.push(chunk);
    passed.push(...out.pass);
    packetCount += out.packetCount;
    refusal ??= out.refusal?.reason;
  }
  return { bytes: Buffer.concat(passed).toString("hex"), packetCount, refusal };
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [...new Set(cuts.map((n) => n % bytes.length))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.slice(from, at[i] ?? bytes.length));
}

const packets = fc.array(fc.nat(good.length - 1), { maxLength: 20 }).map((picks) => picks.map((i) => good[i] ?? CONNECT));
const ending = fc.constantFrom(
  packetBytes(""),
  packetBytes("30 r9 s0 'payload'"),
  packetBytes("C0 r1 00"),
  packetBytes("30 r268435456"),
  packetBytes("32 r16 s5 'topic' m0 'payload'"),
);

test("any cutting of the same bytes passes the same packets and refuses at the same one", () => {
  fc.assert(
    fc.property(packets, ending, fc.array(fc.nat(4000), { maxLength: 30 }), (middle, last, cuts) => {
      // A repeated QoS 2 id is a law of its own, tested below.
      const calm = middle.filter((one) => one[0] !== 0x34);
      const bytes = Buffer.concat([CONNECT, ...calm, last]);
      const whole = pushAll([bytes]);
      expect(pushAll(cut(bytes, cuts))).toEqual(whole);
      expect(pushAll(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
      expect(whole.bytes).toBe(Buffer.concat([PASSED_CONNECT, ...calm]).toString("hex"));
      expect(whole.refusal === undefined).toBe(last.length === 0);
    }),
  );
});

test("noise never passes more than it brought, never throws, and ends with the first packet that isn't one", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (chunks) => {
      const noise = pushAll(chunks);
      expect(noise.packetCount).toBe(0);
      const after = pushAll([CONNECT, ...chunks]);
      expect(after.bytes.length / 2).toBeLessThanOrEqual(CONNECT.length + Buffer.concat(chunks).length);
    }),
  );
});

test("a packet of the largest size passes, one byte more is refused as soon as its length is known", () => {
  const body = MAX_PACKET_BYTES - 4;
  const largest = Buffer.concat([packetBytes(`30 r${body} s5 'topic'`), Buffer.alloc(body - 7)]);
  expect(pushAll([CONNECT, largest]).packetCount).toBe(2);
  const guard = createPacketGuard();
  guard.push(CONNECT);
  expect(guard.push(packetBytes(`30 r${body + 1}`)).refusal?.reason).toBe("too_large");
});

test("nothing passes after a refusal, not even good packets", () => {
  const guard = createPacketGuard();
  guard.push(CONNECT);
  expect(guard.push(packetBytes("38 r14 s5 'topic' 'payload'")).refusal?.reason).toBe("bad_flags");
  expect(guard.push(packetBytes("C0 r0")).pass).toEqual([]);
});

test("an empty keep-alive counts as the longest allowed, and a longer one is refused with an answer", () => {
  expect(createPacketGuard().push(packetBytes("10 r13 s4 'MQTT' 04 02 k0 s1 'p'")).keepAliveS).toBe(120);
  expect(createPacketGuard().push(CONNECT).keepAliveS).toBe(10);
  expect(createPacketGuard().push(packetBytes("10 r13 s4 'MQTT' 04 02 k121 s1 'p'")).refusal).toEqual({
    reason: "keep_alive",
    reply: packetBytes("20 r2 00 05"),
  });
});

test("the same QoS 2 packet may come twice before its PUBREL, and again after it", () => {
  const publish = packetBytes("34 r16 s5 'topic' m8 'payload'");
  const release = packetBytes("62 r2 m8");
  expect(pushAll([CONNECT, publish, publish, release, publish, publish]).refusal).toBeUndefined();
  expect(pushAll([CONNECT, publish, publish, publish]).refusal).toBe("repeated_id");
});

test("a tap takes packets out in order, and none that stands behind one which was passed", () => {
  const [plain, , , , , , , ping] = good;
  if (plain === undefined || ping === undefined) throw new Error("the list of good packets changed");
  const bytes = Buffer.concat([plain, plain, ping, plain]);
  for (let at = 1; at < bytes.length; at++) {
    const guard = createPacketGuard();
    guard.push(CONNECT);
    const order: string[] = [];
    for (const chunk of [bytes.subarray(0, at), bytes.subarray(at)]) {
      const out = guard.push(chunk, (_bytes, _start, from, end) => order.push(`tapped ${end - from}`) > 0);
      for (const passed of out.pass) order.push(`passed ${passed.length}`);
    }
    const tappedCount = order.filter((line) => line.startsWith("tapped")).length;
    expect(order.slice(0, 2)).toEqual(["tapped 14", "tapped 14"]);
    // Behind the ping the last one is passed with it, unless it came in a chunk of its own.
    expect(tappedCount === 3 ? order.slice(2) : order.slice(2).every((line) => line.startsWith("passed"))).toEqual(
      tappedCount === 3 ? ["passed 2", "tapped 14"] : true,
    );
  }
});

test("a client that opens more QoS 2 ids than it may is refused at the next", () => {
  const open = (count: number) => Array.from({ length: count }, (_, i) => packetBytes(`34 r16 s5 'topic' m${i + 1} 'payload'`));
  expect(pushAll([CONNECT, ...open(1000)]).refusal).toBeUndefined();
  expect(pushAll([CONNECT, ...open(1001)]).refusal).toBe("repeated_id");
});
