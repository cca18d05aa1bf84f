import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { jointPositions, segments } from "../../models/signal/body.ts";
import { atRate, bodyClip } from "./body-clip.ts";
import { readBvh } from "./bvh.ts";

const text = readFileSync(new URL("testdata/cmu-02_01.bvh", import.meta.url), "utf8");
const at = (name: (typeof segments)[number]) => segments.indexOf(name);
const small = (frames: string) =>
  `HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\nCHANNELS 6 Xposition Yposition Zposition Zrotation Yrotation Xrotation\nEnd Site\n{\nOFFSET 0 1 0\n}\n}\nMOTION\n${frames}`;

describe("a BVH file", () => {
  it("is read with its joints, their channels and all frames", () => {
    const bvh = readBvh(text);
    expect(bvh.joints).toHaveLength(31);
    expect(bvh.joints.find(({ name }) => name === "LeftFoot")).toMatchObject({ channels: ["Zrotation", "Yrotation", "Xrotation"] });
    expect(bvh.frames).toHaveLength(86);
    expect(bvh.frames.every((frame) => frame.length === 96)).toBe(true);
    expect(readBvh(text.replaceAll("\n", "\r\n"))).toEqual(bvh);
  });

  it.each([
    ["a frame too short", small("Frames: 1\nFrame Time: 0.1\n0 0 0 0 0"), 14],
    ["a word among numbers", small("Frames: 1\nFrame Time: 0.1\n0 0 0 0 0 x"), 14],
    ["frames that are missing", small("Frames: 2\nFrame Time: 0.1\n0 0 0 0 0 0"), 14],
    ["a frame that takes no time", small("Frames: 1\nFrame Time: 0\n0 0 0 0 0 0"), 13],
    ["no motion", "HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\n", 5],
    ["a channel that is none", "HIERARCHY\nROOT a\n{\nCHANNELS 1 Wrotation\n}\nMOTION\n", 4],
    ["a brace too many", "HIERARCHY\nROOT a\n{\n}\n}\nMOTION\n", 5],
    ["a second root", "HIERARCHY\nROOT a\n{\n}\nROOT b\n{\n}\nMOTION\n", 5],
    ["more frames than can be", small("Frames: 99999999\nFrame Time: 0.1\n"), 12],
  ])("with %s is refused with the line", (_, broken, line) => {
    expect(() => readBvh(broken)).toThrow(new RegExp(`line ${line} `));
  });
});

describe("a walk of CMU as the body of 15 segments", () => {
  const clip = bodyClip(readBvh(text));

  it("has bones of a person's length and feet that stay on the ground", () => {
    expect(clip.rateHz).toBeCloseTo(30, 3);
    expect(Math.hypot(...(clip.offsetsM[at("left-shank")] ?? [0]))).toBeCloseTo(0.404, 3);
    expect(clip.offsetsM[at("left-shank")]?.[0]).toBeCloseTo(0, 3);
    const lowest = Array.from({ length: clip.frames }, (_, frame) => {
      const joints = jointPositions(clip.rotations, clip.offsetsM, frame * segments.length);
      return Math.min(joints[at("left-foot")]?.[1] ?? 9, joints[at("right-foot")]?.[1] ?? 9) + (clip.rootM[frame * 3 + 1] ?? 0);
    });
    expect(Math.min(...lowest)).toBeGreaterThan(0);
    expect(Math.max(...lowest)).toBeLessThan(0.2);
  });

  it("walks forward where it faces, hands below the shoulders", () => {
    const moved = [0, 2].map((axis) => (clip.rootM[(clip.frames - 1) * 3 + axis] ?? 0) - (clip.rootM[axis] ?? 0));
    expect(moved[1]).toBeGreaterThan(1);
    const joints = jointPositions(clip.rotations, clip.offsetsM, 40 * segments.length);
    expect(joints[at("left-forearm")]?.[1]).toBeLessThan(joints[at("left-upper-arm")]?.[1] ?? 0);
    expect(joints[at("left-forearm")]?.[0]).toBeGreaterThan(0);
  });

  it("is the same at twice the rate, with turns between", () => {
    const fine = atRate(clip, 60);
    expect(fine.frames).toBe(171);
    const values = segments.length * 4;
    for (const frame of [0, 10, 85])
      expect([...fine.rotations.slice(2 * frame * values, (2 * frame + 1) * values)]).toEqual(
        [...clip.rotations.slice(frame * values, (frame + 1) * values)].map((value) => expect.closeTo(value, 5)),
      );
  });

  it("of a skeleton that nobody knows is refused", () => {
    expect(() => bodyClip(readBvh(small("Frames: 1\nFrame Time: 0.1\n0 0 0 0 0 0")))).toThrow(/skeleton/);
  });
});
