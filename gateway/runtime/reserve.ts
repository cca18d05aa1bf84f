/** A file that holds some of the disk back, so that a home on a full disk still has room for its alerts, its marks and its next start. */

import { randomBytes } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import type { FilePort } from "./file-port.ts";
import { writePrivateFileLater } from "./private-file.ts";

export interface Reserve {
  readonly isThere: boolean;
  readonly folder: string;
  readonly sizeBytes: number;
  /** Gives its bytes back to the disk; false when it was not there. */
  giveUp(): boolean;
  /** Makes it again where that leaves as much room free as it takes; false when the disk does not let it. */
  make(): Promise<boolean>;
}

const reserveBytes = 4 << 20;
const fileName = "reserve";

/** @param folder whose disk it holds back; @param files a disk that fails on demand, for tests */
export function createReserve(folder: string, { sizeBytes = reserveBytes, files }: { sizeBytes?: number; files?: FilePort } = {}): Reserve {
  const path = join(folder, fileName);
  const isThere = () => existsSync(path);
  return {
    ...{ folder, sizeBytes },
    get isThere() {
      return isThere();
    },
    giveUp() {
      const was = isThere();
      releaseReserve(folder);
      return was && !isThere();
    },
    async make() {
      if (isThere()) return true;
      if ((await freeBytes(folder)) < 2 * sizeBytes) return false;
      // Not zeros: some file systems keep those without taking any room.
      const bytes = randomBytes(sizeBytes);
      return writePrivateFileLater(path, bytes, files).then(isThere, () => false);
    },
  };
}

/** For a start that finds no room for its first file; the running home makes it again. */
export function releaseReserve(folder: string): void {
  try {
    rmSync(join(folder, fileName), { force: true });
  } catch {
    // A disk that can't be written at all gives nothing back.
  }
}

/** Bytes that this user may still write to the folder's disk; Infinity where the system does not say. None while no new file can be named. */
export async function freeBytes(folder: string): Promise<number> {
  const stats = await statfs(folder).catch(() => undefined);
  if (stats === undefined) return Number.POSITIVE_INFINITY;
  return stats.files > 0 && stats.ffree === 0 ? 0 : stats.bavail * stats.bsize;
}
