/** The motion recordings in the folders that people bring: BVH, plain or packed, of subjects by their number. */

import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { atRate, type BodyClip, bodyClip } from "../recordings/body-clip.ts";
import { readBvh } from "../recordings/bvh.ts";

export interface MotionRecording {
  /** As manifests write it: "cmu-mocap/bvh-iclone/002_01". */
  readonly id: string;
  /** Number of the person who moved; the name itself where it has none. */
  readonly subject: string;
  readonly path: string;
}

const set = "motion/cmu-mocap";
const rateHz = 30;
const mostRecordings = 20_000;
const mostBytes = 256 << 20;

/** By name; where the folder holds no such set, whatever BVH stands in it and below. */
export async function motionRecordings(dirs: readonly string[], only?: ReadonlySet<string>): Promise<MotionRecording[]> {
  const found = new Map<string, MotionRecording>();
  for (const dir of dirs) {
    const ordered = await bvhBelow(join(dir, set));
    for (const path of ordered.length > 0 ? ordered : await bvhBelow(dir)) {
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

async function bvhBelow(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true }).catch(() => [] as string[]);
  return names
    .filter((name) => /\.bvh(\.gz)?$/.test(name))
    .slice(0, mostRecordings)
    .map((name) => join(dir, name));
}

/** At 30 Hz. Throws `recording.bvh`, `recording.skeleton`. */
export async function readClip({ path }: MotionRecording): Promise<BodyClip> {
  const bytes = await readFile(path);
  const text = (path.endsWith(".gz") ? await promisify(gunzip)(bytes, { maxOutputLength: mostBytes }) : bytes).toString("utf8");
  return atRate(bodyClip(readBvh(text)), rateHz);
}
