import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { type AlertRecord, isOpen } from "../../device-drivers/contract/event.ts";
import type { ConditionBegin } from "../rules/rule.ts";
import type { PersonCommit } from "../store/store-port.ts";
import { presenceLimits } from "./presence-port.ts";
import { type AlertServiceParts, createAlertService } from "./service.ts";
import { renderAlert } from "./texts.ts";

const startUs = 1_700_000_000_000_000;
const hourMs = 3_600_000;
const carer = { role: "caregiver", name: "Person B" } as const;
const program = { role: "integrator", name: "Phone flow" } as const;
const hour = (n: number) => startUs + n * 3_600_000_000;

/** A home of one person and one strap, over its runs. */
function home() {
  const clock = virtualClock();
  const alerts = new Map<string, AlertRecord>();
  const audit: string[] = [];
  const values = new Map<string, Uint8Array>();
  const store = {
    async commit(commit: PersonCommit) {
      for (const alert of commit.alerts ?? []) alerts.set(alert.id, alert);
      audit.push(...(commit.audit ?? []).map(({ what, by }) => `${what} ${by}`));
    },
    alert: async (id: string) => alerts.get(id),
    alerts: async ({ unfinished }: { unfinished?: true }) => ({
      alerts: [...alerts.values()].filter(({ state }) => unfinished !== true || state !== "closed"),
    }),
    getValue: async (key: string) => values.get(key),
    putValue: async (key: string, value: Uint8Array) => void values.set(key, value),
  };
  let stepUs = 0;
  const people = [{ id: "p1", name: "Person A", profile: {} }];
  const wearing = { device: "strap", person: "p1", placement: "chest", fromUs: 0 };
  const start = async () => {
    const told: string[] = [];
    const service = createAlertService({
      ...{ channels: [], clock, nowUs: () => startUs + clock.monotonicUs() + stepUs, mode: "real", store, programsMayRaiseHigh: false },
      registry: {
        people: () => people,
        person: (id: string) => people.find((each) => each.id === id),
        ...{ device: () => undefined, wearing: () => wearing, wearings: () => [wearing] },
      },
      ...{ show() {}, onStoreError() {} },
      onChanges: (changes: readonly { why: string; alert: AlertRecord }[]) =>
        told.push(...changes.flatMap(({ why, alert }) => (why === "delivered" ? [] : [`${why} ${alert.rule} ${alert.priority}`]))),
    } as unknown as AlertServiceParts);
    await service.resume();
    /** Time goes on with the strap's signal, or without it. */
    const pass = async (ms: number, isMeasured = false) => {
      for (let left = ms; left > 0; left -= 5000) {
        clock.advance(Math.min(5000, left));
        if (isMeasured) service.missing.usable("strap", "ecg", startUs + clock.monotonicUs() + stepUs);
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    };
    return { service, told, pass };
  };
  const open = () => [...alerts.values()].filter(isOpen).map(({ rule, priority }) => `${rule} ${priority}`);
  return { clock, start, alerts, audit, values, open, step: (us: number) => (stepUs += us) };
}

const leadOff = (timeUs: number): ConditionBegin => ({
  ...{ kind: "begin", rule: "device.lead-off", device: "strap", stream: "ecg", priority: "low", alertKind: "technical" },
  ...{ onsetUs: timeUs, timeUs, quality: "unknown" },
});

test("who is away raises nothing by silence, lost contact or a pulled cable; back at home each is told that is still so", async () => {
  const { start, open } = home();
  const { service, told, pass } = await start();
  await service.presence.say("p1", { state: "away", untilUs: hour(50) }, carer);
  service.desk.decide("p1", leadOff(startUs));
  service.set("device.cable", true, "strap");
  service.desk.decide("p1", { kind: "update", rule: "device.lead-off", device: "strap", timeUs: startUs, priority: "medium" });
  await pass(48 * hourMs);
  expect([told, open()]).toEqual([[], []]);
  expect(service.presence.of("p1")).toMatchObject({ state: "away", by: "Person B", untilUs: hour(50), isOverdue: false });
  service.set("device.cable", false, "strap");
  await service.presence.say("p1", { state: "home" }, carer);
  await pass(1000);
  expect(open()).toEqual(["device.lead-off medium"]);
  service.close();
});

test("what is measured is judged as ever, and a house that fails is told as ever", async () => {
  const { start, open } = home();
  const { service, pass } = await start();
  await service.presence.say("p1", { state: "away" }, carer);
  service.desk.decide("p1", { ...leadOff(startUs), rule: "rhythm.vt", priority: "high", alertKind: "physiological" });
  service.set("storage.disk-full", true);
  await pass(1000);
  expect(open()).toEqual(["rhythm.vt high", "storage.disk-full medium"]);
  service.close();
});

test("who is not back in time is told once at medium; an hour later silence is watched for itself again", async () => {
  const { start, open, alerts } = home();
  const { service, told, pass } = await start();
  await service.presence.say("p1", { state: "away", untilUs: hour(3) }, carer);
  await pass(3 * hourMs - 1000);
  expect(told).toEqual([]);
  await pass(2000);
  expect([told, service.presence.of("p1").isOverdue]).toEqual([["raised presence.overdue medium"], true]);
  const slots = { person: "Person A", device: "The gateway", clock: () => "21:14", nowUs: hour(3) };
  expect(renderAlert([...alerts.values()][0] as AlertRecord, slots)).toMatchObject({ title: "Person A is not back yet" });
  await pass(hourMs + 60_000);
  expect(open()).toEqual(["presence.overdue medium"]);
  await pass(61_000);
  expect(open()).toEqual(["presence.overdue medium", "data.missing medium"]);
  await service.presence.say("p1", { state: "away", untilUs: hour(9) }, carer);
  await pass(1000);
  expect(open()).toEqual([]);
  service.close();
});

test("signal that comes again after a silence ends what the absence covers, and the person is not missed", async () => {
  const { start, open, audit } = home();
  const { service, pass } = await start();
  await service.presence.say("p1", { state: "away", untilUs: hour(9) }, carer);
  // On the way out: the strap is taken off a little later.
  await pass(300_000, true);
  expect(service.presence.of("p1").seenAgainUs).toBeUndefined();
  await pass(hourMs);
  await pass(40_000, true);
  expect(service.presence.of("p1").seenAgainUs).toBeUndefined();
  await pass(40_000, true);
  expect(service.presence.of("p1").seenAgainUs).toBeDefined();
  expect(audit.at(-1)).toBe("presence.seen-again gateway");
  await pass(130_000);
  expect(open()).toEqual(["data.missing medium"]);
  await pass(10 * hourMs, true);
  expect(open()).toEqual([]);
  service.close();
});

test("what was told already is closed by who says where the person is; a high one in a carer's name alone", async () => {
  for (const [by, stays] of [
    [program, ["data.missing high"]],
    [{ role: "patient", name: "Person A" } as const, ["data.missing high"]],
    [carer, []],
  ] as const) {
    const { start, open, alerts } = home();
    const { service, pass } = await start();
    await pass(700_000);
    service.set("device.cable", true, "strap");
    expect(open()).toEqual(["data.missing high"]);
    await service.presence.say("p1", { state: "away" }, by);
    await pass(hourMs);
    expect(open()).toEqual(stays);
    if (stays.length === 0)
      expect([...alerts.values()][0]).toMatchObject({ state: "closed", closeReason: "Person B says that they are away." });
    // Data that come end the high one, which then waits for a named person.
    await pass(70_000, true);
    expect([...alerts.values()][0]?.endedUs).toBeDefined();
    service.close();
  }
});

test("a pause lasts an hour at most and ends by itself", async () => {
  const { start, open, audit } = home();
  const { service, pass } = await start();
  await service.presence.say("p1", { state: "paused" }, { role: "patient", name: "Person A" });
  await pass(hourMs / 2 - 1000);
  expect([open(), service.presence.of("p1").state]).toEqual([[], "paused"]);
  await pass(125_000);
  expect([open(), service.presence.of("p1").state]).toEqual([["data.missing medium"], "home"]);
  expect(audit).toContain("presence.pause-over gateway");
  service.close();
});

test("it is kept over a restart, with what is left of it, and a clock that is put right makes it no longer", async () => {
  const first = home();
  const { service, pass } = await first.start();
  await service.presence.say("p1", { state: "away", untilUs: hour(5) }, carer);
  await pass(2 * hourMs);
  service.close();
  first.clock.advance(hourMs);
  const { service: again, told, pass: passAgain } = await first.start();
  expect(again.presence.of("p1")).toMatchObject({ state: "away", by: "Person B", untilUs: hour(5) });
  await passAgain(hourMs);
  first.step(-1000 * hourMs * 1000);
  again.axisMoved();
  await passAgain(hourMs);
  expect(told).toEqual(["raised presence.overdue medium"]);
  again.close();
  const { service: third } = await first.start();
  expect(third.presence.of("p1").isOverdue).toBe(true);
  await third.presence.say("p1", { state: "home" }, carer);
  await passAgain(1000);
  expect(first.open()).toEqual([]);
  third.close();
  // A record of another version counts as nobody's word.
  first.values.set("presence/p1", new TextEncoder().encode("abroad 1 2 - x"));
  const { service: fourth } = await first.start();
  expect(fourth.presence.of("p1").state).toBe("home");
  fourth.close();
});

test("it has an end in every case, costs nothing when it is said again, and is refused where it is too long or comes too often", async () => {
  const { start, audit } = home();
  const { service } = await start();
  const say = (state: "home" | "away" | "paused", untilUs?: number, by: typeof carer | typeof program = carer) =>
    service.presence.say("p1", { state, ...(untilUs === undefined ? {} : { untilUs }) }, by).then(
      ({ presence, already }) => [presence.untilUs, already],
      ({ code }: { code: string }) => code,
    );
  expect(await say("away")).toEqual([startUs + presenceLimits.away.usual * 1e6, false]);
  expect(await say("away")).toEqual([startUs + presenceLimits.away.usual * 1e6, true]);
  expect(await say("away", hour(36 * 24))).toBe("presence.bad_until");
  expect(await say("away", hour(25), program)).toBe("presence.bad_until");
  expect(await say("away", hour(24), program)).toEqual([hour(24), false]);
  expect(await say("paused", hour(2))).toBe("presence.bad_until");
  expect(await say("away", startUs)).toBe("presence.bad_until");
  expect(await say("home", hour(1))).toBe("presence.bad_until");
  await expect(service.presence.say("nobody", { state: "away" }, carer)).rejects.toMatchObject({ code: "registry.unknown" });
  const answers: unknown[] = [];
  for (let i = 0; i < 30; i++) answers.push(await say(i % 2 === 0 ? "home" : "away"));
  expect(answers.filter((each) => each === "presence.too_many_changes")).not.toEqual([]);
  expect(audit.length).toBe(presenceLimits.changes.depth);
  service.close();
});
