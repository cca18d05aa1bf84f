import { beforeEach, expect, test, vi } from "vitest";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import type { ChildLinkOptions } from "./child-link.ts";
import type { InferenceOutcome, ModelHost } from "./inference-port.ts";
import { startModelHost } from "./model-host.ts";
import type { HostModel } from "./model-package.ts";
import type { WireCall } from "./wire.ts";

/** A child that does as the test says. */
interface Child {
  readonly options: ChildLinkOptions;
  readonly calls: WireCall[];
  messageCount: number;
  isKilled: boolean;
}
const children: Child[] = [];
vi.mock("./child-link.ts", () => ({
  openChild(options: ChildLinkOptions) {
    const child: Child = { options, calls: [], messageCount: 0, isKilled: false };
    children.push(child);
    return {
      pid: children.length,
      send(calls: readonly WireCall[]) {
        child.messageCount += 1;
        child.calls.push(...calls);
      },
      kill() {
        child.isKilled = true;
      },
    };
  },
}));

let clock: VirtualClock;
let states: string[];
beforeEach(() => {
  children.length = 0;
  clock = virtualClock();
  states = [];
});

const turn = () => new Promise((resolve) => setImmediate(resolve));
const model = (id: string, more: Partial<HostModel> = {}): HostModel => ({
  ...{ id, version: "1.0.0", sha256: "00", precision: "fp32", timeoutMs: 0, bytes: new Uint8Array(1) },
  ...more,
});
const newest = () => children.at(-1)!;
const ready = (refused: Record<string, string> = {}) => newest().options.onMessage({ kind: "ready", refused });
const die = () => newest().options.onGone();

async function start(models: HostModel[] = [model("a")], timeouts = true): Promise<ModelHost> {
  const starting = startModelHost({ models, clock, timeouts });
  ready();
  const host = await starting;
  host.onState((state) => states.push(state));
  return host;
}

test("fresh children come at once twice, then after 0.2, 1 and 5 s, then every 30 s; an answer begins the row anew", async () => {
  const host = await start();
  const waitsMs = async () => {
    const count = children.length;
    for (let ms = 0; ms <= 60_000; ms += 100) {
      if (children.length > count) return ms;
      clock.advance(100);
    }
    return Number.NaN;
  };
  const pauses: number[] = [];
  for (let i = 0; i < 7; i++) {
    const count = children.length;
    die();
    pauses.push(children.length > count ? 0 : await waitsMs());
  }
  expect(pauses).toEqual([0, 0, 200, 1000, 5000, 30_000, 30_000]);
  expect(host.models()[0]?.state).toBe("down");
  ready();
  expect([host.models()[0]?.state, states]).toEqual(["ready", ["down", "up"]]);
  host.submit("a", {}, () => {});
  await turn();
  newest().options.onMessage({ kind: "answer", serial: newest().calls[0]!.serial, outputs: {}, tookUs: 2500 });
  expect(host.figures()).toMatchObject({ busyMs: 2.5, restarts: 7 });
  const count = children.length;
  die();
  expect(children.length).toBe(count + 1);
});

test("a refusal of a window is a sign of life too", async () => {
  const host = await start();
  for (let i = 0; i < 2; i++) die();
  ready();
  host.submit("a", {}, () => {});
  await turn();
  newest().options.onMessage({ kind: "failed", serial: newest().calls[0]!.serial, reason: "shape" });
  const count = children.length;
  die();
  expect(children.length).toBe(count + 1);
});

test("in replay a dead child is replaced at once, and where none comes up no clock tries again", async () => {
  await start([model("a")], false);
  for (let i = 0; i < 5; i++) die();
  expect(children).toHaveLength(6);
  die();
  clock.advance(1e6);
  expect(children).toHaveLength(6);
});

test("a model whose loading ended two children is refused with the reason, and not given to the third", async () => {
  const starting = startModelHost({ models: [model("a"), model("b")], clock });
  for (let i = 0; i < 2; i++) {
    expect(newest().options.models.map(({ model }) => model)).toEqual(["a", "b"]);
    newest().options.onMessage({ kind: "loading", model: "a" });
    newest().options.onMessage({ kind: "loading", model: "b" });
    die();
  }
  clock.advance(200);
  expect(newest().options.models.map(({ model }) => model)).toEqual(["a"]);
  ready();
  const host = await starting;
  expect(host.models().map(({ id, state, reason }) => [id, state, reason])).toEqual([
    ["a", "ready", undefined],
    ["b", "refused", "loading it ends the process"],
  ]);
});

