import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { RuleDecision } from "../rules/rule.ts";
import type { ChannelSettings } from "./channels/channel.ts";
import type { AlertChange } from "./core.ts";
import { type AlertServiceParts, createAlertService } from "./service.ts";

const startUs = 1_000_000_000;

function home({ commit = async () => {}, channels = [] }: { commit?: () => Promise<void>; channels?: readonly ChannelSettings[] } = {}) {
  const clock = virtualClock();
  const wearing = { device: "strap", person: "p1", placement: "chest", fromUs: 0 };
  const told: string[] = [];
  const people = [{ id: "p1", name: "Person A", profile: {} }];
  const registry = {
    people: () => people,
    person: () => people[0],
    device: () => undefined,
    wearing: () => wearing,
    wearings: () => [wearing],
  };
  const alertService = createAlertService({
    channels,
    ...{ clock, nowUs: () => startUs + clock.monotonicUs(), mode: "real" },
    log: { warn() {}, error() {} },
    store: { commit, alert: async () => undefined, alerts: async () => ({ alerts: [] }) },
    ...{ registry, show() {}, onStoreError() {} },
    onChanges: (changes: readonly AlertChange[]) =>
      told.push(...changes.flatMap(({ why, alert }) => (why === "delivered" ? [] : [`${why} ${alert.rule}`]))),
  } as unknown as AlertServiceParts);
  const begin = (rule: string, priority: "high" | "medium" | "low", alertKind: "physiological" | "technical"): void =>
    alertService.desk.decide("p1", {
      ...{ kind: "begin", rule, device: "strap", stream: "ecg", priority, alertKind, quality: "good" },
      ...{ onsetUs: startUs, timeUs: startUs },
    } satisfies RuleDecision);
  const open = () => alertService.desk.open().map(({ rule }) => rule);
  return { clock, alertService, begin, open, told, settled: () => new Promise<void>((resolve) => setImmediate(resolve)) };
}

test("when the clock is put right nothing stays open that no rule can end any more, but a high alert and what the gateway itself watches do", async () => {
  const { alertService, begin, open, told, settled } = home();
  begin("rhythm.vt", "high", "physiological");
  begin("hr.high", "medium", "physiological");
  begin("device.lead-off", "low", "technical");
  begin("data.missing", "medium", "technical");
  alertService.set("device.cable", true, "other");
  await settled();
  told.length = 0;
  alertService.axisMoved();
  await settled();
  expect(open().sort()).toEqual(["data.missing", "device.cable", "rhythm.vt"]);
  expect(told).toEqual(["closed hr.high", "closed device.lead-off", "still-open-after-restart rhythm.vt"]);
  begin("hr.high", "medium", "physiological");
  await settled();
  expect(told.at(-1)).toBe("raised hr.high");
  alertService.close();
});

test("an alert is told although the disk hangs and neither takes nor refuses it", async () => {
  const { clock, alertService, begin, told, settled } = home({ commit: () => new Promise(() => {}) });
  begin("data.missing", "medium", "technical");
  await settled();
  expect(told).toEqual([]);
  clock.advance(3000);
  await settled();
  expect(told).toEqual(["raised data.missing"]);
  alertService.close();
});

test("a snooze is taken from whoever has a channel that it quiets, and refused with the way out from everybody else", async () => {
  const own = { kind: "webhook", name: "phone-b", url: "http://127.0.0.1:9", carer: "Person B", minPriority: "high" } as const;
  const { alertService, begin } = home({ channels: [own] });
  begin("device.lead-off", "low", "technical");
  const [{ id } = { id: "" }] = alertService.desk.open();
  const snooze = (name: string) => alertService.desk.act(id, "snooze", { role: "caregiver", name }, {});
  await expect(snooze("Person C")).rejects.toMatchObject({ code: "alert.no_own_channel", kind: "operator" });
  expect((await snooze("Person B")).alert.snoozes).toMatchObject([{ by: "Person B" }]);
  alertService.close();
});
