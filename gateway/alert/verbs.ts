/** What people may do with an alert, and within which bounds (alerts.md §5). Each verb is idempotent; none ends a condition. */

import Type, { type Static, type TObject, type TProperties } from "typebox";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { AlertNote, AlertRecord, SpokeAgain } from "../../device-drivers/contract/event.ts";
import { nameFrom, plainPattern } from "../../device-drivers/contract/name.ts";
import { type AlertChange, change, type Entry } from "./change.ts";
import * as policy from "./policy.ts";

export interface Actor {
  readonly role: "patient" | "caregiver" | "integrator" | "admin";
  /** The name that the act is signed with. */
  readonly name: string;
}

interface AlertVerb {
  readonly verb: string;
  readonly roles: readonly Actor["role"][];
  /** What a request may say beside who acts. */
  readonly options: TProperties;
  /** A sentence for who calls it over HTTP. */
  readonly says: string;
  /** Changes the entry; an empty list means that it had been done before. Throws `alert.bad_request`. */
  apply(entry: Entry, actor: Actor, options: ActOptions, nowUs: number): AlertChange[];
}

const minutes = {
  minutes: Type.Optional(Type.Number({ minimum: 1, maximum: 720, description: "How long it stays quiet (acknowledge, snooze)." })),
};
const reason = {
  reason: Type.Optional(
    Type.String({
      ...{ minLength: 1, maxLength: 400, pattern: plainPattern },
      description: "Why it is closed; a note beside an acknowledgement or a rejection, which everybody who is told of the alert sees.",
    }),
  ),
};

/** THE list of verbs. Their routes, who may press them and their page in openapi.json come of it. */
export const alertVerbs = [
  {
    verb: "acknowledge",
    roles: ["patient", "caregiver", "admin"],
    options: { ...minutes, ...reason },
    says: "Takes responsibility for the alert, for everyone: quiet for 30 min (`minutes`: 15, 30, 60, 120; high only 15 or 30) while its condition lasts and does not grow worse. One that begins again more than 60 s after its end is a new alert and is told at once; its `spoke_again` says why. Repeating it answers already = true.",
    apply: acknowledge,
  },
  {
    verb: "snooze",
    roles: ["caregiver", "admin"],
    options: minutes,
    says: "Quiets the channel whose carer presses, at most 12 h (high at most 30 min). Refused for a person without a channel of their own.",
    apply: snooze,
  },
  {
    verb: "reject",
    roles: ["caregiver", "admin"],
    options: reason,
    says: "Says that this person cannot respond; everybody is told again at once.",
    apply: reject,
  },
  { verb: "close", roles: ["caregiver", "admin"], options: reason, says: "Ends the alert with a reason.", apply: close },
] as const satisfies readonly AlertVerb[];

/** Of one alert at a time: its record is written, and sent to the twin, as a whole. */
const mostSnoozes = 32;
const mostNotes = 10;

export type Verb = (typeof alertVerbs)[number]["verb"];

/** The options of all verbs, for the one body that every verb takes. */
export const verbOptions = Object.assign({}, ...alertVerbs.map(({ options }) => options)) as typeof minutes & typeof reason;

export type ActOptions = Static<TObject<typeof minutes & typeof reason>>;

/** Changes the entry; an empty list means that it had been done before. Throws `alert.not_allowed` and `alert.bad_request`. */
export function applyVerb(entry: Entry, verb: Verb, actor: Actor, options: ActOptions, nowUs: number): AlertChange[] {
  const found: AlertVerb | undefined = alertVerbs.find((each) => each.verb === verb);
  if (found?.roles.includes(actor.role) !== true)
    throw new GatewayError("alert.not_allowed", "operator", `A token of role ${actor.role} may not ${verb} an alert.`);
  if (nameFrom(actor.name) === undefined) throw badRequest("An act on an alert must be signed with a person's name.");
  return found.apply(entry, actor, options, nowUs);
}

function acknowledge(entry: Entry, actor: Actor, options: ActOptions, nowUs: number): AlertChange[] {
  const { alert } = entry;
  const minutes = minutesOf("acknowledge", alert, options);
  if (alert.acknowledgedBy !== undefined || alert.state === "closed" || alert.state === "resolved") return [];
  // A patient's own press on a high alert is told to the carers and does not stop the ladder.
  if (actor.role === "patient" && alert.priority === "high") {
    if (entry.patientPressed) return [];
    entry.patientPressed = true;
    entry.alert = { ...alert, ...noted(alert, "acknowledge", actor, options, nowUs) };
    return [change(entry, "patient-pressed", nowUs, { notify: true, by: actor.name, detail: why(options) })];
  }
  const acknowledgedUntilUs = nowUs + minutes * 60_000_000;
  const signed = { acknowledgedBy: actor.name, acknowledgedAtUs: nowUs, acknowledgedUntilUs };
  entry.acknowledgedValue = alert.value;
  entry.rejectedBy = [];
  const { spokeAgain: _answered, ...rest } = { ...alert, ...noted(alert, "acknowledge", actor, options, nowUs) };
  const ended = policy.endsWithAcknowledgement.has(alert.rule) ? { endedUs: alert.endedUs ?? nowUs } : {};
  const isOver = alert.endedUs !== undefined || "endedUs" in ended;
  entry.alert = { ...rest, ...signed, ...ended, state: isOver ? "resolved" : "acknowledged" };
  return [
    change(entry, "acknowledged", nowUs, { notify: alert.deliveries.length > 0, by: actor.name, detail: { minutes, ...why(options) } }),
  ];
}

