/** A body's last minute played again, slowly, round and round. Pure. */

import type { BodyFrame } from "./bodies.ts";

/** A minute takes four. */
const slowness = 4;
/** Frames farther apart have nothing between them. */
const widestUs = 100_000;

/** What is shown so long after its start; between two frames the turns are cut evenly, as at this speed their steps would be seen. Undefined of no frames. */
export function frameAgain(frames: readonly BodyFrame[], sinceMs: number): BodyFrame | undefined {
  const [first] = frames;
  if (first === undefined) return undefined;
  const spanUs = Math.max(1, (frames.at(-1)?.timeUs ?? 0) - first.timeUs);
  const atUs = first.timeUs + (((sinceMs * 1000) / slowness) % spanUs);
  const at = Math.max(
    0,
    frames.findLastIndex(({ timeUs }) => timeUs <= atUs),
  );
  const [from = first, to] = [frames[at], frames[at + 1]];
  if (to === undefined || to.timeUs - from.timeUs > widestUs || from.state !== to.state) return from;
  const share = (atUs - from.timeUs) / (to.timeUs - from.timeUs);
  return { timeUs: atUs, state: from.state, rotations: blended(from.rotations, to.rotations, share) };
}

/** Both signs of a quaternion are the same turn. */
function blended(from: Float32Array, to: Float32Array, share: number): Float32Array {
  const out = new Float32Array(from.length);
  for (let at = 0; at < from.length; at += 4) {
    let dot = 0;
    for (let i = at; i < at + 4; i++) dot += (from[i] ?? 0) * (to[i] ?? 0);
    const way = dot < 0 ? -share : share;
    let length = 0;
    for (let i = at; i < at + 4; i++) {
      out[i] = (1 - share) * (from[i] ?? 0) + way * (to[i] ?? 0);
      length += (out[i] ?? 0) ** 2;
    }
    for (let i = at; i < at + 4; i++) out[i] = (out[i] ?? 0) / (Math.sqrt(length) || 1);
  }
  return out;
}
