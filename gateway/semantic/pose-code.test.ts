import { describe, expect, test } from "vitest";
import { type Pose, SegmentState, segmentCount } from "../../device-drivers/contract/pose.ts";
import { decodePose, encodePose, maxPoseFrames } from "./pose-code.ts";
import { symbolWriter } from "./symbols.ts";

const frames = 300;

/** Every segment swings about an axis of its own, up to half a turn and a second long. */
function swinging(count = frames, state: (frame: number, segment: number) => number = () => SegmentState.measured): Pose {
  const rotations = new Float32Array(count * segmentCount * 4);
  const states = new Uint8Array(count * segmentCount);
  for (let frame = 0; frame < count; frame++) {
    for (let segment = 0; segment < segmentCount; segment++) {
      const half = 0.7 * Math.sin((2 * Math.PI * frame) / 33 + segment) + 0.01 * frame;
      const axis = [Math.sin(segment), Math.cos(segment) * 0.8, Math.cos(segment) * 0.6];
      const sign = (frame + segment) % 7 === 0 ? -1 : 1;
      const place = frame * segmentCount + segment;
      rotations.set(
        [Math.cos(half), ...axis.map((part) => part * Math.sin(half))].map((part) => sign * part),
        place * 4,
      );
      states[place] = state(frame, segment);
    }
  }
  return { rateHz: 30, rotations, states };
}

function angleDeg(a: Float32Array, b: Float32Array, from: number): number {
  const dot = [0, 1, 2, 3].reduce((sum, i) => sum + (a[from + i] ?? 0) * (b[from + i] ?? 0), 0);
  return (2 * Math.acos(Math.min(1, Math.abs(dot))) * 180) / Math.PI;
}

function worstDeg(pose: Pose, decoded: Pose): number {
  let worst = 0;
  for (let at = 0; at < pose.states.length; at++)
    if (pose.states[at] !== SegmentState.unknown) worst = Math.max(worst, angleDeg(pose.rotations, decoded.rotations, at * 4));
  return worst;
}

describe("a body's motion in few bytes", () => {
  test.each([1, 0.3, 5])("no rotation is further off than the error that it states, within %s°", (limitDeg) => {
    const pose = swinging();
    const { code, errorDeg } = encodePose(pose, limitDeg);
    const decoded = decodePose(code);
    expect(errorDeg).toBeLessThanOrEqual(limitDeg + 1 / 256);
    expect(decoded.errorDeg).toBe(errorDeg);
    // A turn of less than 0.05° can't be told from none in single precision.
    expect(worstDeg(pose, decoded)).toBeLessThanOrEqual(errorDeg + 0.05);
    expect(decoded.rateHz).toBe(30);
  });

  test("says of each segment and frame how it was known, and nothing of what was not", () => {
    const pose = swinging(frames, (frame, segment) =>
      segment === 7 && frame > 100 ? 2 : segment === 3 || (segment === 0 && frame % 50 < 9) ? 0 : 1,
    );
    const decoded = decodePose(encodePose(pose, 1).code);
    expect(decoded.states).toEqual(pose.states);
    expect(worstDeg(pose, decoded)).toBeLessThanOrEqual(1.1);
  });

  test.each([0, 1, 2, 17])("%i frames are a stretch too", (count) => {
    const pose = swinging(count);
    const decoded = decodePose(encodePose(pose, 1).code);
    expect(decoded.states).toHaveLength(count * segmentCount);
    expect(worstDeg(pose, decoded)).toBeLessThanOrEqual(1.1);
  });

  test("bytes that nobody wrote are undecodable, and never a body without end", () => {
    const { code } = encodePose(swinging(40), 1);
    let seed = 5;
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    for (let i = 0; i < 200; i++) {
      const broken = code.slice(0, 1 + Math.floor(random() * code.length));
      broken[Math.floor(random() * broken.length)] = Math.floor(random() * 256);
      try {
        expect(decodePose(broken).states.length).toBeLessThanOrEqual(maxPoseFrames * segmentCount);
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: "semantic.undecodable" });
      }
    }
    const io = symbolWriter();
    io.number(80, maxPoseFrames + 1);
    expect(() => decodePose(io.bytes())).toThrow("too long");
  });
});