test("a death after the loading is nobody's fault", async () => {
  const starting = startModelHost({ models: [model("a")], clock });
  for (let i = 0; i < 2; i++) {
    newest().options.onMessage({ kind: "loading", model: "a" });
    ready();
    die();
  }
  clock.advance(200);
  ready();
  expect((await starting).models()[0]?.state).toBe("ready");
});

test("what the child could not load is refused with its reason, together with what waits for it", async () => {
  const starting = startModelHost({ models: [model("a"), model("b")], clock });
  ready({ b: "no such operator" });
  const host = await starting;
  expect(host.models()[1]).toMatchObject({ state: "refused", reason: "no such operator" });
  const outcomes: InferenceOutcome[] = [];
  host.submit("b", {}, (outcome) => outcomes.push(outcome));
  expect(outcomes).toEqual([]);
  await turn();
  expect(outcomes).toEqual([{ kind: "unknown", reason: "refused" }]);
  expect(newest().calls).toEqual([]);
});

test("a child that loads slowly but speaks is not ended; one that says nothing for 30 s is", async () => {
  const starting = startModelHost({ models: [model("a")], clock });
  clock.advance(29_999);
  newest().options.onMessage({ kind: "loading", model: "a" });
  clock.advance(29_999);
  expect(newest().isKilled).toBe(false);
  clock.advance(1);
  expect(newest().isKilled).toBe(true);
  const host = await starting;
  expect(host.models()[0]?.state).toBe("down");
  die();
  expect(host.models()[0]?.state).toBe("down");
  ready();
  clock.advance(60_000);
  expect([host.models()[0]?.state, newest().isKilled]).toEqual(["ready", false]);
});

test("the start waits five seconds, and not once the child is ready", async () => {
  let isStarted = false;
  const starting = startModelHost({ models: [model("a")], clock }).then((host) => {
    isStarted = true;
    return host;
  });
  clock.advance(4999);
  await turn();
  expect(isStarted).toBe(false);
  clock.advance(1);
  await starting;
  const host = await start();
  await turn();
  clock.advance(10_000);
  expect(host.models()[0]?.state).toBe("ready");
});

test("64 windows are in the child's hands at most, those of one turn in one message, and each answer makes room for the next", async () => {
  const host = await start();
  for (let i = 0; i < 5; i++) host.submit("a", {}, () => {});
  expect(newest().calls).toHaveLength(0);
  await turn();
  expect([newest().calls.length, newest().messageCount]).toEqual([5, 1]);
  for (let i = 0; i < 65; i++) host.submit("a", {}, () => {});
  await turn();
  expect([newest().calls.length, newest().messageCount]).toEqual([64, 2]);
  newest().options.onMessage({ kind: "answer", serial: 1, outputs: {}, tookUs: 1 });
  await turn();
  expect(newest().calls).toHaveLength(65);
  newest().options.onMessage({ kind: "failed", serial: 2, reason: "shape" });
  await turn();
  expect(newest().calls).toHaveLength(66);
});

test("what is told of a model is what its package says", async () => {
  const metrics = [{ task: "none" }];
  const host = await start([model("a", { metrics, version: "2.1.0", sha256: "ff", precision: "int8" })]);
  expect(host.models()).toEqual([{ id: "a", version: "2.1.0", sha256: "ff", precision: "int8", state: "ready", metrics }]);
});

test("a listener that left is told nothing, and a close is one", async () => {
  const host = await start();
  const heard: string[] = [];
  host.onState((state) => heard.push(state))();
  const closing = host.close();
  expect([host.close() === closing, newest().isKilled]).toEqual([true, true]);
  ready();
  die();
  await closing;
  expect([heard, children.length, host.models()[0]?.state]).toEqual([[], 1, "down"]);
});

test("a close during the pause before the next child ends without one", async () => {
  const host = await start();
  for (let i = 0; i < 3; i++) die();
  await host.close();
  clock.advance(60_000);
  expect(children).toHaveLength(3);
});
