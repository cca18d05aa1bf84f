/** A motion recording on disk as a body: BVH, plain or packed. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import { type BodyClip, clipRoom } from "./body-clip.ts";
import { createBvhReader } from "./bvh.ts";
import { textLines } from "./text-lines.ts";

export function isMotionFile(path: string): boolean {
  return /\.bvh(\.gz)?$/i.test(path);
}

/** A folder of recordings has some thousands; beyond this somebody has named a whole disk. */
const mostRecordings = 20_000;

/** By path; none where the folder is not there. */
export async function motionFilesBelow(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true }).catch(() => []);
  return names
    .filter(isMotionFile)
    .sort()
    .slice(0, mostRecordings)
    .map((name) => join(dir, name));
}

/** Throws `recording.bvh`, `recording.skeleton` (operator) and what `textLines` throws; each names the file. */
export async function readMotionFile(path: string): Promise<BodyClip> {
  let room: ReturnType<typeof clipRoom> | undefined;
  const reader = createBvhReader({
    onHead: (head) => {
      room = clipRoom(head);
    },
    onFrame: (frame) => room?.add(frame),
  });
  try {
    for await (const lines of textLines(path)) for (const line of lines) reader.line(line);
    reader.end();
  } catch (thrown) {
    const { code, kind, message, cause } = toGatewayError(thrown);
    throw new GatewayError(code, kind, message.includes(path) ? message : `${path}: ${message}`, { cause, fields: { file: path } });
  }
  if (room === undefined) throw new GatewayError("recording.bvh", "operator", `${path}: no frames`, { fields: { file: path } });
  return room.clip;
}
