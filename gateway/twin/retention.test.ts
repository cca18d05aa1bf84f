import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createLog } from "../runtime/log.ts";
import { beginOfMonth, startRetention } from "./retention.ts";

const day = 86_400_000_000;
const now = Date.UTC(2024, 4, 20, 12) * 1000;

async function run(heardUs: number, after: (clock: ReturnType<typeof virtualClock>) => void = () => {}) {
  const clock = virtualClock(now);
  const asked: { detailBeforeUs: number; minutesBeforeUs: number }[] = [];
  const turn = async () => {
    for (let i = 0; i < 50; i++) await Promise.resolve();
  };
  const stop = startRetention({
    store: {
      watched: async () => [{ gateway: "home-a", heardCount: 1, heardUs }],
      async forget(before) {
        asked.push(before);
        return 1;
      },
    },
    keeping: { detailDays: 100, minuteYears: 2 },
    clock,
    log: createLog({ level: "silent" }),
  });
  await turn();
  after(clock);
  await turn();
  await stop();
  return asked.map(({ detailBeforeUs, minutesBeforeUs }) =>
    [detailBeforeUs, minutesBeforeUs].map((us) => new Date(us / 1000).toISOString()),
  );
}

test("what ended before the month in which its time is over goes, at the start and every hour", async () => {
  const before = ["2024-02-01T00:00:00.000Z", "2022-05-01T00:00:00.000Z"];
  expect(await run(now - day)).toEqual([before]);
  expect(await run(now - day, (clock) => clock.advance(3_600_000))).toEqual([before, before]);
  expect(beginOfMonth(Date.UTC(2024, 1, 1) * 1000)).toBe(Date.UTC(2024, 1, 1) * 1000);
});

test("a clock that is weeks ahead of all that was heard deletes nothing, also when somebody is heard under it", async () => {
  expect(await run(now - 41 * day, (clock) => clock.advance(7_200_000))).toEqual([]);
  expect(await run(0)).toEqual([]);
});
