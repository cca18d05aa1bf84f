import { describe, expect, it } from "vitest";
import {
  aboutAxis,
  angleBetweenRad,
  conjugate,
  fromRotationVector,
  fromSixD,
  headingOf,
  multiply,
  noTurn,
  type Quaternion,
  rotate,
  slerp,
  toSixD,
  unit,
} from "./quaternion.ts";

const some: readonly Quaternion[] = [
  noTurn,
  aboutAxis([0, 1, 0], Math.PI / 2),
  aboutAxis([1, 0, 0], Math.PI),
  aboutAxis([0, 0, 1], -3),
  fromRotationVector([0.3, -1.2, 0.7]),
  multiply(aboutAxis([0, 1, 0], Math.PI), aboutAxis([1, 0, 0], 2.9)),
];

describe("rotations as quaternions", () => {
  it("turn a vector by a quarter about the vertical from z to x", () => {
    const turned = rotate(aboutAxis([0, 1, 0], Math.PI / 2), [0, 0, 2]);
    [2, 0, 0].forEach((value, i) => {
      expect(turned[i]).toBeCloseTo(value, 12);
    });
  });

  it("come back from their two columns, half turns included", () => {
    for (const each of some) expect(angleBetweenRad(fromSixD(toSixD(each)), each)).toBeLessThan(1e-7);
  });

  it("make the second column square to the first, and no turn of nothing", () => {
    expect(angleBetweenRad(fromSixD([3, 0, 0, 5, 0.2, 0]), noTurn)).toBeLessThan(1e-7);
    expect(fromSixD([0, 0, 0, 1, 0, 0])).toEqual(noTurn);
    expect(fromSixD([1, 0, 0, 2, 0, 0])).toEqual(noTurn);
    expect(fromSixD([Number.NaN, 0, 0, 2, 0, 0])).toEqual(noTurn);
  });

  it("are undone by their conjugate, and turn by the second first", () => {
    for (const each of some) expect(angleBetweenRad(multiply(each, conjugate(each)), noTurn)).toBeLessThan(1e-7);
    const first = aboutAxis([1, 0, 0], Math.PI / 2);
    const then = aboutAxis([0, 1, 0], Math.PI / 2);
    // y to z by the first, z to x by the other.
    expect(rotate(multiply(then, first), [0, 1, 0])[0]).toBeCloseTo(1, 12);
  });

  it("are cut evenly, the shorter way round whatever the sign", () => {
    const end = aboutAxis([0, 1, 0], 1);
    const away: Quaternion = [-end[0], -end[1], -end[2], -end[3]];
    for (const to of [end, away]) expect(angleBetweenRad(slerp(noTurn, to, 0.25), aboutAxis([0, 1, 0], 0.25))).toBeLessThan(1e-7);
  });

  it("have as heading what they turn about the vertical", () => {
    const tilted = multiply(aboutAxis([0, 1, 0], 0.8), aboutAxis([1, 0, 0], 0.5));
    expect(angleBetweenRad(headingOf(tilted), aboutAxis([0, 1, 0], 0.8))).toBeLessThan(1e-7);
    expect(headingOf(aboutAxis([1, 0, 0], Math.PI))).toEqual(noTurn);
  });

  it("have no unit where there is no length", () => {
    expect(unit([0, 0, 0, 0])).toBeUndefined();
    expect(unit([Number.NaN, 0, 0, 1])).toBeUndefined();
    expect(unit([0, 0, 0, 4])).toEqual([0, 0, 0, 1]);
  });
});
