/** A file that only its owner reads, written whole or not at all, and durable: a power cut at any moment leaves the old content or the new one. */

import { dirname } from "node:path";
import { type FilePort, systemFiles } from "./file-port.ts";

/** The new content; a function is given the descriptor of the new file, for a file that says something about itself. */
type Content = Uint8Array | string | ((fd: number) => string);

/**
 * Writes `path` (0600) through a new file beside it: write, fsync, rename, fsync of the folder. Throws the system's error; the old file is then still
 * there and the new one's room given back, unless it was the folder that could not be synced.
 */
export function writePrivateFile(path: string, content: Content, files: FilePort = systemFiles()): void {
  const fresh = begin(path, content, files);
  try {
    files.sync(fresh.fd);
  } catch (error) {
    fresh.discard();
    throw error;
  }
  fresh.put();
}

/** The same for a thread that others wait for: it is free while the content goes to disk. One at a time for each path. */
export async function writePrivateFileLater(path: string, content: Content, files: FilePort = systemFiles()): Promise<void> {
  const fresh = begin(path, content, files);
  try {
    await files.datasync(fresh.fd);
  } catch (error) {
    fresh.discard();
    throw error;
  }
  fresh.put();
}

function begin(path: string, content: Content, files: FilePort) {
  const temporary = `${path}.new`;
  // A crash may have left one.
  files.remove(temporary);
  const fd = files.create(temporary);
  const discard = () => {
    files.close(fd);
    files.remove(temporary);
  };
  try {
    const wanted = typeof content === "function" ? content(fd) : content;
    files.write(fd, [typeof wanted === "string" ? new TextEncoder().encode(wanted) : wanted], 0);
  } catch (error) {
    discard();
    throw error;
  }
  return {
    fd,
    discard,
    put() {
      files.close(fd);
      try {
        files.rename(temporary, path);
      } catch (error) {
        files.remove(temporary);
        throw error;
      }
      files.syncFolder(dirname(path));
    },
  };
}
