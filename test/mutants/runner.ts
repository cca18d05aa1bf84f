/** Runs test files of a tree in a warm child, and ends it with all that it started when it hangs, fails to stop, or is no longer wanted. */

import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkTree } from "./work-tree.ts";

export interface Order {
  readonly files: readonly string[];
  /** Files whose text is another one than at the last run. */
  readonly changed: readonly string[];
}

export interface Failure {
  /** The test file; undefined for what is no test's. */
  readonly file?: string;
  readonly what: string;
}

export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "failing"; readonly failure: Failure }
  | {
      readonly kind: "done";
      /** Test files that were there. */
      readonly found: number;
      readonly failure: Failure | undefined;
      /** Milliseconds by test file. */
      readonly durations: Readonly<Record<string, number>>;
    };

export interface Outcome {
  /** What failed first; undefined where everything passed. */
  readonly failure: Failure | undefined;
  readonly durations: Readonly<Record<string, number>>;
}

export interface Runner {
  /** Calls must not overlap. */
  readonly run: (order: Order, limitMs: number) => Promise<Outcome>;
  readonly stop: () => void;
}

/** How long the other tests may take to stop after the first has failed. */
const stopMs = 5_000;
const startMs = 120_000;
const marker = "HEARTH_MUTANTS";

export function createRunner(tree: WorkTree): Runner {
  let child: ChildProcess | undefined;

  const stop = () => {
    const pid = child?.pid;
    child = undefined;
    if (pid !== undefined) kill(-pid);
    for (const left of marked(tree.root)) kill(left);
  };

  const start = async (): Promise<ChildProcess> => {
    const log = openSync(tree.logFile, "a");
    const started = fork(join(import.meta.dirname, "runner-child.ts"), {
      cwd: tree.root,
      // A group of its own: Ctrl-C reaches the planter, which ends the group.
      detached: true,
      stdio: ["ignore", log, log, "ipc"],
      env: { ...process.env, TMPDIR: tree.temporary, [marker]: tree.root },
    });
    closeSync(log);
    child = started;
    const { answer } = await answers(started, startMs, () => {});
    if (answer?.kind === "ready") return started;
    stop();
    throw new Error(`Vitest did not start:\n${readFileSync(tree.logFile, "utf8").slice(-2000)}`);
  };

  const run = async (order: Order, limitMs: number): Promise<Outcome> => {
    const isWarm = child?.connected === true;
    const running = isWarm && child !== undefined ? child : await start();
    let failing: Failure | undefined;
    const answered = answers(running, limitMs, (failure) => {
      failing = failure;
    });
    running.send(order);
    const { answer, isOver } = await answered;
    if (answer?.kind === "done") {
      if (answer.found === 0 && order.files.length > 0) throw new Error(`Vitest knows none of ${order.files.join(", ")}`);
      return { failure: answer.failure, durations: answer.durations };
    }
    stop();
    return { failure: failing ?? { what: isOver ? "a time-out" : "the end of the test process" }, durations: {} };
  };

  return { run, stop };
}

/** The next answer that ends a wait; none when the child ended, or when its time was over. */
function answers(
  child: ChildProcess,
  limitMs: number,
  onFailing: (failure: Failure) => void,
): Promise<{ answer?: Answer; isOver?: boolean }> {
  return new Promise((resolve) => {
    const end = (result: { answer?: Answer; isOver?: boolean }) => {
      clearTimeout(timer);
      child.off("message", hear).off("exit", onExit).off("error", onExit);
      resolve(result);
    };
    let timer = setTimeout(() => end({ isOver: true }), limitMs);
    const hear = (answer: Answer) => {
      if (answer.kind !== "failing") return end({ answer });
      onFailing(answer.failure);
      clearTimeout(timer);
      timer = setTimeout(() => end({ isOver: true }), stopMs);
    };
    const onExit = () => end({});
    child.on("message", hear).on("exit", onExit).on("error", onExit);
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

/** Processes that a test has started in this tree, in whichever group they are. Linux tells; elsewhere the group must do. */
export function marked(root: string): number[] {
  let pids: number[];
  try {
    pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`${marker}=${root}`);
    } catch {
      return false;
    }
  });
}
