import { expect, test } from "vitest";
import { virtualClock } from "../device-drivers/contract/clock.ts";
import type { AlertRecord } from "../device-drivers/contract/event.ts";
import { webhookChannel } from "../gateway/alert/channels/webhook.ts";
import { createWords } from "../gateway/alert/notifier.ts";
import { type TechnicalRuleId, technicalRules } from "../gateway/alert/technical.ts";
import { catalogue } from "../gateway/alert/texts.ts";
import { createHomeMqttBridge } from "../gateway/bridges/home-mqtt.ts";
import { presences } from "../gateway/ingest/receive.ts";
import { createRules, defaultProfile } from "../gateway/rules/index.ts";
import { partName, ruleName, ruleNames, texts } from "../gateway/web/texts.ts";

/** Every id that an alert may have, from the lists that the gateway itself raises by. */
const ids = [
  ...new Set([
    ...createRules({
      ...{ ...defaultProfile, hrLimitHighBpm: 120, hrLimitLowBpm: 50, spo2LimitLowPct: 90 },
      ...{ tempLimitHighCel: 38, tempLimitLowCel: 35, respLimitHighPerMin: 30, respLimitLowPerMin: 8 },
    }).ids,
    ...Object.keys(technicalRules),
    ...Object.keys(catalogue),
    "data.missing",
    "gateway.silent",
  ]),
];
const rawId = /\b[a-z]+\.[a-z]+(-[a-z]+)*\b/;

const registry = {
  person: () => ({ id: "p1", name: "Person A", profile: {} }),
  device: () => ({ id: "strap", title: "Chest strap", driver: "hearth-stream", link: "mqtt" }),
};
const words = createWords(registry, () => 70e6);

function alert(rule: string, more: Partial<AlertRecord> = {}): AlertRecord {
  const times = { onsetUs: 60e6, raisedUs: 62e6, lastSeenUs: 66e6 };
  const base = { id: "a1", person: "p1", device: "strap", priority: "high", kind: "technical", state: "active", mode: "real" } as const;
  return { ...base, ...times, rule, count: 1, quality: "good", value: 6, unit: "s", limit: 4, snoozes: [], deliveries: [], ...more };
}

test("every id that the gateway raises by has a plain-words name on the page", () => {
  expect(ids.length).toBeGreaterThan(20);
  expect(ids.filter((id) => !(id in ruleNames))).toEqual([]);
  // What is missing here is told by the type check already.
  ruleNames satisfies Readonly<Record<TechnicalRuleId, string>>;
  for (const id of [...ids, "rule.of-tomorrow"]) expect(ruleName(id)).not.toMatch(rawId);
});

test("no title that leaves the gateway carries an id: not to people, not to a webhook, not on the home's broker", async () => {
  const said: string[] = [];
  for (const id of [...ids, "rule.of-tomorrow"]) {
    for (const why of ["raised", "ended", "acknowledged", "closed"] as const) {
      const record = alert(id, why === "closed" ? { state: "closed", closeReason: "over" } : {});
      const rendered = words.change({ alert: record, why, notify: true, audit: { atUs: 0, what: "", by: "", subject: "", detail: {} } });
      said.push(rendered.title, rendered.lock);
      const fetch = async (_url: unknown, init?: RequestInit) => {
        said.push((JSON.parse(String(init?.body)) as { title: string }).title);
        return new Response("{}");
      };
      const details = why === "raised";
      await webhookChannel({ url: "http://home", details, fetch: fetch as typeof globalThis.fetch }).send(
        { stepId: "s", alert: record, why, ...rendered },
        new AbortController().signal,
      );
    }
    const publish = async (topic: string, payload: Uint8Array | string) => {
      if (topic.endsWith("/a1")) said.push((JSON.parse(String(payload)) as { title: string }).title);
    };
    const title = (record: AlertRecord) => words.alert(record).title;
    const parts = { site: "home", broker: { publish }, nowUs: () => 0, deviceOf: () => undefined, title, clock: virtualClock() };
    createHomeMqttBridge({ ...parts, house: { devices: () => [], people: () => [] } }).alerts([alert(id)], []);
  }
  expect(said.length).toBeGreaterThan(ids.length * 12);
  expect(said.filter((title) => rawId.test(title))).toEqual([]);
});

test("the gateway itself is named in words where an alert belongs to no person or sensor", () => {
  const own = createWords({ person: () => undefined, device: () => undefined }, () => 0);
  expect([own.person("gateway"), own.device("gateway")]).toEqual(["This home", "The gateway"]);
});

test("every state of a sensor and every part that may fail has words on the page", () => {
  for (const state of [...presences, "lead-off"]) expect(texts.devices.states[state]).toBeDefined();
  for (const part of ["journal", "record", "uplink", "twin", "model ecg-beat"]) expect(partName(part)).not.toBe(part);
});
