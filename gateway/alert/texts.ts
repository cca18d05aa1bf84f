/** Every sentence of an alert, keyed alert.<rule>.<title|body|clear> (alerts.md §9). It renders what is known and never the word "normal". */

import type { AlertNote, AlertRecord, Priority, RateKind } from "../../device-drivers/contract/event.ts";
import { type AlertWords, type RuleText, technical } from "../rules/alert-words.ts";
import { rulesOf } from "../rules/described.ts";
import { causeWords } from "./device-words.ts";
import { outsideWords } from "./outside-words.ts";
import { endsWithAcknowledgement, silenceCauses } from "./policy.ts";

interface Slots {
  /** The person's name as the household says it. */
  readonly person: string;
  /** The device as the household calls it ("Chest strap"). */
  readonly device: string;
  /** A gateway-axis time as a clock on the wall shows it. */
  readonly clock: (timeUs: number) => string;
  /** Another device as the household calls it. */
  readonly titleOf?: (device: string) => string;
  readonly nowUs: number;
  /** The newest sample of the device; without it the time at which the condition was last seen. */
  readonly newestUs?: number;
}

export interface Rendered {
  readonly title: string;
  readonly body: string;
  /** For a locked screen: no name and no value. */
  readonly lock: string;
}

const certificateEnds = (within: string) =>
  technical(
    () => `The certificate for sensors on the home network ends within ${within}`,
    "From then on they are refused by their own check. The home renews its own in time: if it has not, look at the disk, or call 'hearth cert renew'. One of your own (mqtt.certificate) is taken when its file changes.",
  );

/** Every text, by rule: those of the rule families, and of what is told about gateway, devices and disk. */
export const catalogue: Readonly<Record<string, RuleText>> = {
  ...Object.fromEntries([...rulesOf()].map(([id, { text }]) => [id, text])),
  "data.missing": {
    title: (f) => `${f.person}: no data for ${f.value}`,
    body: (f) =>
      `Nothing from ${f.device} since ${f.since}. We do not know how ${f.person} is. Check battery, distance and seat of the sensor.`,
    clear: (f) => `${f.person}: data from ${f.device} come again.`,
  },
  "device.cable": technical((f) => `${f.device}: the sensor cable is silent`, "Its port is closed or sends nothing. Check plug and cable."),
  "device.decoding": {
    title: (f) => `${f.device}: its data cannot be read`,
    body: (f) => `Since ${f.since}. What this sensor measures is kept but not watched. For whoever set it up: ${f.cause}.`,
    clear: (f) => `${f.device}: its data can be read again.`,
  },
  "device.wrong-person": technical(
    (f) => `${f.device}: somebody else may be wearing it`,
    "For minutes its heartbeats have been unlike its wearer's, and like those of another person of this home. Say who wears it: until then what it measures stands with the wrong person.",
  ),
  "device.identity": technical(
    (f) => `${f.device}: two devices use one identity`,
    "They push each other out. Give each its own account and password.",
  ),
  "device.too-much": technical(
    (f) => `${f.device} sends too much: for the rest of this day it is watched, but not kept`,
    "Alerts go on. What it measures until midnight (UTC) cannot be looked at later, so that the recordings of all others have room. For whoever set it up: look at what it sends, or allow more (journal.maxBytesPerDeviceDay).",
  ),
  "analysis.off": {
    title: (f) => (f.hasCause ? "A part of the signal analysis is failing" : "The signal analysis is not running"),
    body: (f) =>
      f.hasCause
        ? `Since ${f.since}. This is a fault of Hearth; everything else is still watched. For whoever looks after it: ${f.cause}.`
        : `Since ${f.since}. Alerts about the heart's rhythm that need it cannot come; lost skin contact and missing data are still watched.`,
    clear: () => "Over: the signal analysis was not running as it should",
  },
  "uplink.down": technical(
    () => "The line out of the home is down",
    "Alerts still work at home. Whoever looks from afar sees nothing new; what is not sent is kept and follows later.",
  ),
  "storage.reserve": technical(
    () => "The gateway's disk is nearly full: its reserve is in use",
    "Alerts are still stored. Free some space; the rest goes back by itself.",
  ),
  "storage.dropped-early": technical(
    () => "The oldest recordings were dropped early, because the gateway's disk is full",
    "What was found in them is kept. Free some space, or let the gateway keep less (journal.maxBytes in its settings).",
  ),
  "storage.disk-full": technical(
    () => "The gateway's disk is full or cannot be written: signal is judged, but not kept",
    "Alerts go on, and are stored in a reserve that was kept for them. The signal of this time cannot be looked at later. Free some space; the rest goes back by itself.",
  ),
  "storage.not-stored": technical(
    () => "Alerts are not stored yet: the gateway's disk refuses them",
    "They are shown and told, and held in memory: do not switch the gateway off before they are stored. Free some space, or check the disk.",
  ),
  "storage.damaged": technical(
    () => "Damaged files were set aside",
    "The gateway goes on with fresh ones. The foot of the page names them and the way out. This ends with the next start.",
  ),
  "record.lost": {
    title: (f) => `${f.person}: ${f.value} of the record can't be read any more`,
    body: (f) =>
      `The gateway's journal lost what came from ${f.since} on: a disk that fails, or a file that was changed. What was seen and told then is kept; its traces are not. Alarms go on. Look at the disk.`,
    clear: (f) => `${f.person}: the record goes on.`,
  },
  "certificate.30-days": certificateEnds("30 days"),
  "certificate.14-days": certificateEnds("14 days"),
  "certificate.3-days": certificateEnds("3 days"),
  "gateway.clock": technical(
    () => "The clock has jumped",
    "Times here differ from the machine's clock by more than a minute; alarms run on by their own time. Let the machine follow a time server (NTP), and times are right within a minute. Without one, a difference of more than a month is put right by itself, times that are behind by a new start.",
  ),
  "gateway.lag": technical(() => "The gateway is slow", "It has too much to do; alerts may come late."),
  "presence.overdue": {
    title: (f) => `${f.person} is not back yet`,
    body: (f) =>
      `Expected at ${f.since}, and no sensor of ${f.person} has been heard since. We do not know how ${f.person} is: call, and say on the page that they are at home, or until when they are away.`,
    clear: (f) => `${f.person} is back, or will be later.`,
  },
  "delivery.failed": technical(
    (f) => `Nobody could be reached about ${f.person}`,
    "No message about an alert got through within a minute. Look at the page at home.",
  ),
};

