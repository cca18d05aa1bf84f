import { expect, test } from "vitest";
import { emptyCounters } from "../contract/driver.ts";
import { encodeXbus } from "./frame.ts";
import { createXbusFramer, type FramerState } from "./xbus-framer.ts";

function framer(saved?: FramerState) {
  const counters = emptyCounters();
  const made = createXbusFramer(counters, saved);
  const push = (bytes: Uint8Array, isMessage: (id: number, payload: Uint8Array) => boolean = () => true) => {
    const found: [number, number[]][] = [];
    made.push(bytes, (id, payload) => {
      found.push([id, [...payload]]);
      return isMessage(id, payload);
    });
    return found;
  };
  return { push, state: made.state, count: () => [counters.bytesSkipped, counters.resyncs, counters.checksumFails] };
}

const message = encodeXbus(0x36, Uint8Array.of(1, 2, 3));
const found = [0x36, [1, 2, 3]];

test("messages come whole and in order, in any cutting", () => {
  const { push, count } = framer();
  expect(push(Buffer.concat([message, encodeXbus(0x42, new Uint8Array(0))]))).toEqual([found, [0x42, []]]);
  for (const byte of message.subarray(0, -1)) expect(push(Uint8Array.of(byte))).toEqual([]);
  expect(push(message.subarray(-1))).toEqual([found]);
  expect(count()).toEqual([0, 0, 0]);
});

test("bytes that are no message are skipped and counted one by one, and each loss of sync once", () => {
  const { push, count } = framer();
  expect(push(Buffer.concat([Uint8Array.of(1, 2), message, Uint8Array.of(0xfa, 3), message]))).toEqual([found, found]);
  expect(count()).toEqual([4, 2, 0]);
});

test("a wrong sum costs one byte, and a good message inside is found", () => {
  const { push, count } = framer();
  const inside = Uint8Array.from([0xfa, 0xff, 0x36, message.length, ...message, 0]);
  expect(push(inside)).toEqual([found]);
  expect(count()[2]).toBe(1);
  expect(push(message)).toEqual([found]);
});

test("a message that its reader does not take for one costs one byte as well", () => {
  const { push, count } = framer();
  const outer = encodeXbus(0x36, message);
  expect(push(outer, (_id, payload) => payload.length === 3)).toEqual([[0x36, [...message]], found]);
  // Four of the header and the sum behind the inner one.
  expect(count()).toEqual([5, 2, 0]);
});

test("long messages have an extended length, up to 1024 bytes, and only those that need it", () => {
  for (const length of [254, 255, 256, 1024]) {
    const payload = new Uint8Array(length).fill(7);
    expect([length, framer().push(encodeXbus(0x36, payload))]).toEqual([length, [[0x36, [...payload]]]]);
  }
  const claims = (length: number) => Uint8Array.from([0xfa, 0xff, 0x36, 255, length >> 8, length & 0xff]);
  for (const length of [254, 1025, 65_535]) {
    const { push, count } = framer();
    push(claims(length));
    expect([length, count()]).toEqual([length, [6, 1, 0]]);
  }
  const { push, count } = framer();
  push(claims(255));
  expect(count()).toEqual([0, 0, 0]);
});

test("what is half there goes over a restart, and whether sync was lost", () => {
  const first = framer();
  first.push(Uint8Array.of(9));
  first.push(message.subarray(0, 5));
  const state = first.state();
  expect(state).toEqual({ pending: message.slice(0, 5), isLost: true });
  const second = framer(structuredClone(state));
  expect(second.push(Uint8Array.of(...message.subarray(5)))).toEqual([found]);
  expect([second.count(), second.state()]).toEqual([[0, 0, 0], { pending: new Uint8Array(0), isLost: false }]);
  const third = framer({ pending: new Uint8Array(0), isLost: true });
  third.push(Uint8Array.of(9, 9));
  expect(third.count()).toEqual([2, 0, 0]);
});

test("more bytes than it holds at once are taken one part after the other", () => {
  const many = Buffer.concat(Array.from({ length: 900 }, () => message));
  expect(framer().push(many)).toHaveLength(900);
});
