import { describe, expect, test } from "vitest";
import { packetBytes } from "../../test/mqtt-packets/packet-text.ts";
import { isStrictText, isTopicFilter, isTopicName } from "./mqtt-text.ts";
import { createPacketGuard } from "./packet-guard.ts";

const connect = packetBytes("10 r13 s4 'MQTT' 04 02 k10 s1 'p'");

/** What the guard says of a packet that follows a good CONNECT, and how many bytes of it pass. */
function after(packet: string) {
  const guard = createPacketGuard();
  guard.push(connect.slice());
  const { refusal, pass, packetCount } = guard.push(packetBytes(packet));
  return refusal?.reason ?? (packetCount === 1 && pass.length === 1 ? "passed" : "lost");
}

test.each([
  // PUBLISH
  ["30 r2 s0", "bad_topic"],
  ["30 r1 00", "bad_length"],
  ["30 r0", "bad_length"],
  ["30 r3 s1 'a'", "passed"],
  ["30 r3 s2 'a'", "bad_length"],
  ["31 r3 s1 'a'", "passed"],
  ["38 r3 s1 'a'", "bad_flags"],
  ["3A r5 s1 'a' m1", "passed"],
  ["32 r5 s1 'a' m1", "passed"],
  ["32 r5 s1 'a' m256", "passed"],
  ["32 r5 s1 'a' m0", "bad_packet_id"],
  ["32 r4 s1 'a' 01", "bad_length"],
  ["32 r3 s1 'a'", "bad_length"],
  ["34 r5 s1 'a' m1", "passed"],
  ["34 r5 s1 'a' m0", "bad_packet_id"],
  ["36 r5 s1 'a' m1", "bad_qos"],
  ["30 r3 s1 '+'", "bad_topic"],
  ["30 r3 s1 '#'", "bad_topic"],
  ["30 r3 s1 00", "bad_topic"],
  // PUBACK, PUBREC, PUBREL, PUBCOMP
  ["40 r2 m1", "passed"],
  ["50 r2 m256", "passed"],
  ["62 r2 m1", "passed"],
  ["70 r2 m1", "passed"],
  ["40 r2 m0", "bad_packet_id"],
  ["62 r2 m0", "bad_packet_id"],
  ["40 r1 01", "bad_length"],
  ["40 r3 m1 00", "bad_length"],
  ["41 r2 m1", "bad_flags"],
  ["60 r2 m1", "bad_flags"],
  ["72 r2 m1", "bad_flags"],
  // SUBSCRIBE, UNSUBSCRIBE
  ["82 r6 m1 s1 'a' 00", "passed"],
  ["82 r6 m1 s1 'a' 02", "passed"],
  ["82 r10 m1 s1 'a' 01 s1 'b' 01", "passed"],
  ["82 r6 m1 s1 'a' 03", "bad_qos"],
  ["82 r10 m1 s1 'a' 01 s1 'b' 03", "bad_qos"],
  ["82 r6 m0 s1 'a' 00", "bad_packet_id"],
  ["82 r2 m1", "bad_length"],
  ["82 r1 00", "bad_length"],
  ["82 r3 m1 00", "bad_length"],
  ["82 r5 m1 s1 'a'", "bad_length"],
  ["82 r6 m1 s2 'a' 00", "bad_length"],
  ["82 r7 m1 s1 'a' 00 00", "bad_length"],
  ["82 r5 m1 s0 00", "bad_topic"],
  ["82 r7 m1 s2 'a+' 00", "bad_topic"],
  ["80 r6 m1 s1 'a' 00", "bad_flags"],
  ["A2 r5 m1 s1 'a'", "passed"],
  ["A2 r8 m256 s1 'a' s1 'b'", "passed"],
  ["A2 r6 m1 s1 'a' 00", "bad_length"],
  ["A2 r2 m1", "bad_length"],
  ["A2 r5 m0 s1 'a'", "bad_packet_id"],
  ["A2 r5 m1 s2 'a'", "bad_length"],
  ["A0 r5 m1 s1 'a'", "bad_flags"],
  // PINGREQ, DISCONNECT, and what only a server says
  ["C0 r0", "passed"],
  ["C0 r1 00", "bad_length"],
  ["C1 r0", "bad_flags"],
  ["E0 r0", "passed"],
  ["E0 r1 00", "bad_length"],
  ["20 r2 00 00", "bad_type"],
  ["90 r3 m1 00", "bad_type"],
  ["B0 r2 m1", "bad_type"],
  ["D0 r0", "bad_type"],
  ["F0 r0", "bad_type"],
  ["00 r0", "bad_type"],
  ["10 r13 s4 'MQTT' 04 02 k10 s1 'p'", "second_connect"],
  ["C0 80 80 80 80", "bad_length"],
])("after CONNECT %s is %s", (packet, verdict) => {
  expect(after(packet)).toBe(verdict);
});