const locks: Readonly<Record<Priority, string>> = {
  high: "Hearth: urgent – open to see",
  medium: "Hearth: please check",
  low: "Hearth: a sensor needs attention",
  info: "Hearth: for information",
};
const titleLimit = 160;
/** Why a technical alert of a device was closed that its person wears no longer. */
export const noLongerWorn = "The sensor is no longer in use here.";
/** Why an alert was closed that had been begun by times which were wrong. */
export const clockPutRight = "The clock has been put right. If it is still so, a new alert says it.";
const notDevice = "Hearth is not a medical device.";
const notDiagnosis = `Automatic, not a diagnosis. ${notDevice}`;

const wordsFor = (alert: AlertRecord) => outsideWords(alert) ?? catalogue[alert.rule];

/** The message for an alert as it is. A rule without an entry is told all the same: a missing text must never hold back an alert. */
export function renderAlert(alert: AlertRecord, slots: Slots): Rendered {
  const text = wordsFor(alert) ?? technical((f) => `${f.device}: something that has no words here yet`, `Its name is ${alert.rule}.`);
  const facts = factsOf(alert, slots);
  const isTold = alert.priority === "high" || alert.priority === "medium";
  const unknown = isTold && silenceCauses.has(alert.rule) ? ` We do not know from it how ${facts.person} is.` : "";
  const notice = alert.kind !== "physiological" ? "" : endsWithAcknowledgement.has(alert.rule) ? ` ${notDevice}` : ` ${notDiagnosis}`;
  return {
    title: titled(alert, text.title(facts)),
    body: `${whyAgain(alert, slots)}${text.body(facts)}${unknown}${notice}`,
    lock: titled(alert, locks[alert.priority]),
  };
}

/** Told to exactly those who were told of the alert. */
export function renderClear(alert: AlertRecord, slots: Slots): Rendered {
  const facts = factsOf(alert, slots);
  const text = wordsFor(alert)?.clear(facts) ?? `${facts.device}: something that has no words here yet is over`;
  const who =
    alert.acknowledgedBy === undefined
      ? ""
      : ` ${alert.acknowledgedBy} acknowledged at ${slots.clock(alert.acknowledgedAtUs ?? alert.raisedUs)}.`;
  return {
    title: titled(alert, text),
    body: `Ended ${slots.clock(alert.endedUs ?? slots.nowUs)}.${who}`,
    lock: titled(alert, "Hearth: all clear"),
  };
}

