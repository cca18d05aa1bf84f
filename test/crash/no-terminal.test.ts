/** A log that can't be written and a terminal that is closed end nothing: nobody would watch any more. */

import { closeSync, openSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "./home-inside.ts";
import { type HomeProcess, openHomeProcess } from "./home-process.ts";

let home: HomeProcess;
beforeEach(async () => {
  home = await openHomeProcess({ devices: { strap: "person-a" }, flushS: 60 });
});
afterEach(() => home.close());

const lostLines = async () => Number(/^hearth_log_lost_lines_total (\d+)$/m.exec(await home.metrics())?.[1]);
const isWatching = async () => (await home.get<{ people: number }>("/api/v1/status")).people === 1;

test("a gateway whose output goes to a full disk runs, counts the lines that it lost, and ends cleanly", async () => {
  const full = openSync("/dev/full", "w");
  home.start({ stdio: ["ignore", full, full], logLevel: "debug" });
  closeSync(full);
  await home.untilReady();
  expect(await isWatching()).toBe(true);
  expect(await lostLines()).toBeGreaterThan(0);
  expect(await home.end("SIGTERM")).toBe(0);
});

test("a gateway whose terminal is closed and whose reader is gone goes on", async () => {
  const { child, hasEnded } = home.start({ stdio: ["ignore", "pipe", "pipe"], logLevel: "debug" });
  await home.untilReady();
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.kill("SIGHUP");
  // There is no twin: each attempt to reach it is a line.
  await until(async () => (await lostLines()) > 0, "lines are lost");
  expect(hasEnded()).toBe(false);
  expect(await isWatching()).toBe(true);
  expect(await home.end("SIGTERM")).toBe(0);
});
