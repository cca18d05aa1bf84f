import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { isOpen } from "../../device-drivers/contract/event.ts";
import type { PersonCommit } from "../store/store-port.ts";
import { notSaidAgain } from "./outside.ts";
import { helpCountdownS, helpTakenBack, outsideLimits, type Saying } from "./outside-port.ts";
import { type AlertServiceParts, createAlertService } from "./service.ts";
import { renderAlert, renderClear } from "./texts.ts";

const startUs = 1_700_000_000_000_000;
const flow = { account: "token-1", name: "Bed flow" };
const of = { person: "p1", rule: "flow.bed" };
const saying: Saying = { title: "Out of bed", priority: "medium", leaseS: 600 };

/** What a home keeps over its runs. */
function keeper(clock = virtualClock()) {
  const alerts = new Map<string, AlertRecord>();
  const audit: { what: string; by: string }[] = [];
  const values = new Map<string, Uint8Array>();
  const store = {
    async commit(commit: PersonCommit) {
      for (const alert of commit.alerts ?? []) alerts.set(alert.id, alert);
      audit.push(...(commit.audit ?? []).map(({ what, by }) => ({ what, by })));
    },
    alert: async (id: string) => alerts.get(id),
    alerts: async ({ unfinished }: { unfinished?: true }) => ({
      alerts: [...alerts.values()].filter(({ state }) => unfinished !== true || state !== "closed"),
    }),
    getValue: async (key: string) => values.get(key),
    putValue: async (key: string, value: Uint8Array) => void values.set(key, value),
  };
  const start = async (options: { programsMayRaiseHigh?: boolean } = {}) => {
    const told: string[] = [];
    const people = [{ id: "p1", name: "Person A", profile: {} }];
    const service = createAlertService({
      ...{ channels: [], clock, nowUs: () => startUs + clock.monotonicUs(), mode: "real", store, programsMayRaiseHigh: false },
      registry: {
        people: () => people,
        person: (id: string) => people.find((each) => each.id === id),
        ...{ device: () => undefined, wearing: () => undefined, wearings: () => [] },
      },
      ...{ show() {}, onStoreError() {} },
      onChanges: (changes: readonly { why: string; alert: AlertRecord; notify: boolean }[]) =>
        told.push(
          ...changes.flatMap(({ why, alert, notify }) => (why === "delivered" ? [] : [`${why} ${alert.rule}${notify ? " told" : ""}`])),
        ),
      ...options,
    } as unknown as AlertServiceParts);
    await service.resume();
    return { service, told };
  };
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { clock, start, alerts, audit, values, settled, newest: () => [...alerts.values()].at(-1) };
}

const slots = { person: "Person A", device: "The gateway", clock: () => "21:14", nowUs: startUs };

test("a condition of another program raises one alert that says whose it is; said again it costs nothing, changed it is updated, ended it is over", async () => {
  const { start, audit, newest } = keeper();
  const { service, told } = await start();
  const first = await service.outside.say(of, { ...saying, value: 3, unit: "min" }, flow);
  expect(first).toMatchObject({ already: false, condition: { person: "p1", rule: "flow.bed", by: "Bed flow" } });
  expect(newest()).toMatchObject({ id: first.condition.alert, kind: "technical", priority: "medium", value: 3, said: { by: "Bed flow" } });
  const { title, body } = renderAlert(newest() as AlertRecord, slots);
  expect(title).toBe("Person A: Out of bed");
  expect(body).toContain("Value 3 min. Since 21:14. Raised by Bed flow, another program");
  expect((await service.outside.say(of, { ...saying, value: 3, unit: "min" }, flow)).already).toBe(true);
  expect((await service.outside.say(of, { ...saying, title: "Still out of bed", value: 2, unit: "min" }, flow)).already).toBe(false);
  expect(newest()).toMatchObject({ value: 2, said: { title: "Still out of bed" }, count: 1 });
  expect((await service.outside.end(of, flow)).already).toBe(false);
  expect((await service.outside.end(of, flow)).already).toBe(true);
  expect(newest()?.state).toBe("resolved");
  expect(renderClear(newest() as AlertRecord, slots).title).toBe("Over: Person A: Still out of bed");
  expect(told).toEqual(["raised flow.bed told", "updated flow.bed", "ended flow.bed told"]);
  expect(audit.filter(({ what }) => what !== "alert.delivered")).toEqual(
    ["alert.raised", "alert.updated", "alert.ended"].map((what) => ({ what, by: "Bed flow" })),
  );
  service.close();
});

