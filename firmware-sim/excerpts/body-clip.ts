/** The committed excerpt of a motion recording. Read-only; it carries its licence in the NOTICE beside it. */

import { readFile } from "node:fs/promises";
import { type BodyClip, bodyClip } from "../../gateway/recordings/body-clip.ts";
import { readBvh } from "../../gateway/recordings/bvh.ts";

export const walkOrigin =
  "CMU Graphics Lab Motion Capture Database (mocap.cs.cmu.edu, created with funding from NSF EIA-0196217), subject 2, trial 1, two strides, played in a loop";

export async function loadWalk(): Promise<BodyClip> {
  return bodyClip(readBvh(await readFile(new URL("./cmu-02_01.bvh", import.meta.url), "utf8")));
}
