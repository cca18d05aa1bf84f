/** Keeps the embedded twin running as a process of its own. The gateway waits a little for it and opens without it (law 5). */

import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { LogLevel } from "../runtime/log.ts";
import { livingProcess, processLine } from "../runtime/process-birth.ts";
import { siblingUrl } from "../runtime/spawn.ts";
import { type SuperviseContext, supervise } from "../runtime/supervise.ts";
import type { TwinChildAnswer, TwinChildStart, TwinTold } from "./twin-child.ts";

export interface TwinProcess {
  /** What keeps the twin from running now; undefined while it runs. */
  missing(): string | undefined;
  /** Tokens or names have changed: what is no longer a token opens nothing more, open live streams included. */
  tell(): void;
  close(): Promise<void>;
}

interface TwinProcessOptions {
  readonly dir: string;
  readonly database?: string;
  readonly keeping?: NonNullable<TwinChildStart["keeping"]>;
  readonly silentAfterS?: number;
  readonly enrolmentDir: string;
  readonly httpPort: number;
  readonly mqttPort: number;
  /** Asked at each start of the twin, and when they have changed. */
  readonly tokens: () => TwinChildStart["tokens"];
  readonly names: () => TwinChildStart["names"];
  readonly logLevel: LogLevel;
  /** Another program that speaks `twin-child.ts`'s messages, for tests. */
  readonly childUrl?: URL;
}

/** How long the gateway's own start waits for the twin; a Raspberry Pi needs about 2 s for it. */
const firstWaitMs = 5000;
/** A child that has not answered by then hangs and is ended. */
const startLimitMs = 60_000;
/** What a twin gets to end by itself before it is ended by force. */
const endLimitMs = 10_000;
/** A twin whose gateway is gone ends by itself within a moment; one that doesn't hangs and holds its ports. */
const leftBehindMs = 3000;
const pollMs = 20;
const pidFile = "twin.pid";

/** Starts the twin and starts it again when it ends or hangs while starting. Resolves when it runs, or without it after `firstWaitMs`. */
export async function keepTwin(options: TwinProcessOptions, context: SuperviseContext): Promise<TwinProcess> {
  const { clock } = context;
  const first = Promise.withResolvers<void>();
  let missing: string | undefined = "it is starting";
  let tellChild: (message: TwinTold) => void = () => {};
  const told = (): TwinTold => ({ tokens: options.tokens(), names: options.names() });
  const kept = supervise(
    "twin",
    async (signal) => {
      const child = openChild({ ...options, ...told() }, clock);
      tellChild = child.tell;
      signal.addEventListener("abort", child.letGo, { once: true });
      const cancelLimit = clock.after(startLimitMs, () => child.fail("it did not answer while it started"));
      try {
        await child.ready;
        missing = undefined;
        first.resolve();
      } finally {
        cancelLimit();
      }
      await child.ended;
      if (!signal.aborted) throw new GatewayError("twin.ended", "world", "The twin has ended by itself.");
    },
    {
      ...context,
      onState(name, state, error) {
        if (error !== undefined) missing = error.message;
        if (state === "waiting" || state === "failed") first.resolve();
        context.onState?.(name, state, error);
      },
    },
  );
  const cancelWait = clock.after(firstWaitMs, first.resolve);
  await first.promise;
  cancelWait();
  return { missing: () => missing, tell: () => tellChild(told()), close: () => kept.stop() };
}

/** Ends a twin of an earlier life that hangs and holds its ports and database; a healthy one ends when its gateway is gone. */
export async function endLeftBehind(dir: string): Promise<void> {
  const living = () => {
    try {
      return livingProcess(readFileSync(join(dir, pidFile), "utf8"));
    } catch {
      return undefined;
    }
  };
  const untilGone = async (limitMs: number) => {
    for (let waitedMs = 0; living() !== undefined && waitedMs < limitMs; waitedMs += pollMs) await sleep(pollMs);
  };
  await untilGone(leftBehindMs);
  const pid = living();
  if (pid === undefined) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself in between.
  }
  await untilGone(leftBehindMs);
}

interface TwinChild {
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
  /** Asks it to end, and ends it where it doesn't. */
  readonly letGo: () => void;
  readonly tell: (message: TwinTold) => void;
  readonly fail: (why: string) => void;
}

/** Everything that keeps a twin from starting may pass, so each fault is the world's and it is tried again. */
function openChild({ dir, childUrl, ...start }: Omit<TwinProcessOptions, keyof TwinTold> & TwinTold, clock: Clock): TwinChild {
  const url = childUrl ?? siblingUrl(import.meta.url, "twin-child");
  const child = fork(url, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  notePid(dir, child);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const ready = Promise.withResolvers<void>();
  const refuse = (why: string, cause?: unknown) =>
    ready.reject(new GatewayError("twin.not_started", "world", `The twin could not be started: ${why}`, { cause }));
  child.once("error", (cause) => refuse(cause.message, cause));
  child.once("exit", (code, signal) => refuse(`its process ended (${signal ?? code}).`));
  child.once("message", (answer: TwinChildAnswer) => (answer.kind === "ready" ? ready.resolve() : refuse(answer.message)));
  child.send({ dir, ...start } satisfies TwinChildStart, () => {});
  return {
    ready: ready.promise,
    ended,
    letGo() {
      if (child.connected) child.disconnect();
      void ended.then(clock.after(endLimitMs, () => child.kill("SIGKILL")));
      ready.resolve();
    },
    tell: (message) => void (child.connected && child.send(message, () => {})),
    fail(why) {
      refuse(why);
      child.kill("SIGKILL");
    },
  };
}

/** So that the next life of this home can end a twin that this one left hanging. */
function notePid(dir: string, child: ChildProcess): void {
  const file = join(dir, pidFile);
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    if (child.pid !== undefined) writeFileSync(file, processLine(child.pid), { mode: 0o600 });
    child.once("exit", () => rmSync(file, { force: true }));
  } catch {
    // A full disk: the twin runs all the same.
  }
}
