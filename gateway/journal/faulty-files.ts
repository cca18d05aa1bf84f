/** The shipped fake of the file port: the real disk until told to be full or to fail. For tests of what others promise on a bad disk. */

import { type FilePort, systemFiles } from "./file-port.ts";

export interface DiskFault {
  /** What fails from now on; undefined = nothing. */
  code: "ENOSPC" | "EDQUOT" | "EIO" | "EROFS" | "EMFILE" | undefined;
  /** Which calls fail with it; a file that is replaced as a whole is created and written. */
  at: "write" | "sync" | "truncate and write" | "create";
  /** Bytes of the first part that reach the disk before a write fails. */
  partialBytes: number;
}

export function faultyFiles(fault: DiskFault, base: FilePort = systemFiles()): FilePort {
  const fail = (): never => {
    throw Object.assign(new Error(`${fault.code}: injected`), { code: fault.code });
  };
  const isBad = (at: "write" | "sync" | "truncate" | "create") => fault.code !== undefined && fault.at.includes(at);
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
    replace(path, bytes, mode) {
      if (isBad("create") || isBad("write")) fail();
      base.replace(path, bytes, mode);
    },
    async datasync(fd) {
      if (isBad("sync")) fail();
      await base.datasync(fd);
    },
    truncate(fd, lengthBytes) {
      if (isBad("truncate")) fail();
      base.truncate(fd, lengthBytes);
    },
  };
}
