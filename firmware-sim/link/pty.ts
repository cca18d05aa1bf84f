/** A virtual serial port: a pseudo-terminal whose name is kept by a link, like /dev/serial/by-id. Unplugging destroys the pair; plugging in makes a new one under another number. */

import { closeSync, constants, mkdirSync, openSync, rmSync, symlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { ReadStream } from "node:tty";
import * as nodePty from "@lydell/node-pty";
import { type BytePort, maxWaitingBytes } from "./byte-port.ts";

export interface PtyPort extends BytePort {
  /** The link's path; it exists only while plugged in. */
  readonly path: string;
  readonly isPlugged: boolean;
  unplug(): void;
  plugIn(): void;
}

/** What the package's own types keep to themselves (stack.md names the trap). */
interface Pair {
  readonly _master: ReadStream;
  readonly _slave: ReadStream;
  readonly _fd: number;
  readonly _pty: string;
}

/** `open` is there, but the package's types don't tell. */
const { open: openPair } = nodePty as unknown as { open(options: { encoding: null }): Pair };

interface Plugged {
  readonly master: ReadStream;
  readonly masterFd: number;
  readonly heldFd: number;
}

const retryMs = 5;

/** Plugged in at once. `path` is where the link to the current /dev/pts/N is made; its folder is made too. */
export function openPtyPort(path: string): PtyPort {
  let plugged: Plugged | undefined;
  mkdirSync(dirname(path), { recursive: true });

  /** What the terminal has not taken yet; a busy machine takes it a moment later. */
  let waiting = Buffer.alloc(0);
  let retry: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(retry);
    if (plugged === undefined || waiting.length === 0) return;
    try {
      // Not through the stream: its writes to a terminal block, and the reader may live in this very process. The descriptor itself never blocks.
      waiting = waiting.subarray(writeSync(plugged.masterFd, waiting));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
    if (waiting.length > 0) retry = setTimeout(flush, retryMs);
  };

  const unplug = () => {
    waiting = Buffer.alloc(0);
    clearTimeout(retry);
    if (plugged === undefined) return;
    const { master, heldFd } = plugged;
    plugged = undefined;
    rmSync(path, { force: true });
    master.destroy();
    closeSync(heldFd);
  };

  const plugIn = () => {
    if (plugged !== undefined) return;
    const pair = openPair({ encoding: null });
    // Without this, bytes written before somebody opens the port would be echoed and edited as if typed by a person.
    pair._slave.setRawMode(true);
    // The package's own reader would eat the gateway's bytes; a descriptor that nobody reads keeps the pair alive until the gateway opens it.
    const heldFd = openSync(pair._pty, constants.O_RDWR | constants.O_NOCTTY);
    pair._slave.destroy();
    plugged = { master: pair._master, masterFd: pair._fd, heldFd };
    rmSync(path, { force: true });
    symlinkSync(pair._pty, path);
  };
  plugIn();

  return {
    path,
    get isPlugged() {
      return plugged !== undefined;
    },
    write(bytes) {
      if (plugged === undefined || waiting.length + bytes.length > maxWaitingBytes) return;
      waiting = Buffer.concat([waiting, bytes]);
      flush();
    },
    unplug,
    plugIn,
    async close() {
      unplug();
    },
  };
}
