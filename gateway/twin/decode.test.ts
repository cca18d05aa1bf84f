import { expect, test } from "vitest";
import { encodeFrame } from "../semantic/frame.ts";
import { encodePayload } from "../semantic/payload-codec.ts";
import { decodeFrames, readFrames } from "./decode.ts";

const payload = (person: string) =>
  ({ kind: "events", person, fromUs: 0, toUs: 5, beats: [], rhythms: [], vitals: [], gaps: [], watched: [] }) as const;
const frame = (n: number, person: string) =>
  encodeFrame({ g: "replay", e: new Uint8Array(8), n, c: "semantic", t: n, p: encodePayload(payload(person)) }, () => new Uint8Array(64));

test("frames one after the other come back in order; nothing is nothing; a torn end is an error", () => {
  const bytes = Buffer.concat([frame(0, "person-a"), frame(1, "person-b"), frame(2, "person-a")]);
  expect(decodeFrames(bytes)).toEqual([payload("person-a"), payload("person-b"), payload("person-a")]);
  expect(readFrames(bytes).map(({ n }) => n)).toEqual([0, 1, 2]);
  expect(decodeFrames(new Uint8Array())).toEqual([]);
  expect(() => decodeFrames(bytes.subarray(0, bytes.length - 1))).toThrow(expect.objectContaining({ code: "semantic.bad_cbor" }));
});
