import { beforeAll, expect, test } from "vitest";
import type { BodyClip } from "../../gateway/recordings/body-clip.ts";
import { placements, quaternionAt, segments } from "../../models/signal/body.ts";
import { angleBetweenRad, multiply, type Quaternion, rotate } from "../../models/signal/quaternion.ts";
import { loadWalk } from "../excerpts/body-clip.ts";
import { bodyImuSource, noMotionFaults } from "./body-imu.ts";
import type { SignalSource } from "./signal-source.ts";

let walk: BodyClip;
beforeAll(async () => {
  walk = await loadWalk();
});

const roundS = 2.2;

function rowsOf(source: SignalSource, fromS: number, toS: number): number[][] {
  const { channels } = source.read(Math.round(fromS * source.rateHz), Math.round((toS - fromS) * source.rateHz));
  return Array.from({ length: channels[0]?.length ?? 0 }, (_, i) =>
    channels.map((row, at) => (row[i] ?? 0) * (source.channels[at]?.scale ?? 0)),
  );
}
const turnOf = (row: readonly number[]) => row.slice(0, 4) as unknown as Quaternion;
const degrees = (rad: number) => (rad * 180) / Math.PI;

test.each(placements)("a sensor on the %s turns with it, round after round", (placement) => {
  const source = bodyImuSource(walk, { placement, seed: 3 });
  const [first, second] = [rowsOf(source, 0, roundS), rowsOf(source, roundS, 2 * roundS)];
  for (const [i, row] of first.entries()) {
    const truth = quaternionAt(walk.rotations, i * segments.length + segments.indexOf(placement));
    expect(degrees(angleBetweenRad(turnOf(row), truth))).toBeLessThan(1.2);
    expect(degrees(angleBetweenRad(turnOf(row), turnOf(second[i] ?? [])))).toBeLessThan(1.6);
  }
});

test("acceleration is gravity while it is averaged, and no blow at the seam; turned by the orientation it points up", () => {
  const rows = rowsOf(bodyImuSource(walk, { placement: "pelvis", seed: 3, mountDeg: 90 }), 0, 4 * roundS);
  const world = rows.map((row) => rotate(turnOf(row), [row[4] ?? 0, row[5] ?? 0, row[6] ?? 0]));
  const mean = [0, 1, 2].map((axis) => world.reduce((sum, each) => sum + (each[axis] ?? 0), 0) / world.length);
  expect(mean[0]).toBeCloseTo(0, 0);
  expect(mean[1]).toBeCloseTo(9.8, 0);
  expect(mean[2]).toBeCloseTo(0, 0);
  expect(Math.max(...world.map(([x, y, z]) => Math.hypot(x, y, z)))).toBeLessThan(30);
});

test("the rate of turn adds up to the turn", () => {
  const source = bodyImuSource(walk, { placement: "right-shank", seed: 3, mountDeg: 30 });
  const rows = rowsOf(source, 0, 0.5);
  let turn = turnOf(rows[0] ?? []);
  for (const row of rows.slice(0, -1)) {
    const [x = 0, y = 0, z = 0] = row.slice(7, 10).map((part) => part / source.rateHz / 2);
    const length = Math.hypot(x, y, z) || 1e-9;
    const s = Math.sin(length) / length;
    turn = multiply(turn, [Math.cos(length), s * x, s * y, s * z]);
  }
  expect(degrees(angleBetweenRad(turn, turnOf(rows.at(-1) ?? [])))).toBeLessThan(2);
});

test("faults do what their names say", () => {
  const plain = { placement: "left-forearm", seed: 3 } as const;
  const angle = (of: Partial<Parameters<typeof bodyImuSource>[1]>, atS = 0) => {
    const [a = [], b = []] = [bodyImuSource(walk, plain), bodyImuSource(walk, { ...plain, ...of })].map(
      (source) => rowsOf(source, atS, atS + 0.1)[0],
    );
    return degrees(angleBetweenRad(turnOf(a), turnOf(b)));
  };
  expect(angle({ mountDeg: 7 })).toBeCloseTo(7, 0);
  expect(angle({ headingDeg: 120 })).toBeCloseTo(120, 0);
  expect(angle({ faults: { ...noMotionFaults(), driftDegPerMin: 5 } }, 120)).toBeCloseTo(10, 0);
  expect(angle({ faults: { ...noMotionFaults(), magneticDeg: 25 } })).toBeCloseTo(25, 0);
  expect(angle({ faults: { ...noMotionFaults(), slipDeg: 15 } })).toBeCloseTo(15, 0);
  const swapped = bodyImuSource(walk, { ...plain, wornOn: "right-forearm" });
  expect(swapped.placement).toBe("left-forearm");
  const other = bodyImuSource(walk, { placement: "right-forearm", seed: 3 });
  expect(swapped.read(0, 50)).toEqual(other.read(0, 50));
});
