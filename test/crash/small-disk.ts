/** A disk of a few megabytes that really gets full: a tmpfs, where this user may mount one. */

import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
  readonly folder: string;
  /** Fills the disk to its last byte. */
  fill(): void;
  /** Gives back what `fill` took. */
  free(): void;
  remount(how: "ro" | "rw"): void;
  close(): void;
}

/** Undefined where mounting is not allowed. */
export function openSmallDisk(sizeMb: number, more = ""): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), "hearth-small-disk-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMb}m${more}`, "tmpfs", folder]);
  if (mounted.status !== 0) {
    rmdirSync(folder);
    return undefined;
  }
  let fillers = 0;
  const nameOf = (n: number) => join(folder, `.filler-${n}`);
  return {
    folder,
    fill() {
      const fd = openSync(nameOf(fillers++), "w");
      for (let bytes = 1 << 20; bytes >= 1; bytes >>= 1) {
        try {
          const block = Buffer.alloc(bytes, 1);
          for (;;) if (writeSync(fd, block) < bytes) break;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        }
      }
      closeSync(fd);
    },
    free() {
      while (fillers > 0) rmSync(nameOf(--fillers), { force: true });
    },
    remount(how) {
      spawnSync("mount", ["-o", `remount,${how}`, folder]);
    },
    close() {
      spawnSync("umount", ["-l", folder]);
      rmdirSync(folder);
    },
  };
}
