/** Rotations as unit quaternions w x y z; `multiply(a, b)` turns by b first. */

export type Quaternion = readonly [w: number, x: number, y: number, z: number];
export type Vector = readonly [x: number, y: number, z: number];

export const noTurn: Quaternion = [1, 0, 0, 0];

export function multiply([aw, ax, ay, az]: Quaternion, [bw, bx, by, bz]: Quaternion): Quaternion {
  return [
    aw * bw - ax * bx - ay * by - az * bz,
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
  ];
}

export function conjugate([w, x, y, z]: Quaternion): Quaternion {
  return [w, -x, -y, -z];
}

/** Of length 1; undefined of what has no length or is no number. */
export function unit([w, x, y, z]: Quaternion): Quaternion | undefined {
  const length = Math.hypot(w, x, y, z);
  return length > 1e-6 && Number.isFinite(length) ? [w / length, x / length, y / length, z / length] : undefined;
}

export function rotate([w, x, y, z]: Quaternion, [a, b, c]: Vector): Vector {
  const [tx, ty, tz] = [2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)];
  return [a + w * tx + y * tz - z * ty, b + w * ty + z * tx - x * tz, c + w * tz + x * ty - y * tx];
}

/** About an axis of length 1. */
export function aboutAxis([x, y, z]: Vector, angleRad: number): Quaternion {
  const s = Math.sin(angleRad / 2);
  return [Math.cos(angleRad / 2), s * x, s * y, s * z];
}

/** The direction is the axis, the length the angle in radians. */
export function fromRotationVector([x, y, z]: Vector): Quaternion {
  const angle = Math.hypot(x, y, z);
  return angle < 1e-12 ? noTurn : aboutAxis([x / angle, y / angle, z / angle], angle);
}

export function angleBetweenRad(a: Quaternion, b: Quaternion): number {
  const [w, x, y, z] = multiply(conjugate(a), b);
  return 2 * Math.atan2(Math.hypot(x, y, z), Math.abs(w));
}

/** The turn from `a` towards `b`, the shorter way, cut evenly: `share` 0 is a, 1 is b. */
export function slerp(a: Quaternion, b: Quaternion, share: number): Quaternion {
  const dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
  const angle = Math.acos(Math.min(1, Math.abs(dot)));
  const s = Math.sin(angle);
  const [from, to] = s < 1e-6 ? [1 - share, share] : [Math.sin((1 - share) * angle) / s, Math.sin(share * angle) / s];
  const way = dot < 0 ? -to : to;
  return [from * a[0] + way * b[0], from * a[1] + way * b[1], from * a[2] + way * b[2], from * a[3] + way * b[3]];
}

/** The part of a rotation that is about the vertical (y): its twist, with w ≥ 0. Of one that has none, such as half a turn about a level axis, no turn. */
export function headingOf([w, , y]: Quaternion): Quaternion {
  const length = Math.hypot(w, y) * (w < 0 ? -1 : 1);
  return Math.abs(length) < 1e-6 ? noTurn : [w / length, 0, y / length, 0];
}

/** First and second column of the rotation (of length 1) as a matrix: a form without jumps, which networks learn (Zhou et al. 2019). */
export function toSixD([w, x, y, z]: Quaternion): readonly [number, number, number, number, number, number] {
  return [
    1 - 2 * (y * y + z * z),
    2 * (x * y + w * z),
    2 * (x * z - w * y),
    2 * (x * y - w * z),
    1 - 2 * (x * x + z * z),
    2 * (y * z + w * x),
  ];
}

/** The first column is kept, the second made square to it; no turn of numbers that give none. */
export function fromSixD(six: ArrayLike<number>, at = 0): Quaternion {
  const n = (i: number) => six[at + i] ?? 0;
  const a = normal([n(0), n(1), n(2)]);
  if (a === undefined) return noTurn;
  const along = a[0] * n(3) + a[1] * n(4) + a[2] * n(5);
  const b = normal([n(3) - along * a[0], n(4) - along * a[1], n(5) - along * a[2]]);
  return b === undefined ? noTurn : fromColumns(a, b, [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]);
}

/** Divides by the largest of the four, so that none is divided by what is near 0. w ≥ 0. */
function fromColumns(a: Vector, b: Vector, c: Vector): Quaternion {
  const four = [1 + a[0] + b[1] + c[2], 1 + a[0] - b[1] - c[2], 1 - a[0] + b[1] - c[2], 1 - a[0] - b[1] + c[2]] as const;
  const [p, q, r] = [b[2] - c[1], c[0] - a[2], a[1] - b[0]];
  const [e, f, g] = [a[1] + b[0], c[0] + a[2], b[2] + c[1]];
  const rows: readonly Quaternion[] = [
    [four[0], p, q, r],
    [p, four[1], e, f],
    [q, e, four[2], g],
    [r, f, g, four[3]],
  ];
  const found = unit(rows[four.indexOf(Math.max(...four))] ?? noTurn) ?? noTurn;
  return found[0] < 0 ? [-found[0], -found[1], -found[2], -found[3]] : found;
}

function normal([x, y, z]: Vector): Vector | undefined {
  const length = Math.hypot(x, y, z);
  return length > 1e-6 && Number.isFinite(length) ? [x / length, y / length, z / length] : undefined;
}
