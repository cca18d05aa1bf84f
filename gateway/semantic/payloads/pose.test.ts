import { expect, test } from "vitest";
import { shippedPayloads } from "../payload-codec.ts";
import { encodePose } from "../pose-code.ts";
import type { PosePayload } from "./pose.ts";

const standing = {
  rateHz: 30,
  rotations: Float32Array.from({ length: 2 * 60 }, (_, i) => (i % 4 === 0 ? 1 : 0)),
  states: new Uint8Array(30).fill(1),
};
const { code, errorDeg } = encodePose(standing, 1);
const body: PosePayload = {
  ...{ kind: "pose", person: "person-a", startUs: 1_700_000_000_000_000, code, pose: { ...standing, errorDeg } },
  about: [
    { device: "head", stream: "imu" },
    { device: "left-shank", stream: "imu" },
  ],
};

test.each([body, { ...body, model: { id: "motion-complete", version: "1.0.0" } }])("a body comes back as it was told", (payload) => {
  expect(shippedPayloads.decode(shippedPayloads.encode(payload))).toEqual(payload);
  expect(shippedPayloads.withNames(payload, { person: () => "p-1", name: (name) => name })).toEqual({ ...payload, person: "p-1" });
  expect(shippedPayloads.placeOf(payload)).toEqual({ person: "person-a", key: "", fromUs: body.startUs, toUs: body.startUs + 66_667 });
});

test.each([
  [{ about: [] }, "nobody's"],
  [{ code: undefined }, "no motion"],
  [{ code: Uint8Array.of(1, 2, 3) }, "undecodable|can't be decoded"],
])("a body without what it is made of is undecodable", (lacking, why) => {
  const bytes = shippedPayloads.encode({ ...body, ...lacking } as unknown as PosePayload);
  expect(() => shippedPayloads.decode(bytes)).toThrow(new RegExp(why));
});