const badId = packetBytes("20 r2 00 02");
const otherVersion = packetBytes("20 r3 00 84 00");
const body = (text: string) => {
  const bytes = packetBytes(text);
  return Uint8Array.from([0x10, bytes.length, ...bytes]);
};

test.each([
  ["s4 'MQTT' 04 02 k120 s1 'p'", undefined],
  ["s4 'MQTT' 04 02 k10 s0", undefined],
  ["s6 'MQIsdp' 03 02 k10 s1 'p'", undefined],
  ["s6 'MQIsdp' 03 03 k10 s1 'p'", undefined],
  ["s4 'MQTT' 04 C2 k10 s1 'p' s1 'u' s1 'w'", undefined],
  ["s4 'MQTT' 04 82 k10 s1 'p' s1 'u'", undefined],
  ["s4 'MQTT' 04 06 k10 s1 'p' s1 't' s0", undefined],
  ["s4 'MQTT' 04 36 k10 s1 'p' s1 't' s1 00", undefined],
  ["s4 'MQTT' 04 C6 k10 s1 'p' s1 't' s1 'm' s1 'u' s2 FF00", undefined],
  ["s4 'MQTT' 04 02 k121 s1 'p'", { reason: "keep_alive", reply: packetBytes("20 r2 00 05") }],
  ["s4 'MQTT' 04 00 k10 s0", { reason: "bad_client_id", reply: badId }],
  ["s6 'MQIsdp' 03 02 k10 s0", { reason: "bad_client_id", reply: badId }],
  ["s4 'MQTT' 05 02 k10 s1 'p'", { reason: "bad_protocol", reply: otherVersion }],
  ["s6 'MQIsdp' 02 02 k10 s1 'p'", { reason: "bad_protocol", reply: otherVersion }],
  ["s4 'MQTT' 03 02 k10 s1 'p'", { reason: "bad_protocol", reply: packetBytes("20 r2 00 01") }],
  ["s6 'MQIsdp' 04 02 k10 s1 'p'", { reason: "bad_protocol", reply: packetBytes("20 r2 00 01") }],
  ["s4 'MQTX' 04 02 k10 s1 'p'", { reason: "bad_protocol" }],
  ["s7 'MQTTxyz' 04 02 k10 s1 'p'", { reason: "bad_protocol" }],
  ["s4 'MQTT' 04 02 k10", { reason: "bad_connect" }],
  ["s4 'MQTT' 04 02", { reason: "bad_connect" }],
  ["00", { reason: "bad_connect" }],
  ["s9 'MQTT'", { reason: "bad_connect" }],
  ["s4 'MQTT' 04 02 k10 s2 'p'", { reason: "bad_connect" }],
  ["s4 'MQTT' 04 02 k10 s1 'p' 00", { reason: "bad_connect" }],
  ["s4 'MQTT' 04 02 k10 s1 'p' s1 'u'", { reason: "bad_connect" }],
  ["s4 'MQTT' 04 42 k10 s1 'p' s1 'w'", { reason: "bad_connect" }],
  ["s4 'MQTT' 04 82 k10 s1 'p'", { reason: "bad_connect" }],
  ["s4 'MQTT' 04 82 k10 s1 'p' s2 'u'", { reason: "bad_connect" }],
  ["s4 'MQTT' 04 C2 k10 s1 'p' s1 'u'", { reason: "bad_connect" }],
  ["s4 'MQTT' 04 C2 k10 s1 'p' s1 'u' s2 'w'", { reason: "bad_connect" }],
  ["s4 'MQTT' 04 06 k10 s1 'p' s1 't'", { reason: "bad_connect" }],
  ["s4 'MQTT' 04 06 k10 s1 'p'", { reason: "bad_connect" }],
  ["s4 'MQTT' 04 03 k10 s1 'p'", { reason: "bad_flags" }],
  ["s4 'MQTT' 04 1E k10 s1 'p' s1 't' s0", { reason: "bad_will" }],
  ["s4 'MQTT' 04 0A k10 s1 'p'", { reason: "bad_will" }],
  ["s4 'MQTT' 04 22 k10 s1 'p'", { reason: "bad_will" }],
  ["s4 'MQTT' 04 06 k10 s1 'p' s0 s0", { reason: "bad_will" }],
  ["s4 'MQTT' 04 06 k10 s1 'p' s1 '+' s0", { reason: "bad_will" }],
  ["s4 'MQTT' 04 06 k10 s1 'p' s2 '$x' s0", { reason: "bad_will" }],
  ["s4 'MQTT' 04 02 k10 s1 00", { reason: "bad_text" }],
  ["s4 'MQTT' 04 82 k10 s1 'p' s1 00", { reason: "bad_text" }],
])("CONNECT %s: %o", (text, refusal) => {
  expect(createPacketGuard().push(body(text)).refusal).toEqual(refusal);
});

