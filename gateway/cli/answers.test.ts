import { expect, test } from "vitest";
import { tableText } from "../runtime/text-table.ts";
import { answerText } from "./answers.ts";

const nowMs = Date.UTC(2026, 0, 1, 12);
const ago = (seconds: number) => new Date(nowMs - seconds * 1000).toISOString();

test("a table is aligned, and the widest column gives way at 100 characters", () => {
  expect(tableText(["A", "LONG"], [["one", "x"]])).toBe("A    LONG\none  x");
  const wide = tableText(["A", "B"], [["a".repeat(30), "b".repeat(150)]]);
  expect(Math.max(...wide.split("\n").map((line) => line.length))).toBe(100);
  expect(wide).toContain(`${"a".repeat(30)}  ${"b".repeat(67)}…`);
});

test("devices say who wears them and how old their newest sample is; what nobody wears says so", () => {
  const device = { driver: "hearth-stream", link: "mqtt", counters: {} };
  const text = answerText(
    "devices",
    {
      devices: [
        { ...device, id: "strap", title: "Chest strap", person: "person-a", placement: "chest", state: "online", last_sample_at: ago(3) },
        { ...device, id: "ring", title: "Ring", person: null, placement: null, state: "waiting", last_sample_at: null },
      ],
    },
    nowMs,
  );
  expect(text.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
    ["DEVICE", "NAME", "STATE", "LAST SAMPLE", "WORN BY", "DRIVER", "LINK"],
    ["strap", "Chest strap", "online", "3 s", "person-a, chest", "hearth-stream", "mqtt"],
    ["ring", "Ring", "waiting", "–", "nobody", "hearth-stream", "mqtt"],
  ]);
});

test("what keeps a device's data from being used stands below, with the field's name", () => {
  const device = { id: "strap", title: "Chest strap", person: null, placement: null, state: "unreadable", last_sample_at: null };
  const findings = [{ text: "ecg: the descriptor (meta) cannot be used – channels[0].scale is missing" }];
  const text = answerText("devices", { devices: [{ ...device, driver: "hearth-stream", link: "mqtt", findings }] }, nowMs);
  expect(text.split("\n").slice(-2)).toEqual(["Not used:", `strap: ${findings[0]?.text}`]);
});

test("the outbox tells what waits by class and for how long", () => {
  const outbox = { depth: { alert: 1, raw: 0 }, dropped: { alert: 0, raw: 2 }, bytes: 1500, oldest_at: ago(600) };
  expect(answerText("outbox", { outbox }, nowMs)).toBe(
    "CLASS  WAITING  DROPPED\nalert  1        0\nraw    0        2\n1.5 kB wait, the oldest for 10 min.",
  );
});

test("status lists what was refused or failed lately, with everything that finds the cause", () => {
  const status = {
    ...{
      gateway: "home",
      version: "1",
      mode: "real",
      uptime_s: 5,
      people: 1,
      devices: 1,
      open_alerts: 0,
      health: [],
      repairs: [],
      ports: {},
    },
    uplink: { connected: true, last_ack_at: null, depth: 0 },
    meter: { bytes_raw: 0, bytes_sent: 0, ratio: null, onset_to_alert_s: null },
  };
  const refusal = { where: "mqtt", reason: "acl_publish", account: "strap", device: null, topic: "a/b", path: null, address: "10.0.0.7" };
  const times = { error: null, count: 14, first_at: ago(900), last_at: ago(120) };
  expect(answerText("status", status, nowMs)).not.toContain("Refused");
  expect(
    answerText("status", { ...status, refusals: [{ ...refusal, ...times }] }, nowMs)
      .split("\n")
      .slice(-3),
  ).toEqual([
    "",
    "Refused or failed lately, newest first:",
    "2 min ago, 14 times: mqtt acl_publish, account strap, topic a/b, address 10.0.0.7",
  ]);
});

test("status speaks a household's words, with Hearth's own name behind what does not work", () => {
  const status = {
    ...{ gateway: "home", version: "1", mode: "real", uptime_s: 5, people: 1, devices: 1, open_alerts: 0, repairs: [], ports: {} },
    health: [
      { part: "journal", ok: false, detail: "journal.disk_full" },
      { part: "uplink", ok: false },
      { part: "model ecg-beat", ok: false, detail: "down" },
      { part: "store", ok: true },
    ],
    uplink: { connected: false, last_ack_at: ago(60), depth: 3 },
    meter: { bytes_raw: 2000, bytes_sent: 20, ratio: 100, onset_to_alert_s: null },
  };
  expect(answerText("status", status, nowMs).split("\n").slice(2, 5)).toEqual([
    "working  not working now: keeping what was received (journal: journal.disk_full), line out of the home (uplink), analysis of the signal (model ecg-beat: down)",
    "outside  line down, 3 messages wait, last confirmed 60 s ago",
    "traffic  2.0 kB from the sensors, 20 B sent out of the home, 100 times less",
  ]);
});
