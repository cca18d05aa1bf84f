/** The real disk that fails on demand, and one that tells what it was asked: for tests of what is promised on a bad disk and across a power cut. */

import { relative } from "node:path";
import { type FilePort, systemFiles } from "../../gateway/runtime/file-port.ts";

export interface DiskFault {
  /** What fails from now on; undefined = nothing. */
  code: "ENOSPC" | "EDQUOT" | "EIO" | "EROFS" | "EMFILE" | undefined;
  /** Which calls fail with it; a private file is created, written and synced. */
  at: "write" | "sync" | "truncate" | "truncate and write" | "create" | "rename";
  /** Bytes of the first part that reach the disk before a write fails. */
  partialBytes: number;
  /** Calls that fail before the disk is sound again; undefined = until `code` is taken away. */
  times?: number;
}

export function faultyFiles(fault: DiskFault, base: FilePort = systemFiles()): FilePort {
  const isBad = (at: "write" | "sync" | "truncate" | "create" | "rename") =>
    fault.code !== undefined && fault.times !== 0 && fault.at.includes(at);
  const fail = (): never => {
    if (fault.times !== undefined) fault.times -= 1;
    throw Object.assign(new Error(`${fault.code}: injected`), { code: fault.code });
  };
  return {
    ...base,
    write(fd, parts, offsetBytes) {
      if (!isBad("write")) return base.write(fd, parts, offsetBytes);
      const first = parts[0] ?? new Uint8Array(0);
      base.write(fd, [first.subarray(0, fault.partialBytes)], offsetBytes);
      return fail();
    },
    create(path) {
      if (isBad("create")) fail();
      return base.create(path);
    },
    async datasync(fd) {
      if (isBad("sync")) fail();
      await base.datasync(fd);
    },
    sync(fd) {
      if (isBad("sync")) fail();
      base.sync(fd);
    },
    truncate(fd, lengthBytes) {
      if (isBad("truncate")) fail();
      base.truncate(fd, lengthBytes);
    },
    rename(from, to) {
      if (isBad("rename")) fail();
      base.rename(from, to);
    },
  };
}

/** Calls that change the disk, in order and with paths relative to `root`: "create a.new", "write a.new 0+12", "sync a.new", "rename a.new a", "sync folder ." … */
export function recordedFiles(root: string, base: FilePort = systemFiles()): { files: FilePort; calls: string[] } {
  const calls: string[] = [];
  const nameOf = (path: string) => relative(root, path) || ".";
  const names = new Map<number, string>();
  const opened = (fd: number, path: string) => {
    names.set(fd, nameOf(path));
    return fd;
  };
  const tell = (what: string, fd: number, more = "") => void calls.push(`${what} ${names.get(fd)}${more}`);
  const files: FilePort = {
    ...base,
    create(path) {
      calls.push(`create ${nameOf(path)}`);
      return opened(base.create(path), path);
    },
    openExisting: (path) => opened(base.openExisting(path), path),
    write(fd, parts, offsetBytes) {
      tell("write", fd, ` ${offsetBytes}+${parts.reduce((sum, { length }) => sum + length, 0)}`);
      base.write(fd, parts, offsetBytes);
    },
    truncate(fd, lengthBytes) {
      tell("truncate", fd, ` ${lengthBytes}`);
      base.truncate(fd, lengthBytes);
    },
    async datasync(fd) {
      tell("datasync", fd);
      await base.datasync(fd);
    },
    sync(fd) {
      tell("sync", fd);
      base.sync(fd);
    },
    close(fd) {
      tell("close", fd);
      names.delete(fd);
      base.close(fd);
    },
    syncFolder(path) {
      calls.push(`sync folder ${nameOf(path)}`);
      base.syncFolder(path);
    },
    rename(from, to) {
      calls.push(`rename ${nameOf(from)} ${nameOf(to)}`);
      base.rename(from, to);
    },
    remove(path) {
      calls.push(`remove ${nameOf(path)}`);
      base.remove(path);
    },
    removeTree(path) {
      calls.push(`remove ${nameOf(path)}`);
      base.removeTree(path);
    },
  };
  return { files, calls };
}