test("of MQTT 3.1 reserved bits are cleared, of 3.1.1 they are refused, and the keep-alive is taken out of both", () => {
  const old = Uint8Array.from([0x1f, ...body("s6 'MQIsdp' 03 03 k10 s1 'p'").subarray(1)]);
  const out = createPacketGuard().push(old);
  expect([out.refusal, out.keepAliveS]).toEqual([undefined, 10]);
  expect(out.pass).toEqual([body("s6 'MQIsdp' 03 02 k0 s1 'p'")]);
  const now = Uint8Array.from([0x11, ...body("s4 'MQTT' 04 02 k10 s1 'p'").subarray(1)]);
  expect(createPacketGuard().push(now).refusal).toEqual({ reason: "bad_flags" });
  const long = createPacketGuard().push(body("s4 'MQTT' 04 02 k120 s1 'p'"));
  expect([long.keepAliveS, long.pass]).toEqual([120, [body("s4 'MQTT' 04 02 k0 s1 'p'")]]);
});

describe("before CONNECT", () => {
  const first = (...bytes: number[]) => createPacketGuard().push(Uint8Array.from(bytes)).refusal?.reason;

  test("a packet larger than any is refused by its length, and nothing is kept of it", () => {
    expect(first(0x10, 0xff, 0xff, 0xff, 0x7f)).toBe("too_large");
    expect(first(0x10, 0xfd, 0xff, 0x03)).toBe("too_large");
    expect(first(0x10, 0xfc, 0xff, 0x03)).toBeUndefined();
    expect(first(0x10, 0xff, 0xff, 0xff, 0xff)).toBe("bad_length");
    const guard = createPacketGuard();
    const verdicts = [0x10, 0xff, 0xff, 0xff, 0x7f].map((byte) => guard.push(Uint8Array.of(byte)).refusal?.reason);
    expect(verdicts).toEqual([undefined, undefined, undefined, undefined, "too_large"]);
    expect(guard.push(connect.slice())).toMatchObject({ pass: [], packetCount: 0 });
  });

  test("any other packet is refused by its first byte", () => {
    for (const byte of [0x00, 0x20, 0x30, 0xc0, 0xe0, 0xff]) expect(first(byte)).toBe("not_connected");
  });

  test("the limit is the one that was given", () => {
    const guard = createPacketGuard(15);
    expect(guard.push(connect.slice()).packetCount).toBe(1);
    expect(guard.push(packetBytes("30 r13 s1 'a' '0123456789'")).packetCount).toBe(1);
    expect(guard.push(packetBytes("30 r14 s1 'a' '0123456789x'")).refusal).toEqual({ reason: "too_large" });
  });
});

describe("what a client says of itself", () => {
  const said = (...packets: string[]) => {
    const guard = createPacketGuard();
    guard.push(connect.slice());
    return guard.push(Buffer.concat(packets.map(packetBytes)));
  };

  test("farewell is DISCONNECT and nothing else", () => {
    expect(said("C0 r0").isFarewell).toBe(false);
    expect(said("C0 r0", "E0 r0").isFarewell).toBe(true);
  });

  test("acknowledgements are PUBACK, PUBREC and PUBCOMP", () => {
    const all = said("40 r2 m1", "50 r2 m1", "62 r2 m1", "70 r2 m1", "C0 r0", "82 r6 m1 s1 'a' 00");
    expect([all.ackCount, all.packetCount]).toEqual([3, 6]);
  });
});

