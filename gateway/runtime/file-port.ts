/** The file system as whoever must keep something needs it, so that a full or failing disk can be played; the real one is the default. */

import * as fs from "node:fs";

export interface FilePort {
  exists(path: string): boolean;
  /** Names in a folder, sorted; empty if there is no such folder. */
  list(path: string): string[];
  read(path: string): Uint8Array;
  /** At most the first `count` bytes. */
  readStart(path: string, count: number): Uint8Array;
  sizeBytes(path: string): number;
  makeFolder(path: string, mode?: number): void;
  /** Creates a file that must not exist, for writing by its owner alone (0600). */
  create(path: string): number;
  openExisting(path: string): number;
  /** Writes all parts at `offsetBytes`. */
  write(fd: number, parts: readonly Uint8Array[], offsetBytes: number): void;
  truncate(fd: number, lengthBytes: number): void;
  /** Resolves when content and length are on disk (fdatasync). */
  datasync(fd: number): Promise<void>;
  /** The same with everything that is known of the file, before it returns (fsync). */
  sync(fd: number): void;
  close(fd: number): void;
  syncFolder(path: string): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  removeTree(path: string): void;
}

export function systemFiles(): FilePort {
  return {
    exists: (path) => fs.existsSync(path),
    list: (path) => (fs.existsSync(path) ? fs.readdirSync(path).sort() : []),
    read: (path) => fs.readFileSync(path),
    readStart: (path, count) =>
      withFile(path, "r", (fd) => {
        const bytes = new Uint8Array(count);
        return bytes.subarray(0, fs.readSync(fd, bytes, 0, count, 0));
      }),
    sizeBytes: (path) => fs.statSync(path).size,
    makeFolder(path, mode) {
      fs.mkdirSync(path, { recursive: true, ...(mode === undefined ? {} : { mode }) });
    },
    create: (path) => fs.openSync(path, "wx", 0o600),
    openExisting: (path) => fs.openSync(path, "r+"),
    write: writeAll,
    truncate: (fd, lengthBytes) => fs.ftruncateSync(fd, lengthBytes),
    datasync: (fd) => new Promise((resolve, reject) => fs.fdatasync(fd, (error) => (error === null ? resolve() : reject(error)))),
    sync: (fd) => fs.fsyncSync(fd),
    close: (fd) => fs.closeSync(fd),
    syncFolder: (path) => withFile(path, "r", (fd) => fs.fsyncSync(fd)),
    rename: (from, to) => fs.renameSync(from, to),
    remove: (path) => fs.rmSync(path, { force: true }),
    removeTree: (path) => fs.rmSync(path, { recursive: true, force: true }),
  };
}

function withFile<T>(path: string, flags: string, use: (fd: number) => T): T {
  const fd = fs.openSync(path, flags, 0o600);
  try {
    return use(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function writeAll(fd: number, parts: readonly Uint8Array[], offsetBytes: number): void {
  let at = offsetBytes;
  let rest = parts.filter((part) => part.length > 0);
  while (rest.length > 0) {
    let written = fs.writevSync(fd, rest, at);
    at += written;
    // A short write (disk nearly full) goes on where it stopped; the next call then tells the error.
    const left: Uint8Array[] = [];
    for (const part of rest) {
      const done = Math.min(written, part.length);
      written -= done;
      if (done < part.length) left.push(part.subarray(done));
    }
    rest = left;
  }
}
