import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checksum, encodeFrameHeader, encodeSegmentHeader, parseSegmentHeader, type SegmentHeader, scanFrames } from "./segment-format.ts";

const header: SegmentHeader = {
  isSealed: false,
  salt: new Uint8Array(16).fill(7),
  firstPosition: 41,
  baseTimeUs: 1.7e15,
  origin: { axisUs: 1.6e15, wallUs: -12 },
  bootId: "boot-1",
  lane: "p1",
};

function segmentOf(bodies: readonly Uint8Array[]) {
  const head = encodeSegmentHeader(header);
  const frames = bodies.map((body, i) => {
    const frame = {
      definesSources: i === 0,
      serial: i,
      position: 41 + i,
      count: 1,
      firstTimeUs: 1.7e15 + i,
      minTimeUs: 1.7e15 + i,
      maxTimeUs: 1.7e15 + i,
    };
    const bytes = encodeFrameHeader(frame, body.length, header);
    return Buffer.concat([bytes, body, checksum(bytes, body)]);
  });
  return { head, frames, bytes: Buffer.concat([head, ...frames]) };
}

const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 12 });
const positionsIn = (bytes: Uint8Array, from: number) => [...scanFrames(bytes, header, from)].map(({ position }) => position);

test("a header comes back as it went in, and one that was cut is none", () => {
  const bytes = encodeSegmentHeader(header);
  expect(parseSegmentHeader(bytes)?.header).toEqual(header);
  for (let length = 0; length < bytes.length; length++) expect(parseSegmentHeader(bytes.subarray(0, length))).toBeUndefined();
});

test("a segment cut anywhere holds exactly the frames that are whole", () => {
  fc.assert(
    fc.property(bodies, fc.nat(), (all, cut) => {
      const { head, frames, bytes } = segmentOf(all);
      const length = head.length + (cut % (bytes.length - head.length + 1));
      let end = head.length;
      const whole = frames.filter((frame) => {
        end += frame.length;
        return end <= length;
      });
      expect(positionsIn(bytes.subarray(0, length), head.length)).toEqual(whole.map((_, i) => 41 + i));
    }),
  );
});

test("one damaged byte costs the frame it lies in and no other", () => {
  fc.assert(
    fc.property(bodies, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, at, flip) => {
      const { head, frames, bytes } = segmentOf(all);
      const damaged = head.length + (at % (bytes.length - head.length));
      bytes[damaged]! ^= flip;
      let end = head.length;
      const hit = frames.findIndex((frame) => {
        end += frame.length;
        return damaged < end;
      });
      expect(positionsIn(bytes, head.length)).toEqual(all.map((_, i) => 41 + i).filter((position) => position !== 41 + hit));
    }),
  );
});

test("a frame from before, as an old sector has it, is not taken for a new one", () => {
  const { head, frames } = segmentOf([Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]);
  const [first, second, third] = frames as [Buffer, Buffer, Buffer];
  expect(positionsIn(Buffer.concat([head, first, second, first, second, third]), head.length)).toEqual([41, 42, 43]);
});

test("a sound frame behind noise is found", () => {
  fc.assert(
    fc.property(bodies, fc.uint8Array({ maxLength: 2000 }), (all, noise) => {
      const { head, frames } = segmentOf(all);
      expect(positionsIn(Buffer.concat([head, noise, ...frames]), head.length)).toEqual(all.map((_, i) => 41 + i));
    }),
  );
});
