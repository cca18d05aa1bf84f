/** How a record begins, comes back and is over: pure functions on records. Who is told is decided elsewhere. */

import { type AlertRecord, isOpen } from "../../device-drivers/contract/event.ts";
import type { ConditionBegin } from "../rules/rule.ts";
import type { Entry } from "./change.ts";
import * as policy from "./policy.ts";
import { withoutAcknowledgement } from "./verbs.ts";

export function recordOf(of: Pick<AlertRecord, "id" | "person" | "mode">, begin: ConditionBegin): AlertRecord {
  const {
    rule,
    device,
    stream,
    channel,
    priority,
    alertKind: kind,
    onsetUs,
    timeUs,
    value,
    unit,
    limit,
    quality,
    cause,
    evidence,
    between,
    model,
    said,
  } = begin;
  return {
    ...of,
    ...{ rule, device, priority, kind, state: "active", onsetUs, raisedUs: timeUs, lastSeenUs: timeUs, count: 1, quality },
    ...(value === undefined ? {} : { value }),
    ...(unit === undefined ? {} : { unit }),
    ...(limit === undefined ? {} : { limit }),
    ...(cause === undefined ? {} : { cause }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(between === undefined ? {} : { between }),
    ...(stream === "" ? {} : { about: { stream, ...(channel === undefined ? {} : { channel }) } }),
    ...(model === undefined ? {} : { model }),
    ...(said === undefined ? {} : { said }),
    snoozes: [],
    deliveries: [],
  };
}

/** The record when its condition has come back: true again, counted, with the worst value; a running acknowledgement goes on, an expired one is active anew. */
export function again(alert: AlertRecord, begin: ConditionBegin, nowUs: number): AlertRecord {
  const { endedUs: _, ...rest } = alert;
  const value = begin.said === undefined ? policy.worstOf(alert.rule, alert.value, begin.value) : begin.value;
  const isQuiet = alert.acknowledgedUntilUs !== undefined && alert.acknowledgedUntilUs > nowUs;
  const goesOn = isOpen(alert) && alert.state !== "acknowledged" && alert.state !== "expired";
  const state = isQuiet ? "acknowledged" : goesOn ? alert.state : "active";
  const base = isQuiet ? rest : withoutAcknowledgement(rest);
  const { cause, evidence, between, said } = begin;
  const news = {
    ...(value === undefined ? {} : { value }),
    ...(cause === undefined ? {} : { cause }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(between === undefined ? {} : { between }),
    ...(said === undefined ? {} : { said }),
  };
  return { ...base, state, count: alert.count + 1, lastSeenUs: begin.timeUs, ...news };
}

/** Dates of a clock that was ahead become now, so that what was begun then runs out in its time. */
export function datedBy(alert: AlertRecord, nowUs: number): AlertRecord {
  const { onsetUs, raisedUs, lastSeenUs, acknowledgedAtUs, acknowledgedUntilUs, snoozes } = alert;
  if (raisedUs <= nowUs + policy.retriggerUs) return alert;
  const aheadUs = raisedUs - nowUs;
  return {
    ...alert,
    ...{ onsetUs: onsetUs - aheadUs, raisedUs: nowUs, lastSeenUs: Math.min(lastSeenUs - aheadUs, nowUs) },
    ...(acknowledgedAtUs === undefined ? {} : { acknowledgedAtUs: acknowledgedAtUs - aheadUs }),
    ...(acknowledgedUntilUs === undefined ? {} : { acknowledgedUntilUs: acknowledgedUntilUs - aheadUs }),
    snoozes: snoozes.map(({ by, untilUs }) => ({ by, untilUs: untilUs - aheadUs })),
  };
}

/** A resolved alert that can no longer come back as the same one; one that ended by a clock that was far ahead cannot either. */
export function isOver({ alert }: Entry, nowUs: number): boolean {
  if (policy.hourlyRules.has(alert.rule) && Math.abs(nowUs - alert.raisedUs) < policy.hourlyUs) return false;
  return Math.abs(nowUs - (alert.endedUs ?? nowUs)) > policy.retriggerUs;
}

/** After a restart: a high that nobody acknowledged, or a message that was written but never accepted by a channel. */
export function mustBeHeard(alert: AlertRecord): boolean {
  if (alert.priority === "high") return alert.acknowledgedBy === undefined && isOpen(alert) && alert.state !== "expired";
  return alert.state === "active" && alert.deliveries.length === 0 && policy.isTold(alert.priority);
}

/** `nowUs` starts the ladder. */
export function newEntry(alert: AlertRecord, nowUs: number): Entry {
  return {
    alert,
    ladderUs: nowUs,
    steps: 0,
    waitedUs: alert.raisedUs,
    acknowledgedValue: alert.value,
    patientPressed: false,
    rejectedBy: [],
    isLate: false,
  };
}
