/** The gateway's answers in people's words for the terminal: the columns that matter, a line each. It only words what it was given. */

import type { AlertWire, DeviceWire, RefusalWire, StatusWire } from "../api/wire.ts";
import { ageText, sizeText, spanText, tableText } from "../runtime/text-table.ts";

interface ModelRow {
  readonly id: string;
  readonly version: string;
  readonly precision: string;
  readonly state: string;
  readonly sha256: string;
  readonly reason?: string;
}

interface Outbox {
  readonly depth: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly oldest_at: string | null;
  readonly dropped: Readonly<Record<string, number>>;
}

export type Verb = "status" | "devices" | "alerts" | "models" | "outbox";

/** What `hearth VERB` prints for the answer of /api/v1/VERB. */
export function answerText(verb: Verb, answer: Readonly<Record<string, unknown>>, nowMs: number): string {
  switch (verb) {
    case "status":
      return statusText(answer as unknown as StatusWire, nowMs);
    case "devices":
      return devicesText(answer.devices as readonly DeviceWire[], nowMs);
    case "alerts":
      return alertsText(answer.alerts as readonly AlertWire[], nowMs);
    case "models":
      return modelsText(answer.models as readonly ModelRow[]);
    case "outbox":
      return outboxText(answer.outbox as Outbox, nowMs);
  }
}

function statusText(status: StatusWire, nowMs: number): string {
  const { uplink, meter } = status;
  const failing = status.health.filter(({ ok }) => !ok).map(failingText);
  const ratio = meter.ratio === null ? "" : `, ${meter.ratio.toFixed(meter.ratio < 10 ? 1 : 0)} times less`;
  const confirmed = uplink.last_ack_at === null ? "" : `, last confirmed ${ageText(uplink.last_ack_at, nowMs)} ago`;
  const rows = [
    [
      "gateway",
      `${status.gateway}, Hearth ${status.version}, ${status.mode === "demo" ? "a demo" : "at home"}, up ${spanText(status.uptime_s)}`,
    ],
    ["home", `people ${status.people}, devices ${status.devices}, open alerts ${status.open_alerts}`],
    ["working", failing.length === 0 ? "all parts" : `not working now: ${failing.join(", ")}`],
    ...status.repairs.map((repair) => ["set aside", repair]),
    ["outside", `line ${uplink.connected ? "up" : "down"}, ${waitText(uplink.depth)}${confirmed}`],
    ["traffic", `${sizeText(meter.bytes_raw)} from the sensors, ${sizeText(meter.bytes_sent)} sent out of the home${ratio}`],
    ["alert", meter.onset_to_alert_s === null ? "none yet" : `newest told ${meter.onset_to_alert_s.toFixed(1)} s after its onset`],
    [
      "ports",
      Object.entries(status.ports)
        .map(([name, port]) => `${name} ${port}`)
        .join(", "),
    ],
  ];
  const text = rows.map(([name = "", words = ""]) => `${name.padEnd(8)} ${words}`).join("\n");
  // An older gateway sends none.
  const refused = ((status as { refusals?: readonly RefusalWire[] }).refusals ?? []).map((each) => refusalText(each, nowMs));
  return refused.length === 0 ? text : `${text}\n\nRefused or failed lately, newest first:\n${refused.join("\n")}`;
}

/** Parts in a household's words, with their name in Hearth and why. */
const partNames: Readonly<Record<string, string>> = {
  journal: "keeping what was received",
  record: "reading what was kept",
  store: "storing alerts",
  uplink: "line out of the home",
  twin: "the copy for outside",
  "home network": "door for sensors on the home network",
};

function failingText({ part, detail }: StatusWire["health"][number]): string {
  const name = partNames[part] ?? (part.startsWith("model ") ? "analysis of the signal" : undefined);
  const more = [name === undefined ? undefined : part, detail].filter((each) => each !== undefined).join(": ");
  return more === "" ? (name ?? part) : `${name ?? part} (${more})`;
}

function waitText(count: number): string {
  return count === 0 ? "nothing waits" : `${count} ${count === 1 ? "message waits" : "messages wait"}`;
}

/** "2 min ago, 14 times: mqtt acl_publish, account wrist-band, topic …, address …". */
function refusalText({ last_at: at, count, where, reason, first_at: _first, ...about }: RefusalWire, nowMs: number): string {
  const details = Object.entries(about).flatMap(([name, text]) => (text === null ? [] : [`${name} ${text}`]));
  return `${ageText(at, nowMs)} ago${count === 1 ? "" : `, ${count} times`}: ${[`${where} ${reason}`, ...details].join(", ")}`;
}

function devicesText(devices: readonly DeviceWire[], nowMs: number): string {
  if (devices.length === 0) return "No devices are known.";
  // An older gateway sends no findings.
  const findings = devices.flatMap(({ id, findings: found = [] }) =>
    found.map(({ text, help }) => `${id}: ${text}${help === undefined ? "" : `\n  → ${help}`}`),
  );
  const table = tableText(
    ["DEVICE", "NAME", "STATE", "LAST SAMPLE", "WORN BY", "DRIVER", "LINK"],
    devices.map((device) => [
      device.id,
      device.title,
      device.state,
      ageText(device.last_sample_at, nowMs),
      device.person === null ? "nobody" : [device.person, device.placement].filter(Boolean).join(", "),
      device.driver,
      device.link,
    ]),
  );
  return findings.length === 0 ? table : `${table}\n\nNot used:\n${findings.join("\n")}`;
}

function alertsText(alerts: readonly AlertWire[], nowMs: number): string {
  if (alerts.length === 0) return "No alert. Look at what was watched before you read this as all is well.";
  const newestFirst = [...alerts].sort((a, b) => b.onset_s - a.onset_s);
  return tableText(
    ["PRIORITY", "WHAT", "DEVICE", "SINCE", "STATE", "ACKNOWLEDGED", "RULE"],
    newestFirst.map((alert) => [
      alert.priority,
      alert.title,
      alert.device_title,
      `${spanText(nowMs / 1000 - alert.onset_s)} ago`,
      alert.end_s === null ? alert.state : `${alert.state}, ended`,
      takenText(alert),
      alert.rule,
    ]),
  );
}

/** The newest note goes with it: it may be of somebody who could not come. */
function takenText({ acknowledged_by: by, notes }: AlertWire): string {
  const note = notes.at(-1);
  const taken = by ?? "nobody";
  return note === undefined ? taken : `${taken} (${note.by}: “${note.text}”)`;
}

function modelsText(models: readonly ModelRow[]): string {
  if (models.length === 0) return "No models run here.";
  return tableText(
    ["MODEL", "VERSION", "PRECISION", "STATE", "SHA256", "WHY"],
    models.map(({ id, version, precision, state, sha256, reason }) => [id, version, precision, state, sha256.slice(0, 12), reason ?? ""]),
  );
}

function outboxText({ depth, bytes, oldest_at: oldestAt, dropped }: Outbox, nowMs: number): string {
  const rows = tableText(
    ["CLASS", "WAITING", "DROPPED"],
    Object.entries(depth).map(([name, waiting]) => [name, String(waiting), String(dropped[name] ?? 0)]),
  );
  return `${rows}\n${sizeText(bytes)} wait${oldestAt === null ? "" : `, the oldest for ${ageText(oldestAt, nowMs)}`}.`;
}
