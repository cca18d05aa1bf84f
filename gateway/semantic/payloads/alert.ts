/** Alert records as CBOR maps with small integer keys. Exact; a field that a newer gateway adds is skipped by an older twin. */

import type {
  AlertCause,
  AlertKind,
  AlertNote,
  AlertRecord,
  AlertState,
  Priority,
  SaidOutside,
} from "../../../device-drivers/contract/event.ts";
import { undecodable } from "../bits.ts";
import { safeInteger, wireInteger } from "../cbor.ts";
import { fields } from "./fields.ts";
import type { PayloadKind } from "./kind.ts";

/** The whole record at each change; the newest `lastSeenUs`/state wins, keyed by id. */
export interface AlertPayload {
  readonly kind: "alert";
  readonly alert: AlertRecord;
}

export const alertKind: PayloadKind<AlertPayload> = {
  kind: "alert",
  class: "alert",
  layouts: [1],
  /** The newest time that the record tells of. */
  timeUs: ({ alert }) =>
    Math.max(
      alert.raisedUs,
      alert.lastSeenUs,
      alert.endedUs ?? 0,
      alert.acknowledgedAtUs ?? 0,
      ...alert.deliveries.map(({ atUs }) => atUs),
    ),
  peopleOf: ({ alert }) => [alert.person],
  renamed: ({ kind, alert }, { person, name }) => ({
    kind,
    alert: {
      ...alert,
      person: person(alert.person),
      ...(alert.acknowledgedBy === undefined ? {} : { acknowledgedBy: name(alert.acknowledgedBy) }),
      snoozes: alert.snoozes.map((snooze) => ({ ...snooze, by: name(snooze.by) })),
      ...(alert.notes === undefined ? {} : { notes: alert.notes.map((note) => ({ ...note, by: name(note.by) })) }),
    },
  }),
  encode: ({ alert }) => ({ layout: 1, content: alertToMap(alert) }),
  decode: (content) => ({ kind: "alert", alert: alertFromMap(fields(content)) }),
};

/** What only the home shows: a strip names its own stream and channel, who speaks again at home is told by the home, and shapes of heartbeats and what sensors say of each other stay there. */
type AtHomeOnly = "about" | "spokeAgain" | "evidence" | "between";
type Sent = Exclude<keyof AlertRecord, AtHomeOnly>;

/** Key of each field; a number is never given to another field. The type makes a new field of the record an error here. */
const keyOf = {
  id: 1,
  person: 2,
  rule: 3,
  device: 4,
  priority: 5,
  kind: 6,
  state: 7,
  mode: 8,
  onsetUs: 9,
  raisedUs: 10,
  lastSeenUs: 11,
  endedUs: 12,
  count: 13,
  value: 14,
  unit: 15,
  limit: 16,
  quality: 17,
  model: 18,
  acknowledgedBy: 19,
  acknowledgedAtUs: 20,
  acknowledgedUntilUs: 21,
  snoozes: 22,
  deliveries: 23,
  closeReason: 24,
  cause: 25,
  said: 26,
  notes: 27,
} as const satisfies Record<Sent, number>;

/** Names sent as their index; the lists only ever grow at their end. */
const priorities: readonly Priority[] = ["high", "medium", "low", "info"];
const kinds: readonly AlertKind[] = ["physiological", "technical"];
const states: readonly AlertState[] = ["active", "notified", "acknowledged", "rejected", "resolved", "closed", "expired"];
const modes: readonly AlertRecord["mode"][] = ["real", "test", "demo"];
const noteVerbs: readonly AlertNote["verb"][] = ["acknowledge", "reject"];

function alertToMap({
  about: _about,
  spokeAgain: _spoke,
  evidence: _evidence,
  between: _between,
  ...alert
}: AlertRecord): Map<number, unknown> {
  const wire: Record<Sent, unknown> = {
    ...alert,
    priority: priorities.indexOf(alert.priority),
    kind: kinds.indexOf(alert.kind),
    state: states.indexOf(alert.state),
    mode: modes.indexOf(alert.mode),
    onsetUs: time(alert.onsetUs),
    raisedUs: time(alert.raisedUs),
    lastSeenUs: time(alert.lastSeenUs),
    endedUs: time(alert.endedUs),
    value: alert.value,
    unit: alert.unit,
    limit: alert.limit,
    model: alert.model === undefined ? undefined : [alert.model.id, alert.model.version],
    acknowledgedBy: alert.acknowledgedBy,
    acknowledgedAtUs: time(alert.acknowledgedAtUs),
    acknowledgedUntilUs: time(alert.acknowledgedUntilUs),
    snoozes: alert.snoozes.length === 0 ? undefined : alert.snoozes.map(({ by, untilUs }) => [by, time(untilUs)]),
    deliveries:
      alert.deliveries.length === 0 ? undefined : alert.deliveries.map(({ channel, receipt, atUs }) => [channel, receipt, time(atUs)]),
    closeReason: alert.closeReason,
    cause: alert.cause === undefined ? undefined : causeParts.map((part) => alert.cause?.[part] ?? ""),
    notes: alert.notes?.map(({ by, verb, atUs, text }) => [by, noteVerbs.indexOf(verb), time(atUs), text]),
    said: alert.said === undefined ? undefined : [alert.said.by, alert.said.title ?? "", alert.said.text ?? ""],
  };
  const map = new Map<number, unknown>();
  for (const [name, key] of Object.entries(keyOf) as [Sent, number][]) if (wire[name] !== undefined) map.set(key, wire[name]);
  return map;
}

