import { describe, expect, it } from "vitest";
import { meanOffsetsM, placements, segments } from "../../models/signal/body.ts";
import { aboutAxis, angleBetweenRad, noTurn } from "../../models/signal/quaternion.ts";
import { filled, withoutNetwork } from "./pose-baselines.ts";
import type { Sample, Samples } from "./tell-pose.ts";
import { burstDrops, sensorTracks } from "./virtual-sensors.ts";

/** Somebody who stands still and is moved along x by half t². */
const clip = (frames: number) => ({
  ...{ rateHz: 30, frames, offsetsM: meanOffsetsM },
  rotations: Float32Array.from(Array.from({ length: frames * segments.length }, () => noTurn).flat()),
  rootM: Float32Array.from(Array.from({ length: frames }, (_, i) => [0.5 * (i / 30) ** 2, 0, 0]).flat()),
});

describe("sensors on a recorded body", () => {
  it("sit askew by some degrees, the same at each run and others on another clip", () => {
    const [one, again, other] = ["a", "a", "b"].map((name) => sensorTracks(clip(30), name));
    expect(one).toEqual(again);
    expect(one).not.toEqual(other);
    const askew = placements.map((placement) => (angleBetweenRad(one?.[placement].rotations[3] ?? noTurn, noTurn) * 180) / Math.PI);
    expect(Math.max(...askew)).toBeGreaterThan(2);
    expect(Math.max(...askew)).toBeLessThan(30);
  });

  it("feel what they are moved by, at the ends of the clip too", () => {
    for (const { acceleration } of Object.values(sensorTracks(clip(30), "a")))
      for (const [x, y, z] of acceleration) {
        expect(x).toBeCloseTo(1, 2);
        expect([y, z]).toEqual([expect.closeTo(0, 6), expect.closeTo(0, 6)]);
      }
  });

  it("fall silent once in ten seconds for two, never the pelvis', never before they were heard nor so late that nobody sees them back", () => {
    for (const name of ["a", "b", "c", "d", "e", "f", "g"]) {
      const drops = burstDrops({ frames: 750, rateHz: 30 }, name, 2);
      expect(drops).toHaveLength(6);
      expect(drops).toEqual(burstDrops({ frames: 750, rateHz: 30 }, name, 2));
      for (const [i, { placement, from, to }] of drops.entries()) {
        const block = Math.floor(i / 2) * 300;
        expect(placement).not.toBe("pelvis");
        expect(to - from).toBe(60);
        expect(from).toBeGreaterThanOrEqual(Math.max(30, block));
        expect(to + 15).toBeLessThanOrEqual(Math.min(750, block + 300));
      }
      expect(drops[0]?.placement).not.toBe(drops[1]?.placement);
    }
    expect(burstDrops({ frames: 80, rateHz: 30 }, "a", 1)).toEqual([]);
  });
});

describe("what stands in for a silent sensor", () => {
  const turned = (angle: number): Sample => ({ rotation: aboutAxis([0, 1, 0], angle), acceleration: [1, 1, 1] });
  const samples: Samples = Object.fromEntries(
    placements.map((placement) => [
      placement,
      Array.from({ length: 60 }, (_, frame) => (placement === "head" && frame >= 10 ? undefined : turned(0.05 * frame))),
    ]),
  ) as unknown as Samples;

  it("keeps its place beside a body that turns, without acceleration", () => {
    const head = filled(samples, "hold").head;
    expect(angleBetweenRad(head[40]?.rotation ?? noTurn, aboutAxis([0, 1, 0], 2))).toBeLessThan(1e-6);
    expect(head[40]?.acceleration).toEqual([0, 0, 0]);
    expect(head[9]).toEqual(samples.head[9]);
  });

  it("or decays to the mean pose", () => {
    const from = (filling: "hold" | "slerp", frame: number) =>
      angleBetweenRad(filled(samples, filling).head[frame]?.rotation ?? noTurn, filled(samples, "hold").head[frame]?.rotation ?? noTurn);
    expect(from("slerp", 12)).toBeGreaterThan(0);
    expect(from("slerp", 59)).toBeGreaterThan(from("slerp", 12));
  });

  it("makes a body without a network that stands as its sensors do", () => {
    const body = withoutNetwork(filled(samples, "hold"), 60);
    expect(body).toHaveLength(60 * segments.length * 4);
    expect(body.every(Number.isFinite)).toBe(true);
    const at = (20 * segments.length + segments.indexOf("left-shank")) * 4;
    expect([...body.slice(at, at + 4)]).toEqual([...aboutAxis([0, 1, 0], 1)].map((value) => expect.closeTo(value, 5)));
  });
});