const why = ({ reason }: ActOptions) => (reason === undefined ? {} : { reason });

function noted(
  { notes = [] }: AlertRecord,
  verb: AlertNote["verb"],
  { name: by }: Actor,
  { reason }: ActOptions,
  atUs: number,
): Pick<AlertRecord, "notes"> {
  const text = reason?.trim() ?? "";
  return text === "" ? {} : { notes: [...notes, { by, verb, atUs, text }].slice(-mostNotes) };
}

function snooze(entry: Entry, actor: Actor, options: ActOptions, nowUs: number): AlertChange[] {
  const { alert } = entry;
  const minutes = minutesOf("snooze", alert, options);
  const untilUs = nowUs + minutes * 60_000_000;
  const own = alert.snoozes.find(({ by }) => by === actor.name);
  const isRunning = own !== undefined && own.untilUs > nowUs;
  if (alert.state === "closed" || (isRunning && own.untilUs >= untilUs)) return [];
  // A second press while it runs is a late or repeated one, not a longer quiet.
  if (isRunning && options.minutes === undefined) return [];
  const others = alert.snoozes.filter(({ by, untilUs: endUs }) => by !== actor.name && endUs > nowUs);
  if (others.length >= mostSnoozes) throw badRequest(`${mostSnoozes} people have asked for quiet about this alert already.`);
  entry.alert = { ...alert, snoozes: [...others, { by: actor.name, untilUs }] };
  return [change(entry, "snoozed", nowUs, { by: actor.name, detail: { minutes } })];
}

function reject(entry: Entry, actor: Actor, options: ActOptions, nowUs: number): AlertChange[] {
  const { alert } = entry;
  const isTakenByOther = alert.acknowledgedBy !== undefined && alert.acknowledgedBy !== actor.name;
  // The next channel that accepts makes it "notified" again, so that the state alone does not show a repeated press.
  const isRepeated = alert.acknowledgedBy === undefined && entry.rejectedBy.includes(actor.name);
  if (isTakenByOther || isRepeated || alert.state === "rejected" || alert.state === "resolved" || alert.state === "closed") return [];
  entry.rejectedBy = [...entry.rejectedBy, actor.name];
  entry.alert = { ...withoutAcknowledgement(alert), ...noted(alert, "reject", actor, options, nowUs), state: "rejected" };
  Object.assign(entry, { ladderUs: nowUs, waitedUs: nowUs, steps: 0 });
  return [change(entry, "rejected", nowUs, { notify: true, by: actor.name, detail: why(options) })];
}

function close(entry: Entry, actor: Actor, options: ActOptions, nowUs: number): AlertChange[] {
  const { alert } = entry;
  const reason = options.reason?.trim() ?? "";
  if (reason === "") throw badRequest("Closing an alert needs a reason.");
  if (alert.state === "closed") return [];
  const signed = alert.acknowledgedBy === undefined ? { acknowledgedBy: actor.name, acknowledgedAtUs: nowUs } : {};
  entry.alert = { ...alert, ...signed, state: "closed", closeReason: reason };
  return [change(entry, "closed", nowUs, { by: actor.name, detail: { reason } })];
}

export function withoutAcknowledgement(alert: AlertRecord): AlertRecord {
  const { acknowledgedBy: _by, acknowledgedAtUs: _at, acknowledgedUntilUs: _until, ...rest } = alert;
  return rest;
}

/** An acknowledgement that ends, with the reason; a record that nobody had acknowledged stays as it is. */
export function speakAgain(alert: AlertRecord, why: SpokeAgain["why"]): AlertRecord {
  const { acknowledgedBy, acknowledgedAtUs = alert.raisedUs } = alert;
  const rest = withoutAcknowledgement(alert);
  return acknowledgedBy === undefined ? rest : { ...rest, spokeAgain: { why, acknowledgedBy, acknowledgedAtUs } };
}

function minutesOf(verb: "acknowledge" | "snooze", alert: AlertRecord, options: ActOptions): number {
  const { choices, usual } = policy.quietMinutes[verb](alert.priority);
  const minutes = options.minutes ?? usual;
  if (choices.includes(minutes)) return minutes;
  throw badRequest(`To ${verb} an alert of ${alert.priority} priority, choose ${choices.join(", ")} minutes.`);
}

function badRequest(message: string): GatewayError {
  return new GatewayError("alert.bad_request", "operator", message);
}