function alertFromMap(map: ReadonlyMap<unknown, unknown>): AlertRecord {
  const field = (name: Sent): unknown => map.get(keyOf[name]);
  const text = (name: Sent) => textOf(field(name), name);
  const timeUs = (name: Sent) => timeOf(field(name), name);
  const optional = <T>(name: Sent, read: (value: unknown, name: string) => T) => {
    const value = field(name);
    return value === undefined ? {} : { [name]: read(value, name) };
  };
  return {
    id: text("id"),
    person: text("person"),
    rule: text("rule"),
    device: text("device"),
    priority: nameOf(priorities, field("priority"), "priority"),
    kind: nameOf(kinds, field("kind"), "kind"),
    state: nameOf(states, field("state"), "state"),
    mode: nameOf(modes, field("mode"), "mode"),
    onsetUs: timeUs("onsetUs"),
    raisedUs: timeUs("raisedUs"),
    lastSeenUs: timeUs("lastSeenUs"),
    ...optional("endedUs", timeOf),
    count: numberOf(field("count"), "count"),
    ...optional("value", numberOf),
    ...optional("unit", textOf),
    ...optional("limit", numberOf),
    quality: text("quality"),
    ...optional("model", (value) => ({ id: textOf(at(value, 0), "model"), version: textOf(at(value, 1), "model") })),
    ...optional("acknowledgedBy", textOf),
    ...optional("acknowledgedAtUs", timeOf),
    ...optional("acknowledgedUntilUs", timeOf),
    snoozes: listOf(field("snoozes")).map((snooze) => ({
      by: textOf(at(snooze, 0), "snoozes"),
      untilUs: timeOf(at(snooze, 1), "snoozes"),
    })),
    deliveries: listOf(field("deliveries")).map((delivery) => ({
      channel: textOf(at(delivery, 0), "deliveries"),
      receipt: textOf(at(delivery, 1), "deliveries"),
      atUs: timeOf(at(delivery, 2), "deliveries"),
    })),
    ...optional("closeReason", textOf),
    ...optional("cause", causeOf),
    ...optional("said", saidOf),
    ...optional("notes", notesOf),
  };
}

/** As a list on the wire; "" where there is none. */
const causeParts = ["code", "stream", "field", "fault", "needs"] as const satisfies readonly (keyof AlertCause)[];

function causeOf(value: unknown, name: string): AlertCause {
  const code = textOf(at(value, 0), name);
  const parts = causeParts.slice(1).flatMap((part, i) => {
    const text = at(value, i + 1);
    return typeof text !== "string" || text === "" ? [] : [[part, text]];
  });
  return { code, ...Object.fromEntries(parts) };
}

function saidOf(value: unknown, name: string): SaidOutside {
  const [title, text] = [textOf(at(value, 1), name), textOf(at(value, 2), name)];
  return { by: textOf(at(value, 0), name), ...(title === "" ? {} : { title }), ...(text === "" ? {} : { text }) };
}

function notesOf(value: unknown, name: string): readonly AlertNote[] {
  return listOf(value).map((note) => ({
    by: textOf(at(note, 0), name),
    verb: nameOf(noteVerbs, at(note, 1), name),
    atUs: timeOf(at(note, 2), name),
    text: textOf(at(note, 3), name),
  }));
}

/** Times are whole microseconds on the wire. */
function time(us: number | undefined): number | bigint | undefined {
  return us === undefined ? undefined : wireInteger(Math.round(us));
}

function timeOf(value: unknown, name: string): number {
  const us = safeInteger(value);
  if (us === undefined) throw undecodable(`${name} is no time`);
  return us;
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== "string") throw undecodable(`${name} is no text`);
  return value;
}

function numberOf(value: unknown, name: string): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number") throw undecodable(`${name} is no number`);
  return number;
}

function nameOf<Name extends string>(names: readonly Name[], index: unknown, field: string): Name {
  const name = typeof index === "number" ? names[index] : undefined;
  if (name === undefined) throw undecodable(`${field} is not known to this version`);
  return name;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function at(list: unknown, index: number): unknown {
  return listOf(list)[index];
}