test("what is no flow, nobody's, too urgent or too much is refused with its reason and changes nothing", async () => {
  const { clock, start, alerts } = keeper();
  const { service } = await start();
  const say = (rule: string, more: Partial<Saying> = {}, person = "p1", by = flow) =>
    service.outside.say({ person, rule }, { ...saying, ...more }, by).then(
      () => "taken",
      ({ code }: { code: string }) => code,
    );
  for (const rule of ["rhythm.vt", "hr.high", "manual.help", "flow.", "flow.A", "flow.a/b", `flow.${"a".repeat(60)}`])
    expect([rule, await say(rule)]).toEqual([rule, "condition.not_flow"]);
  expect(await say("flow.a", {}, "nobody")).toBe("registry.unknown");
  expect(await say("flow.a", { priority: "high" })).toBe("condition.priority");
  expect(alerts.size).toBe(0);
  expect(await say("flow.house", {}, "gateway")).toBe("taken");
  for (let i = 1; i < outsideLimits.perAccount; i++) expect(await say(`flow.n${i}`)).toBe("taken");
  expect(await say("flow.more")).toBe("condition.too_many_open");
  const other = { account: "token-2", name: "Other" };
  expect(await say("flow.more", {}, "p1", other)).toBe("taken");
  expect(await say("flow.more-still", {}, "p1", other)).toBe("condition.too_many_open");
  const changes: string[] = [];
  for (let i = 0; i < outsideLimits.changes.depth; i++) changes.push(await say("flow.n1", { value: i }));
  expect(changes.filter((each) => each !== "taken")).toContain("condition.too_many_changes");
  clock.advance(outsideLimits.changes.everyUs / 1000);
  expect(await say("flow.n1", { value: -1 })).toBe("taken");
  service.close();
});

test("what is not said again in time is closed with that reason, and is no all-clear", async () => {
  const { clock, start, newest, settled } = keeper();
  const { service } = await start();
  await service.outside.say(of, saying, flow);
  clock.advance(599_000);
  await service.outside.say(of, saying, flow);
  clock.advance(599_000);
  await settled();
  expect(newest()?.state).not.toBe("closed");
  clock.advance(2000);
  await settled();
  expect(newest()).toMatchObject({ state: "closed", closeReason: notSaidAgain });
  expect(service.outside.list()).toEqual([]);
  service.close();
});

test("over a restart an open condition is believed for one more lease, and its program goes on with it or ends it", async () => {
  const home = keeper();
  const { service } = await home.start();
  const { condition } = await service.outside.say(of, saying, flow);
  home.clock.advance(500_000);
  service.close();
  const { service: again } = await home.start();
  expect(again.outside.list()).toMatchObject([{ ...of, title: "Out of bed", alert: condition.alert }]);
  home.clock.advance(500_000);
  await home.settled();
  expect((await again.outside.say(of, saying, flow)).condition.alert).toBe(condition.alert);
  home.clock.advance(500_000);
  expect((await again.outside.end(of, flow)).already).toBe(false);
  expect(home.alerts.size).toBe(1);
  expect(home.newest()?.state).toBe("resolved");
  again.close();
});

test("one that a person has closed is not raised again by its program saying the same", async () => {
  const home = keeper();
  const { service } = await home.start();
  const { condition } = await service.outside.say(of, saying, flow);
  await service.desk.act(condition.alert, "close", { role: "caregiver", name: "Person B" }, { reason: "seen" });
  await service.outside.say(of, { ...saying, value: 5 }, flow);
  expect(home.newest()?.state).toBe("closed");
  await service.outside.end(of, flow);
  await service.outside.say(of, saying, flow);
  expect([...home.alerts.values()].filter(isOpen)).toHaveLength(1);
  service.close();
});

