import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { systemClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import type { InferenceOutcome, ModelHost } from "./inference-port.ts";
import { startModelHost } from "./model-host.ts";
import type { HostModel } from "./model-package.ts";

const dyingChild = new URL("./testdata/dying-child.ts", import.meta.url);
const holdingChild = new URL("./testdata/holding-child.ts", import.meta.url);
const hangingChild = new URL("./testdata/hanging-child.ts", import.meta.url);
const hosts: ModelHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

/** Where a test is not about time-outs, none may come: on a busy machine a fresh child takes seconds. */
const plentyMs = 3_600_000;
async function model(id: string, file = "affine", timeoutMs = plentyMs): Promise<HostModel> {
  const bytes = new Uint8Array(await readFile(new URL(`./testdata/${file}.onnx`, import.meta.url)));
  return { id, version: "1.0.0", sha256: "00", precision: "fp32", timeoutMs, bytes };
}

async function start(options: Parameters<typeof startModelHost>[0]): Promise<ModelHost> {
  const host = await startModelHost(options);
  hosts.push(host);
  return host;
}

const x = (...values: number[]) => ({ x: { data: Float32Array.from(values), shape: [1, values.length] } });
const told = (outcome: InferenceOutcome) => (outcome.kind === "unknown" ? outcome.reason : [...(outcome.outputs.y ?? [])]);
const run = (host: ModelHost, id: string, tensors: ReturnType<typeof x>) =>
  new Promise<InferenceOutcome>((resolve) => host.submit(id, tensors, resolve));
const turn = () => new Promise((resolve) => setImmediate(resolve));
const scalar = (value: number) => ({ x: { data: Float32Array.of(value), shape: [1] } });

test("a real model answers through the child, in the order of submission and never inside submit", async () => {
  const host = await start({ models: [await model("affine")], clock: systemClock() });
  const answers: unknown[] = [];
  for (let i = 0; i < 600; i++) host.submit("affine", x(i, 0, 0, 0), (outcome) => answers.push(told(outcome)));
  expect(answers).toEqual([]);
  await host.idle();
  expect(answers).toEqual(Array.from({ length: 600 }, (_, i) => [2 * i + 1, 1, 1, 1]));
  expect(host.models()[0]).toMatchObject({ id: "affine", state: "ready", precision: "fp32" });
  expect(host.figures()).toMatchObject({ submitted: 600, unknown: {}, restarts: 0 });
});

test("a child that hangs while it loads keeps nobody waiting: it counts as down, is ended after 30 s of silence, and the next one serves", async () => {
  const clock = virtualClock();
  const folder = mkdtempSync(join(tmpdir(), "hearth-hanging-"));
  const bytes = new TextEncoder().encode(join(folder, "hangs"));
  const starting = startModelHost({ models: [{ ...(await model("affine")), bytes }], clock, childUrl: hangingChild });
  while (!existsSync(join(folder, "hangs"))) await turn();
  clock.advance(5000);
  const host = await starting;
  hosts.push(host);
  expect(host.models()[0]?.state).toBe("down");
  expect(told(await run(host, "affine", x(1)))).toBe("down");
  const up = new Promise((resolve) => host.onState(resolve));
  clock.advance(25_000);
  expect(await up).toBe("up");
  expect(told(await run(host, "affine", x(1)))).toEqual([3]);
  expect(host.figures().restarts).toBe(1);
  rmSync(folder, { recursive: true });
});

test("tensors of a wrong shape settle unknown and the child lives on", async () => {
  const host = await start({ models: [await model("affine")], clock: systemClock() });
  expect(told(await run(host, "affine", x(1, 2)))).toBe("refused");
  expect(told(await run(host, "affine", x(1, 2, 3, 4)))).toEqual([3, 5, 7, 9]);
  expect(host.figures().restarts).toBe(0);
});

test("an unknown model, a refused one and one that the runtime cannot load settle unknown while the rest runs", async () => {
  const { bytes: _, ...base } = await model("refused");
  const broken = { ...(await model("broken")), bytes: new Uint8Array([1, 2, 3]) };
  const host = await start({ models: [await model("affine"), { ...base, refused: "model.hash_mismatch" }, broken], clock: systemClock() });
  expect(told(await run(host, "nobody", x(1)))).toBe("refused");
  expect(told(await run(host, "refused", x(1)))).toBe("refused");
  expect(told(await run(host, "broken", x(1)))).toBe("refused");
  expect(told(await run(host, "affine", x(0, 0, 0, 1)))).toEqual([1, 1, 1, 3]);
  expect(host.models().map(({ id, state, reason }) => [id, state, reason !== undefined])).toEqual([
    ["affine", "ready", false],
    ["refused", "refused", true],
    ["broken", "refused", true],
  ]);
});

test("the window that kills the child is skipped and told; every other one is answered by a fresh child, in order", async () => {
  const host = await start({ models: [await model("affine")], clock: systemClock(), childUrl: dyingChild });
  const states: string[] = [];
  host.onState((state) => states.push(state));
  const answers: unknown[] = [];
  for (const value of [1, 2, 666, 3, 666, 4]) host.submit("affine", x(value), (outcome) => answers.push(told(outcome)));
  await host.idle();
  expect(answers).toEqual([[3], [5], "killed", [7], "killed", [9]]);
  expect(host.figures()).toMatchObject({ restarts: 2, unknown: { killed: 2 } });
  expect(states).toEqual(["down", "up", "down", "up"]);
});

test("a kill from outside costs at most one window", async () => {
  const host = await start({ models: [await model("affine")], clock: systemClock() });
  const answers: unknown[] = [];
  for (let i = 0; i < 400; i++) host.submit("affine", x(i, 0, 0, 0), (outcome) => answers.push(told(outcome)));
  host.kill();
  await host.idle();
  expect(answers).toHaveLength(400);
  expect(answers.filter((answer) => answer === "killed").length).toBeLessThanOrEqual(1);
  expect(answers.filter((answer) => Array.isArray(answer)).length).toBeGreaterThanOrEqual(399);
  expect(host.figures().restarts).toBe(1);
});

test("a stop that goes to the whole group leaves the child to its parent", async () => {
  const pids: unknown[] = [];
  const log = { info: (fields: object) => void pids.push((fields as { pid: number }).pid), warn() {} };
  const host = await start({ models: [await model("affine")], clock: systemClock(), log });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.kill(Number(pids[0]), signal);
  expect(told(await run(host, "affine", x(1, 2, 3, 4)))).toEqual([3, 5, 7, 9]);
  expect(host.figures().restarts).toBe(0);
});

test("a model whose loading kills the process is refused and the others run", async () => {
  const host = await start({ models: [await model("deadly"), await model("affine")], clock: systemClock(), childUrl: dyingChild });
  expect(told(await run(host, "affine", x(1)))).toEqual([3]);
  expect(host.models().map(({ state }) => state)).toEqual(["refused", "ready"]);
});

test("a crash loop ends as down, and windows settle at once instead of waiting", async () => {
  const clock = virtualClock();
  const crashingChild = new URL("./testdata/crashing-child.ts", import.meta.url);
  let host: ModelHost | undefined;
  void startModelHost({ models: [await model("affine")], clock, childUrl: crashingChild }).then((started) => {
    host = started;
  });
  // The pauses between children lie on the injected clock, so it is moved until the host has given up.
  while (host === undefined || host.figures().restarts < 6) {
    clock.advance(1000);
    await turn();
  }
  hosts.push(host);
  expect(told(await run(host, "affine", x(1)))).toBe("down");
  expect(host.models()[0]?.state).toBe("down");
});

test("a result for which a silent child was waited too long is unknown, and the late answer is dropped and counted", async () => {
  const clock = virtualClock();
  const host = await start({ models: [await model("affine", "affine", 500)], clock, childUrl: holdingChild });
  const answers: unknown[] = [];
  host.submit("affine", scalar(1), (outcome) => answers.push(told(outcome)));
  clock.advance(499);
  await turn();
  expect(answers).toEqual([]);
  clock.advance(1);
  await turn();
  expect(answers).toEqual(["timeout"]);
  // The child gives what it holds when the next window comes.
  expect(told(await run(host, "affine", scalar(-5)))).toEqual([-9]);
  expect(host.figures()).toMatchObject({ unknown: { timeout: 1 }, late: 1 });
});

test("answers that wait in the pipe while this process stands still are in time", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hearth-host-"));
  const answered = join(folder, "answered");
  const clock = virtualClock();
  const bytes = new TextEncoder().encode(answered);
  const host = await start({ models: [{ ...(await model("affine", "affine", 300)), bytes }], clock, childUrl: holdingChild });
  const answer = run(host, "affine", scalar(-1));
  await turn();
  // Nothing of this process runs until the answer is written; then it is far too late.
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; !existsSync(answered) && tries < 10_000; tries++) Atomics.wait(never, 0, 0, 5);
  expect(existsSync(answered)).toBe(true);
  clock.advance(60_000);
  expect(told(await answer)).toEqual([-1]);
  rmSync(folder, { recursive: true });
});