/** Closed without the condition's own end: the reason, and no word about how things are. */
export function renderClosed(alert: AlertRecord, slots: Slots): Rendered {
  const { title } = renderAlert(alert, slots);
  const body = `${title}. ${alert.closeReason ?? ""}`.trim();
  return { title: titled(alert, `Closed: ${slots.device}`), body, lock: titled(alert, "Hearth: an alert was closed") };
}

/** Whoever was promised quiet hears first why it is over. */
function whyAgain({ spokeAgain }: AlertRecord, { clock }: Slots): string {
  if (spokeAgain === undefined) return "";
  const { why, acknowledgedBy: by, acknowledgedAtUs, endedUs } = spokeAgain;
  const at = clock(acknowledgedAtUs);
  switch (why) {
    case "still-true":
      return `${by} acknowledged it at ${at}, and it is still so. `;
    case "worse":
      return `${by} acknowledged it at ${at}; it has become worse since. `;
    case "higher":
      return `${by} acknowledged it at ${at}; it has become more urgent since. `;
    case "new":
      return `A new one: the one that ${by} acknowledged at ${at} ended${endedUs === undefined ? "" : ` at ${clock(endedUs)}`}. `;
  }
}

/** Somebody can't come, with what they said. */
export function renderRejected(alert: AlertRecord, slots: Slots): Rendered {
  const rendered = renderAlert(alert, slots);
  return { ...rendered, body: `${noteOf(alert, "reject", (by) => `${by} can't come: `)}${rendered.body}` };
}

function noteOf({ notes }: AlertRecord, verb: AlertNote["verb"], begin: (by: string) => string): string {
  const note = notes?.findLast((each) => each.verb === verb);
  return note === undefined ? "" : `${begin(note.by)}“${note.text}” `;
}

export function renderTaken(alert: AlertRecord, slots: Slots): Rendered {
  const title = titled(alert, `${alert.acknowledgedBy ?? "Somebody"} has it (${slots.clock(alert.acknowledgedAtUs ?? slots.nowUs)})`);
  const { acknowledgedUntilUs: untilUs, endedUs } = alert;
  const quiet =
    endedUs !== undefined
      ? `It ended at ${slots.clock(endedUs)}; if it begins again, a new message says so.`
      : `Quiet until ${untilUs === undefined ? "it ends" : slots.clock(untilUs)}, unless it becomes worse, or ends and begins again.`;
  return {
    title,
    body: `${noteOf(alert, "acknowledge", () => "")}${renderAlert(alert, slots).title}. ${quiet}`,
    lock: titled(alert, "Hearth: somebody has taken it"),
  };
}

function titled(alert: AlertRecord, title: string): string {
  const marked = alert.mode === "real" ? title : `${alert.mode.toUpperCase()} ${title}`;
  return marked.length <= titleLimit ? marked : `${marked.slice(0, titleLimit - 1)}…`;
}

function factsOf(alert: AlertRecord, { person, device, clock, nowUs, newestUs, titleOf = (id) => id }: Slots): AlertWords {
  const ageS = Math.max(0, Math.round((nowUs - (newestUs ?? alert.lastSeenUs)) / 1e6));
  return {
    person,
    device,
    hasValue: alert.value !== undefined,
    value: amount(alert.value, alert.unit),
    limit: amount(alert.limit, alert.unit),
    since: clock(alert.onsetUs),
    age: amount(ageS, "s"),
    quality: alert.quality === "unknown" ? "not known" : alert.quality,
    by: sourceWords[alert.cause?.code ?? ""] ?? "",
    hasCause: alert.cause !== undefined,
    cause: alert.cause === undefined ? "the reason is not known" : causeWords(alert.cause),
    between: (alert.between ?? []).map((each) => `${titleOf(each.device)} says ${each.bpm} beats/min (${rateWords[each.kind]})`).join(", "),
  };
}

/** By cause: what a condition about the heart was read from, where it is no ECG. */
const sourceWords: Readonly<Record<string, string>> = { "device.pulse": ", by the pulse", "device.number": ", by its own number" };

/** By what a sensor knows the heart rate. */
const rateWords: Readonly<Record<RateKind, string>> = { ecg: "by its ECG", ppg: "by the pulse", device: "its own number" };

/** UCUM units as people say them. */
const unitWords: Readonly<Record<string, string>> = { Cel: "°C", "{breaths}/min": "breaths/min" };

function amount(value: number | undefined, unit: string | undefined): string {
  if (value === undefined) return "an unknown amount";
  if (unit === "s" && value >= 120) return `${Math.round(value / 60)} min`;
  return unit === undefined ? String(value) : `${value} ${unitWords[unit] ?? unit}`;
}
