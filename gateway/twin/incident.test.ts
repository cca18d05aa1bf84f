import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createLog } from "../runtime/log.ts";
import { isIncident, silentTogether } from "./incident.ts";
import { watchSilence } from "./silence.ts";
import type { Incident, WatchedGateway } from "./store/port.ts";

const minuteUs = 60_000_000;

test("of gateways that are silent those count together whose last words lie within five minutes", () => {
  expect(silentTogether([])).toBe(0);
  expect(silentTogether([0, 5 * minuteUs, 5 * minuteUs + 1])).toBe(2);
  expect(silentTogether([9 * minuteUs, 0, 4 * minuteUs, 8 * minuteUs, 30 * minuteUs])).toBe(3);
});

test("twenty and more than one of fifty are an incident, which is over at half as many", () => {
  expect([isIncident(19, 100, false), isIncident(20, 100, false), isIncident(20, 1000, false), isIncident(21, 1000, false)]).toEqual([
    false,
    true,
    false,
    true,
  ]);
  expect([isIncident(11, 1000, true), isIncident(10, 1000, true), isIncident(10, 100, true), isIncident(9, 100, true)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

/** What two workers share of 1,000 gateways. */
function createFleet() {
  const clock = virtualClock(1_700_000_000_000_000);
  const gateways = Array.from({ length: 1000 }, (_, i) => ({
    ...{ gateway: `home-${i}`, heardCount: 1, heardUs: clock.wallUs() },
    told: undefined as WatchedGateway["told"],
  }));
  const incidents: Incident[] = [];
  const said: string[] = [];
  const store: Parameters<typeof watchSilence>[0]["store"] = {
    watched: async () => gateways.map(({ told, ...each }) => ({ ...each, ...(told && { told }) })),
    async tellSilence(id, silence, seen) {
      const own = gateways.find(({ gateway }) => gateway === id);
      if (own === undefined || own.heardCount !== seen.heardCount || own.told?.level !== seen.told?.level) return false;
      own.told = silence && { level: silence.level, heardCount: own.heardCount };
      return true;
    },
    async openIncident({ openedUs, gateways: together, of }) {
      if (incidents[0] !== undefined && incidents[0].endedUs === undefined) {
        incidents[0] = { ...incidents[0], gateways: together };
        return false;
      }
      incidents.unshift({ openedUs, gateways: together, of });
      return true;
    },
    async endIncident(endedUs) {
      const [open] = incidents;
      if (open === undefined || open.endedUs !== undefined) return false;
      incidents[0] = { ...open, endedUs };
      return true;
    },
    incidents: async () => incidents.slice(0, 1),
  };
  const alone: string[] = [];
  const open = () =>
    watchSilence({
      ...{ store, clock, log: createLog({ level: "silent" }) },
      onChange: (gateway, found, isPart) => void (isPart ? undefined : alone.push(`${gateway} ${found?.level ?? "heard"}`)),
      onIncident: (incident) => void said.push(incident === undefined ? "over" : `${incident.gateways} of ${incident.of}`),
    });
  const pass = async (minutes: number, isHeard: (i: number) => boolean) => {
    for (let step = 0; step < minutes * 6; step++) {
      if (step % 6 === 0)
        for (const [i, each] of gateways.entries())
          if (isHeard(i)) Object.assign(each, { heardCount: each.heardCount + 1, heardUs: clock.wallUs() });
      clock.advance(10_000);
      for (let turn = 0; turn < 4000; turn++) await Promise.resolve();
    }
  };
  return { open, pass, said, alone, incidents };
}

test("300 of 1,000 gateways that fall silent are one word to the operator, told by one of two workers, and one when they are back", async () => {
  const { open, pass, said, alone, incidents } = createFleet();
  const workers = [open(), open()];
  await pass(2, () => true);
  await pass(17, (i) => i >= 300);
  expect([said, alone, incidents.length]).toEqual([["300 of 1000"], [], 1]);
  await pass(3, () => true);
  expect([said, alone, incidents[0]?.endedUs === undefined]).toEqual([["300 of 1000", "over"], [], false]);
  for (const worker of workers) await worker.close();
});

test("some homes that are silent for themselves are told one by one, a takeover by another worker tells nothing twice", async () => {
  const { open, pass, said, alone } = createFleet();
  const first = open();
  await pass(17, (i) => i >= 3);
  await first.close();
  const second = open();
  await pass(2, (i) => i >= 3);
  await second.close();
  expect([said, alone]).toEqual([[], ["home-0 warn", "home-1 warn", "home-2 warn"]]);
});