test("a backlog keeps its labels: what waits for a child that answers others has no time-out", async () => {
  const clock = virtualClock();
  const host = await start({ models: [await model("affine", "affine", 500)], clock });
  const answers: unknown[] = [];
  for (let i = 0; i < 1000; i++) {
    host.submit("affine", x(i, 0, 0, 0), (outcome) => {
      answers.push(told(outcome));
      clock.advance(1);
    });
  }
  await host.idle();
  expect(answers).toEqual(Array.from({ length: 1000 }, (_, i) => [2 * i + 1, 1, 1, 1]));
});

test("one person's backlog does not hold up another's window", async () => {
  const host = await start({ models: [await model("affine")], clock: systemClock() });
  const answers: string[] = [];
  const ask = (lane: string) => host.submit("affine", x(1, 0, 0, 0), () => answers.push(lane), lane);
  for (let i = 0; i < 1500; i++) ask("a");
  await turn();
  ask("b");
  await host.idle();
  expect(answers.length).toBe(1501);
  // What the child has in its hands comes first, and what it was given until the turn came.
  expect(answers.indexOf("b")).toBeLessThan(200);
});

test("there is room again when the backlog has gone down, and at once where there is none", async () => {
  const host = await start({ models: [await model("affine")], clock: systemClock() });
  await host.room();
  let answered = 0;
  for (let i = 0; i < 2500; i++) host.submit("affine", x(i, 0, 0, 0), () => answered++);
  await host.room();
  expect(answered).toBeGreaterThan(500);
  expect(answered).toBeLessThan(2500);
  await host.idle();
});

