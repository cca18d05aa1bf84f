/** The motion recordings in the folders that people bring: BVH, plain or packed, of subjects by their number. */

import { basename, dirname, join } from "node:path";
import { atRate, type BodyClip } from "../recordings/body-clip.ts";
import { motionFilesBelow, readMotionFile } from "../recordings/motion-file.ts";

export interface MotionRecording {
  /** As manifests write it: "cmu-mocap/bvh-iclone/002_01". */
  readonly id: string;
  /** Number of the person who moved; the name itself where it has none. */
  readonly subject: string;
  readonly path: string;
}

const set = "motion/cmu-mocap";
const poseHz = 30;

/** By name; where the folder holds no such set, whatever BVH stands in it and below. */
export async function motionRecordings(dirs: readonly string[], only?: ReadonlySet<string>): Promise<MotionRecording[]> {
  const found = new Map<string, MotionRecording>();
  for (const dir of dirs) {
    const ordered = await motionFilesBelow(join(dir, set));
    for (const path of ordered.length > 0 ? ordered : await motionFilesBelow(dir)) {
      const name = basename(path).replace(/\.bvh(\.gz)?$/, "");
      const id = `cmu-mocap/${basename(dirname(path))}/${name}`;
      if (only !== undefined && !only.has(name) && !only.has(id)) continue;
      found.set(id, { id, path, subject: subjectOf(name) });
    }
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Of "002_01" and "02_01" the same. */
function subjectOf(name: string): string {
  const number = /^(\d+)_/.exec(name)?.[1];
  return number === undefined ? name : String(Number(number));
}

/** At 30 Hz unless told. Throws what `readMotionFile` throws. */
export async function readClip({ path }: MotionRecording, rateHz = poseHz): Promise<BodyClip> {
  return atRate(await readMotionFile(path), rateHz);
}