test("where the operator allows it a program raises a high alert, which nothing but a named person ends", async () => {
  const { clock, start, newest, settled } = keeper();
  const { service } = await start({ programsMayRaiseHigh: true });
  const { condition } = await service.outside.say(of, { ...saying, priority: "high" }, flow);
  clock.advance(700_000);
  await settled();
  expect(newest()?.state).not.toBe("closed");
  await service.outside.end(of, flow);
  expect(isOpen(newest() as AlertRecord)).toBe(true);
  await service.desk.act(condition.alert, "acknowledge", { role: "caregiver", name: "Person B" }, {});
  expect(newest()?.state).toBe("resolved");
  service.close();
});

test("what programs say stays when the clock is put right", async () => {
  const { start, newest, settled } = keeper();
  const { service } = await start();
  await service.outside.say(of, saying, flow);
  service.axisMoved();
  await settled();
  expect(isOpen(newest() as AlertRecord)).toBe(true);
  service.close();
});

test("a call for help counts down, can be taken back, and is told until a named person has it", async () => {
  const { clock, start, audit, newest, settled, alerts } = keeper();
  const { service, told } = await start();
  const { help } = service;
  expect((await help.call("p1", "Person A")).already).toBe(false);
  clock.advance((helpCountdownS - 1) * 1000);
  expect((await help.call("p1", "Person A")).already).toBe(true);
  expect((await help.cancel("p1", "Person A")).help.state).toBe("none");
  expect((await help.cancel("p1", "Person A")).already).toBe(true);
  clock.advance(60_000);
  await settled();
  expect(alerts.size).toBe(0);
  await help.call("p1", "Person A");
  clock.advance(helpCountdownS * 1000);
  await settled();
  expect(newest()).toMatchObject({ rule: "manual.help", priority: "high", kind: "physiological", said: { by: "Person A" } });
  expect(renderAlert(newest() as AlertRecord, slots).title).toBe("Person A calls for help");
  expect(help.state("p1").state).toBe("told");
  await expect(help.cancel("p1", "Person A")).rejects.toMatchObject({ code: "help.told" });
  expect((await help.call("p1", "Person A")).already).toBe(true);
  await service.desk.act(newest()?.id ?? "", "acknowledge", { role: "caregiver", name: "Person B" }, {});
  expect(newest()).toMatchObject({ state: "resolved", acknowledgedBy: "Person B" });
  await help.call("p1", "Person A");
  clock.advance(helpCountdownS * 1000);
  await settled();
  expect(told.filter((each) => each === "raised manual.help told")).toHaveLength(2);
  expect(audit.map(({ what }) => what)).toContain("help.cancelled");
  await expect(help.call("nobody", "Person A")).rejects.toMatchObject({ code: "registry.unknown" });
  service.close();
});

test("a button that calls and takes back without end is told in the end, and no call is refused", async () => {
  const { clock, start, settled, alerts } = keeper();
  const { service } = await start();
  const { help } = service;
  for (let i = 0; i < helpTakenBack.depth; i++) {
    await help.call("p1", "Person A");
    await help.cancel("p1", "Person A");
  }
  await help.call("p1", "Person A");
  await expect(help.cancel("p1", "Person A")).rejects.toMatchObject({ code: "help.too_many_taken_back" });
  clock.advance(helpCountdownS * 1000);
  await settled();
  expect([...alerts.values()].map(({ rule }) => rule)).toEqual(["manual.help"]);
  service.close();
});

test("a gateway that falls in the countdown tells the call after its start, once", async () => {
  const home = keeper();
  const { service } = await home.start();
  await service.help.call("p1", "Person A");
  home.clock.advance(4000);
  service.close();
  home.clock.advance(3_600_000);
  const { service: again } = await home.start();
  home.clock.advance(0);
  await home.settled();
  expect(home.newest()).toMatchObject({ rule: "manual.help", onsetUs: startUs });
  again.close();
  const { service: third } = await home.start();
  home.clock.advance(20_000);
  await home.settled();
  expect([...home.alerts.values()].map(({ rule, count }) => [rule, count])).toEqual([["manual.help", 1]]);
  third.close();
});
