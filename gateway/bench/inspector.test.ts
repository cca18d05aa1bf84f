import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { inspectEverything, type LiveMemory, openInspector } from "./inspector.ts";

let child: ChildProcess | undefined;
afterEach(() => void child?.kill("SIGKILL"));

test("each process and each of its threads says what it holds, until it is gone", async () => {
  const lines: string[] = [];
  child = fork(new URL("./testdata/with-thread.mjs", import.meta.url), {
    env: inspectEverything,
    execArgv: [],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const inspector = openInspector(child, (line) => lines.push(line));
  const heapOf = (found: readonly LiveMemory[], thread?: string) => found.find((each) => each.thread === thread)?.heapMb ?? 0;
  let found: readonly LiveMemory[] = [];
  while (heapOf(found, "with-thread") < 20) {
    await sleep(20);
    found = await inspector.collect();
  }
  expect(found).toHaveLength(2);
  expect(heapOf(found)).toBeGreaterThan(1);
  expect(heapOf(found)).toBeLessThan(20);
  expect(await inspector.collect([child.pid ?? 0])).toEqual([]);
  child.send("end");
  await once(child, "exit");
  expect(await inspector.collect()).toEqual([]);
  expect(lines).toEqual(["a line of its own"]);
  inspector.close();
});