test("a window that never ends costs its own time-out and a fresh child, nothing else", async () => {
  const clock = virtualClock();
  const host = await start({ models: [await model("counter", "counter", 500), await model("affine", "affine", 100_000)], clock });
  expect(told(await run(host, "counter", scalar(5)))).toEqual([5]);
  const endless = run(host, "counter", scalar(1e15));
  const other = run(host, "affine", x(1, 2, 3, 4));
  await turn();
  await turn();
  clock.advance(500);
  expect(told(await endless)).toBe("timeout");
  clock.advance(500);
  expect(told(await other)).toEqual([3, 5, 7, 9]);
  expect(host.figures().restarts).toBe(1);
});

test("without time-outs no clock decides a result", async () => {
  const clock = virtualClock();
  const host = await start({ models: [await model("affine", "affine", 1)], clock, timeouts: false });
  const answer = run(host, "affine", x(1, 2, 3, 4));
  clock.advance(3_600_000);
  expect(told(await answer)).toEqual([3, 5, 7, 9]);
});

test("closing settles what is open and ends the child", async () => {
  const host = await start({ models: [await model("affine")], clock: systemClock() });
  const answer = run(host, "affine", x(1, 2, 3, 4));
  await host.close();
  expect(told(await answer)).toBe("down");
  expect(told(await run(host, "affine", x(1, 2, 3, 4)))).toBe("down");
});