describe("an open QoS 2 id", () => {
  const publish = (id: number, text = "x", first = "34") => packetBytes(`${first} r6 s1 'a' m${id} '${text}'`);
  const push = (...packets: Uint8Array[]) => {
    const guard = createPacketGuard();
    guard.push(connect.slice());
    const out = guard.push(Buffer.concat(packets));
    return [out.packetCount, out.refusal?.reason];
  };

  test("counts by content: another content begins anew, a marked repeat does not count", () => {
    expect(push(publish(1), publish(1), publish(1))).toEqual([2, "repeated_id"]);
    expect(push(publish(1), publish(1), publish(1, "y"), publish(1, "y"))).toEqual([4, undefined]);
    expect(push(publish(1), ...Array(5).fill(publish(1, "x", "3C")))).toEqual([6, undefined]);
    expect(push(publish(1), publish(257), publish(1), publish(257))).toEqual([4, undefined]);
  });

  test("ends with its PUBREL alone", () => {
    expect(push(publish(1), publish(1), packetBytes("62 r2 m1"), publish(1), publish(1))).toEqual([5, undefined]);
    expect(push(publish(1), publish(1), packetBytes("62 r2 m2"), publish(1))).toEqual([3, "repeated_id"]);
    expect(push(publish(1), publish(1), packetBytes("70 r2 m1"), publish(1))).toEqual([3, "repeated_id"]);
  });

  test("is one of a thousand at most", () => {
    const thousand = Array.from({ length: 1000 }, (_, i) => publish(i + 1));
    expect(push(...thousand, publish(1))).toEqual([1001, undefined]);
    expect(push(...thousand, publish(1001))).toEqual([1000, "repeated_id"]);
    expect(push(...thousand, packetBytes("62 r2 m5"), publish(1001))).toEqual([1002, undefined]);
  });
});

describe("text", () => {
  const strict = (...bytes: number[]) => isStrictText(Uint8Array.from(bytes), 0, bytes.length);
  const utf8 = (point: number) => strict(...Buffer.from(String.fromCodePoint(point)));

  test("has every character from the first that is no control to the last of each plane, and none that is no character", () => {
    for (const point of [0x20, 0x7e, 0xa0, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfdcf, 0xfdf0, 0xfffd, 0x10000, 0x1fffd, 0x10fffd])
      expect([point, utf8(point)]).toEqual([point, true]);
    for (const point of [0, 1, 0x1f, 0x7f, 0x80, 0x9f, 0xfdd0, 0xfdef, 0xfffe, 0xffff, 0x1fffe, 0x10ffff])
      expect([point, utf8(point)]).toEqual([point, false]);
  });

  test("is UTF-8: no surrogate, no form that is too long, none that breaks off or goes beyond the last plane", () => {
    for (const bytes of [
      [0xed, 0xa0, 0x80],
      [0xed, 0xbf, 0xbf],
      [0xc0, 0xa0],
      [0xc1, 0xbf],
      [0xe0, 0x9f, 0xbf],
      [0xf0, 0x8f, 0xbf, 0xbd],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
      [0x80],
      [0xc3],
      [0xe2, 0x82],
      [0xf0, 0x9f, 0x98],
      [0xc3, 0x28],
      [0xe2, 0x28, 0xa1],
      [0xe2, 0x82, 0x28],
    ])
      expect([bytes, strict(...bytes)]).toEqual([bytes, false]);
    // What follows the end belongs to somebody else.
    expect(isStrictText(Uint8Array.of(0xc3, 0xa9), 0, 1)).toBe(false);
    expect(isStrictText(Uint8Array.of(0, 0x61, 0), 1, 2)).toBe(true);
    expect(strict(0x61, 0xc3, 0xa9, 0x00)).toBe(false);
    expect(strict()).toBe(true);
  });

  const whole = (check: typeof isTopicName) => (text: string) => check(Buffer.from(text), 0, Buffer.byteLength(text));

  test("a topic is not empty and has no wildcard", () => {
    const isName = whole(isTopicName);
    for (const topic of ["a", "/", "a/b", "zoë/x", "$SYS", " "]) expect([topic, isName(topic)]).toEqual([topic, true]);
    for (const topic of ["", "a/+", "#", "a\0", "a\u007f", "ë\u0001", "a+b"]) expect([topic, isName(topic)]).toEqual([topic, false]);
    expect(isTopicName(Uint8Array.of(0x61, 0xc3), 0, 2)).toBe(false);
  });

  test("in a filter + stands alone in its level and # alone in the last", () => {
    const isFilter = whole(isTopicFilter);
    for (const filter of ["#", "+", "a/#", "+/+", "a/+/b", "/+", "+/", "a", "/#"])
      expect([filter, isFilter(filter)]).toEqual([filter, true]);
    for (const filter of ["", "a#", "#/a", "a/#/b", "a+", "+a", "a/+b", "a/b+/c", "##", "++", "a\0"])
      expect([filter, isFilter(filter)]).toEqual([filter, false]);
  });
});
