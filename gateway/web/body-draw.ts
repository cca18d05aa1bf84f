/** Draws a body on a canvas, seen from any side, without a 3-D engine. What was measured is solid, what was completed hollow with a broken line. */

import type { Bone } from "./body-shape.ts";

export interface Camera {
  /** Degrees about the vertical; 0 sees the body from the front as it stood when its sensors were put on. */
  readonly turnDeg: number;
  /** Degrees from above. */
  readonly tiltDeg: number;
}

export interface BodyColours {
  readonly ink: string;
  readonly fill: string;
  readonly back: string;
  readonly floor: string;
}

interface Flat {
  readonly x: number;
  readonly y: number;
  readonly depth: number;
}

/** Height and width of what is shown, m. */
const shownM = 2.2;
const floorRadiusM = 0.55;
const floorPoints = 36;

/** The canvas has `width` × `height` units. The lowest point of the body stands on the floor. */
export function drawBody(
  context: CanvasRenderingContext2D,
  bones: readonly Bone[],
  {
    width,
    height,
    camera,
    colours,
  }: { readonly width: number; readonly height: number; readonly camera: Camera; readonly colours: BodyColours },
): void {
  context.clearRect(0, 0, width, height);
  if (bones.length === 0) return;
  const scale = Math.min(width, height) / shownM;
  const lowest = Math.min(...bones.flatMap(({ from, to, widthM }) => [from[1] - widthM, to[1] - widthM]));
  const flat = projectionOf(camera, { scale, middleX: width / 2, floorY: height - 0.14 * height, lowest });
  drawFloor(context, flat, lowest, colours);
  const seen = bones.map((bone) => ({ bone, a: flat(bone.from), b: flat(bone.to) }));
  seen.sort((one, other) => one.a.depth + one.b.depth - other.a.depth - other.b.depth);
  for (const { bone, a, b } of seen) drawBone(context, a, b, Math.max(2, bone.widthM * scale), bone.state === "completed", colours);
}

function projectionOf(
  { turnDeg, tiltDeg }: Camera,
  {
    scale,
    middleX,
    floorY,
    lowest,
  }: { readonly scale: number; readonly middleX: number; readonly floorY: number; readonly lowest: number },
): (point: readonly [number, number, number]) => Flat {
  const [turn, tilt] = [(turnDeg * Math.PI) / 180, (tiltDeg * Math.PI) / 180];
  const [ct, st, cp, sp] = [Math.cos(turn), Math.sin(turn), Math.cos(tilt), Math.sin(tilt)];
  return ([x, y, z]) => {
    // Seen from the front the body's left is on the right.
    const across = ct * x + st * z;
    const towards = ct * z - st * x;
    return { x: middleX + across * scale, y: floorY - ((y - lowest) * cp - towards * sp) * scale, depth: towards * cp + (y - lowest) * sp };
  };
}

/** A ring with a mark towards the front, so that a turned picture says how it is turned. */
function drawFloor(context: CanvasRenderingContext2D, flat: ReturnType<typeof projectionOf>, lowest: number, { floor }: BodyColours): void {
  context.strokeStyle = floor;
  context.lineWidth = 1.5;
  context.setLineDash([]);
  context.beginPath();
  for (let i = 0; i <= floorPoints; i++) {
    const angle = (2 * Math.PI * i) / floorPoints;
    const { x, y } = flat([floorRadiusM * Math.sin(angle), lowest, floorRadiusM * Math.cos(angle)]);
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  for (const [at, side] of [
    [floorRadiusM, -0.08],
    [floorRadiusM + 0.12, 0],
    [floorRadiusM, 0.08],
  ] as const) {
    const { x, y } = flat([side, lowest, at]);
    if (side < 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  context.stroke();
}

function drawBone(context: CanvasRenderingContext2D, a: Flat, b: Flat, half: number, isHollow: boolean, colours: BodyColours): void {
  const angle = Math.atan2(b.y - a.y, b.x - a.x);
  context.beginPath();
  context.arc(a.x, a.y, half, angle + Math.PI / 2, angle - Math.PI / 2);
  context.arc(b.x, b.y, half, angle - Math.PI / 2, angle + Math.PI / 2);
  context.closePath();
  context.fillStyle = isHollow ? colours.back : colours.fill;
  context.fill();
  context.strokeStyle = isHollow ? colours.ink : colours.back;
  context.lineWidth = isHollow ? 2 : 1;
  context.setLineDash(isHollow ? [5, 4] : []);
  context.stroke();
}
