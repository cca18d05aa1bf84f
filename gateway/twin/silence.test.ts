import { afterEach, beforeEach, expect, test } from "vitest";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import { createLog } from "../runtime/log.ts";
import { type Silence, type SilenceWatch, watchSilence } from "./silence.ts";
import type { WatchedGateway } from "./store/port.ts";

/** What workers share, as a store keeps it: answers come a turn later. */
function createShared(heardUs?: number) {
  const state: { heardCount: number; heardUs?: number; told?: WatchedGateway["told"]; isBroken?: boolean } = { heardCount: 0 };
  if (heardUs !== undefined) state.heardUs = heardUs;
  const store: Parameters<typeof watchSilence>[0]["store"] = {
    openIncident: async () => false,
    endIncident: async () => false,
    incidents: async () => [],
    async watched() {
      await Promise.resolve();
      if (state.isBroken) throw new Error("broken");
      const { heardCount, heardUs, told } = state;
      return [{ gateway: "home-a", heardCount, ...(heardUs === undefined ? {} : { heardUs }), ...(told === undefined ? {} : { told }) }];
    },
    async tellSilence(_gateway, silence, seen) {
      await Promise.resolve();
      if (seen.heardCount !== state.heardCount || seen.told?.level !== state.told?.level) return false;
      state.told = silence && { level: silence.level, heardCount: state.heardCount };
      return true;
    },
  };
  return { state, store };
}

let clock: VirtualClock;
let told: string[];
let open: SilenceWatch[];
beforeEach(() => {
  clock = virtualClock(1_700_000_000_000_000);
  told = [];
  open = [];
});
afterEach(async () => {
  for (const watch of open) await watch.close();
});

const turns = async () => {
  for (let i = 0; i < 60; i++) await Promise.resolve();
};
async function pass(seconds: number): Promise<void> {
  for (let step = 0; step < seconds / 10; step++) {
    clock.advance(10_000);
    await turns();
  }
}
function watch({ store }: ReturnType<typeof createShared>, name = "", own = clock): SilenceWatch {
  const onChange = (gateway: string, silence: Silence | undefined) =>
    void told.push(
      `${name}${gateway} ${silence === undefined ? "heard" : `${silence.level} ${silence.priority} ${Math.round(silence.silentS)}`}`,
    );
  const started = watchSilence({ store, clock: own, log: createLog({ level: "silent" }), onChange, onIncident() {} });
  open.push(started);
  return started;
}

test("a gateway that was never heard is told after 15 and after 30 minutes of watching, once each", async () => {
  const shared = createShared();
  watch(shared);
  await turns();
  await pass(890);
  expect(told).toEqual([]);
  await pass(10);
  expect(told).toEqual(["home-a warn medium 900"]);
  await pass(890);
  expect(told).toHaveLength(1);
  await pass(600);
  expect(told).toEqual(["home-a warn medium 900", "home-a urgent high 1800"]);
});

test("each heartbeat begins the time anew, and the one after a silence is told at once", async () => {
  const shared = createShared();
  const started = watch(shared);
  await pass(600);
  shared.state.heardCount = 1;
  await pass(890);
  expect(told).toEqual([]);
  await pass(30);
  expect(told).toHaveLength(1);
  shared.state.heardCount = 2;
  started.heard("home-a");
  await turns();
  expect(told[1]).toBe("home-a heard");
  await pass(880);
  expect(told).toHaveLength(2);
});

test("neither a wall clock that steps nor one that differs raises or mutes it", async () => {
  const shared = createShared();
  watch(shared);
  await pass(300);
  clock.stepWall(86_400_000);
  await pass(300);
  expect(told).toEqual([]);
  clock.stepWall(-2 * 86_400_000);
  await pass(300);
  expect(told).toEqual(["home-a warn medium 900"]);
});

test("after the twin was away a gateway gets three minutes to come back, however long it was and whatever the clock says", async () => {
  const nowUs = 1_700_000_000_000_000;
  for (const heardUs of [0, nowUs - 1000e6]) {
    told = [];
    watch(createShared(heardUs));
    await pass(170);
    expect(told).toEqual([]);
    await pass(20);
    expect(told).toEqual(["home-a warn medium 900"]);
    await open.pop()?.close();
  }
  told = [];
  watch(createShared(nowUs + 86_400e6));
  await pass(890);
  expect(told).toEqual([]);
});

test("a worker that came later takes no silence back and tells none a second time", async () => {
  const shared = createShared();
  watch(shared, "1: ");
  await pass(600);
  watch(shared, "2: ");
  await pass(600);
  expect(told).toEqual(["1: home-a warn medium 900"]);
  expect(shared.state.told?.level).toBe("warn");
});

test("what is heard while a silence is being told is not silent", async () => {
  const shared = createShared();
  const { store } = shared;
  watch({
    ...shared,
    store: {
      ...store,
      tellSilence(gateway, silence, seen) {
        shared.state.heardCount += 1;
        return store.tellSilence(gateway, silence, seen);
      },
    },
  });
  await pass(1000);
  expect([told, shared.state.told]).toEqual([[], undefined]);
});

test("a store that can't be read for a while mutes nothing: the silence is told when it can", async () => {
  const shared = createShared();
  watch(shared);
  await pass(100);
  shared.state.isBroken = true;
  await pass(1000);
  shared.state.isBroken = false;
  await pass(10);
  expect(told).toEqual(["home-a warn medium 1110"]);
});

test("a worker that comes when the worst was told tells nothing milder", async () => {
  const shared = createShared(clock.wallUs());
  watch(shared, "1: ");
  await pass(1810);
  watch(shared, "2: ");
  await pass(300);
  expect(told).toEqual(["1: home-a warn medium 900", "1: home-a urgent high 1800"]);
});

test("closing waits for the look that is under way, and after it nothing is asked any more", async () => {
  const shared = createShared();
  const held = Promise.withResolvers<void>();
  let asked = 0;
  const started = watch({
    ...shared,
    store: {
      ...shared.store,
      async watched() {
        asked += 1;
        if (asked === 3) await held.promise;
        return shared.store.watched();
      },
    },
  });
  shared.state.told = { level: "warn", heardCount: 0 };
  await pass(30);
  let isClosed = false;
  const closing = started.close().then(() => (isClosed = true));
  await pass(50);
  expect([asked, isClosed]).toEqual([3, false]);
  held.resolve();
  await closing;
  started.heard("home-a");
  await pass(50);
  expect(asked).toBe(3);
});
