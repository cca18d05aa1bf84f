import { describe, expect, it } from "vitest";
import { type MotionPlacement, placements, segments } from "../signal/body.ts";
import { aboutAxis, angleBetweenRad, conjugate, multiply, noTurn, type Quaternion } from "../signal/quaternion.ts";
import { turnedBody, values } from "./turned-body.ts";

/** No turn from the sensors, elbows and knees straight. */
const begin = Array.from({ length: values }, (_, i) => (i < 132 ? (i % 12 === 0 || i % 12 === 4 ? 1 : 0) : i % 2 === 0 ? 1 : 0));
const bodyOf = (
  numbers: readonly number[],
  places: Partial<Record<MotionPlacement, { rotation: Quaternion; isHeard: boolean }>>,
  heading: Quaternion = noTurn,
) => {
  const body = turnedBody(
    (i) => numbers[i] ?? Number.NaN,
    heading,
    (placement) => places[placement],
  );
  return (segment: (typeof segments)[number]) => body[segments.indexOf(segment)] ?? noTurn;
};
const apart = (a: Quaternion, b: Quaternion) => (angleBetweenRad(a, b) * 180) / Math.PI;
const turned = aboutAxis([0.6, 0, 0.8], 1.2);
const heard = (rotation: Quaternion) => ({ rotation, isHeard: true });

describe("a body put onto its sensors", () => {
  it("lies where a sensor that is heard says, and where a silent one was last as long as the network turns it by nothing", () => {
    const says = begin.map((value, i) => (i < 12 ? 0.3 : value));
    const at = bodyOf(says, { pelvis: heard(turned), head: { rotation: turned, isHeard: false } });
    expect(apart(at("pelvis"), turned)).toBeLessThan(1e-3);
    expect(apart(at("head"), turned)).toBeLessThan(1e-3);
    expect(apart(at("spine"), turned)).toBeLessThan(1e-3);
  });

  it("turns with the heading what the network says beside it, where no sensor was ever heard", () => {
    const says = begin.map((value, i) => (i >= 24 && i < 36 ? (i === 30 || i === 34 ? 1 : 0) : value));
    const heading = aboutAxis([0, 1, 0], 2);
    expect(apart(bodyOf(says, {}, heading)("left-forearm"), heading)).toBeLessThan(1e-3);
  });

  it("bends elbows and knees about their axis alone, the forearm forwards and the shank backwards", () => {
    const bent = begin.map((value, i) => (i < 132 ? value : i % 2 === 0 ? Math.cos(1) : Math.sin(1)));
    const all = Object.fromEntries(placements.map((placement) => [placement, heard(turned)])) as Record<
      MotionPlacement,
      ReturnType<typeof heard>
    >;
    const at = bodyOf(bent, all);
    const between = (upper: Quaternion, lower: Quaternion) => multiply(conjugate(upper), lower);
    expect(apart(between(at("left-thigh"), at("left-shank")), aboutAxis([1, 0, 0], 1))).toBeLessThan(1e-3);
    const [w, x, y, z] = between(at("left-upper-arm"), at("left-forearm"));
    expect(w).toBeCloseTo(Math.cos(0.5), 5);
    expect(x).toBeCloseTo(0, 5);
    expect(y).toBeCloseTo(-Math.sqrt(0.75) * Math.sin(0.5), 5);
    expect(z).toBeCloseTo(0.5 * Math.sin(0.5), 5);
    expect(between(at("right-upper-arm"), at("right-forearm"))[2]).toBeCloseTo(Math.sqrt(0.75) * Math.sin(0.5), 5);
  });
});
