/** One life of the model host's child process, from fork to its last message. It starts, speaks and ends; it decides nothing about calls. */

import { type ChildProcess, fork } from "node:child_process";
import type { ToChild, ToHost, WireCall, WireModel } from "./wire.ts";

export interface ChildLink {
  send(calls: readonly WireCall[]): void;
  /** As a crash would: no message is waited for that the child has not yet written. */
  kill(): void;
  readonly pid: number | undefined;
}

export interface ChildLinkOptions {
  readonly url: URL;
  readonly models: readonly WireModel[];
  readonly onMessage: (message: ToHost) => void;
  /** Told once, after the last message that the child wrote. */
  readonly onGone: () => void;
}

export function openChild({ url, models, onMessage, onGone }: ChildLinkOptions): ChildLink {
  const child: ChildProcess = fork(url, { serialization: "advanced", execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  // The exit can be told before the channel is read empty; only both together mean that no answer is still to come.
  let open = 2;
  const closed = () => {
    if (--open === 0) onGone();
  };
  const post = (message: ToChild) => {
    // A write into a dying channel fails here; its calls are accounted for when the child is gone.
    if (child.connected) child.send(message, () => {});
  };
  child.on("message", onMessage as (message: unknown) => void);
  child.once("disconnect", closed);
  child.once("exit", closed);
  child.once("error", () => {
    if (child.pid !== undefined) return void child.kill("SIGKILL");
    open = 0;
    onGone();
  });
  post({ kind: "load", models });
  return { send: (calls) => post({ kind: "run", calls }), kill: () => void child.kill("SIGKILL"), pid: child.pid };
}
