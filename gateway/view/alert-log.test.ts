import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { openStore } from "../store/store.ts";
import { alertLogLimits, createAlertLog } from "./alert-log.ts";

const alert = (id: string, state: AlertRecord["state"] = "active"): AlertRecord => ({
  ...{ id, person: "p1", rule: "flow.x", device: "gateway", priority: "low", kind: "technical", state, mode: "real" },
  ...{ onsetUs: 1, raisedUs: 1, lastSeenUs: 1, count: 1, quality: "unknown", snoozes: [], deliveries: [] },
});

async function home() {
  const dir = mkdtempSync(join(tmpdir(), "alert-log-"));
  const open = async (run: string) => {
    const clock = virtualClock();
    let epochs = 0;
    const { store } = await openStore({ dir, clock, epochBytes: () => new Uint8Array(8).fill(++epochs) });
    const log = createAlertLog(run, store);
    const change = async (record: AlertRecord, why = "raised") => {
      const audit = [{ atUs: 1, what: `alert.${why}`, by: "gateway", subject: record.id, detail: {} }];
      await store.commit({ person: "p1", alerts: [record], audit }, true);
      return log.add(record, why);
    };
    return {
      store,
      log,
      change,
      audit: (what: string) => store.commit({ person: "p1", audit: [{ atUs: 1, what, by: "x", subject: "p1", detail: {} }] }, true),
    };
  };
  return { open, end: () => rmSync(dir, { recursive: true }) };
}

test("within a run whoever comes back is told every change since, in order, and nothing twice", async () => {
  const { open, end } = await home();
  const { store, log, change } = await open("a");
  await change(alert("1"));
  const { id = "" } = await change(alert("2"));
  await change(alert("1", "acknowledged"), "acknowledged");
  await change(alert("1", "resolved"), "ended");
  expect((await log.after(id))?.map(({ alert, why }) => [alert.id, why])).toEqual([
    ["1", "acknowledged"],
    ["1", "ended"],
  ]);
  expect(await log.after(log.now())).toEqual([]);
  await store.close();
  end();
});

test("after a restart, and after more changes than are held, each alert that changed is told as it is now", async () => {
  const { open, end } = await home();
  const first = await open("a");
  await first.change(alert("old"));
  for (let i = 0; i < alertLogLimits.lagRows; i++) await first.audit("token.used");
  const { id = "" } = await first.change(alert("1"));
  await first.change(alert("2"));
  await first.change(alert("1", "resolved"), "ended");
  await first.store.close();
  const second = await open("b");
  await second.store.flush();
  const { id: newer = "" } = await second.change(alert("3"));
  const missed = (await second.log.after(id)) ?? [];
  expect(missed.map(({ alert }) => [alert.id, alert.state])).toEqual([
    ["2", "active"],
    ["1", "resolved"],
    ["3", "active"],
  ]);
  expect(missed.map((message) => message.id)).toEqual([undefined, undefined, newer]);
  await second.store.close();
  end();
});

test("an id of another home, of a time that has not been, and one that is none are not known; neither is one before too many changes", async () => {
  const { open, end } = await home();
  const { store, log, change } = await open("a");
  const { id = "" } = await change(alert("1"));
  const [epoch = ""] = id.split(".");
  for (const wrong of [
    "",
    "5",
    "x.1.a.1",
    `${id}.1`,
    `${"f".repeat(16)}.1.z.1`,
    `${epoch}.999.z.1`,
    `${epoch}.1.a.7777777`.replace(".1.a", ".999.a"),
  ])
    expect([wrong, await log.after(wrong)]).toEqual([wrong, undefined]);
  await Promise.all(Array.from({ length: alertLogLimits.changed + 1 }, (_, i) => change(alert(`n${i}`))));
  expect(await log.after(id.replace(".a.", ".z."))).toBeUndefined();
  expect((await log.after(id))?.length).toBe(alertLogLimits.changed + 1);
  await store.close();
  end();
});
