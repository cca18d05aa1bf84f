/**
 * The life of an alert: from condition to an acknowledged person (alerts.md §4–6). Pure: time and ids are arguments; it sends nothing and stores nothing.
 * One open alert per (person, rule, device). A high one stays open until a named person has acknowledged it, whatever becomes of the condition.
 */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type AlertRecord, isOpen } from "../../device-drivers/contract/event.ts";
import type { ConditionBegin, RuleDecision } from "../rules/rule.ts";
import { type AlertChange, change, type Entry, keyOf } from "./change.ts";
import { beginOf, createCovered } from "./covered.ts";
import { createExplained } from "./explained.ts";
import { createHeldAlerts } from "./held-alerts.ts";
import { datedBy, isOver, mustBeHeard, newEntry, recordOf } from "./lifecycle.ts";
import * as policy from "./policy.ts";
import { createQuieted } from "./quieted.ts";
import { createTransitions, restartLadder } from "./transitions.ts";
import { type ActOptions, type Actor, applyVerb, speakAgain, type Verb } from "./verbs.ts";

export type { AlertChange } from "./change.ts";

interface AlertCoreOptions {
  /** Whether nothing is told of this person's silent sensors now, because they are away; nobody unless told. */
  readonly isCovered?: (person: string) => boolean;
  /** An id from what the alert is about: decided again after a restored disk, the same condition has the same id. */
  readonly newId: (key: string) => string;
  readonly mode: AlertRecord["mode"];
}

export interface AlertCore {
  /** A condition began, changed or ended. Everything else that a rule may decide is no business of alerts and gives []. */
  decide(person: string, decision: RuleDecision, nowUs: number): AlertChange[];
  /**
   * Throws `alert.unknown`, `alert.not_allowed`, `alert.bad_request`. `stored` is the record from the store, for one that the core no longer holds.
   * `changes` is empty and `already` true when somebody had done it before.
   */
  act(
    id: string,
    verb: Verb,
    actor: Actor,
    options: ActOptions,
    nowUs: number,
    stored?: AlertRecord,
  ): { alert: AlertRecord; already: boolean; changes: AlertChange[] };
  /** The record of a condition as it begins; nothing is held of it. */
  record(person: string, begin: ConditionBegin): AlertRecord;
  /** A channel accepted the message and gave an id. */
  delivered(id: string, channel: string, receipt: string, nowUs: number): AlertChange[];
  /** Acknowledgements that run out, repeats, expiry, closing of what is over. Call at least every 10 s. */
  tick(nowUs: number): AlertChange[];
  /** Takes over the alerts of the last run; high ones that nobody acknowledged are told again, of closed ones only a quiet time that still runs counts. */
  reopen(records: readonly AlertRecord[], nowUs: number): AlertChange[];
  /** Closes alerts that have lost their object; whoever was told of one hears the reason. */
  retire(records: readonly AlertRecord[], reason: string, nowUs: number): AlertChange[];
  /** Alerts that a planned absence explains are closed with the reason; what is still true of them waits for its end. */
  cover(records: readonly AlertRecord[], reason: string, nowUs: number): AlertChange[];
  /** The absence covers nothing any more: what is still true is told now. `isHere` says of a device whether the person still wears it. */
  uncover(person: string, isHere: (device: string) => boolean, nowUs: number): AlertChange[];
  /** Alerts that are held: open ones, and resolved ones that may still come back. */
  held(): readonly AlertRecord[];
}

export function createAlertCore({ newId, mode, isCovered = () => false }: AlertCoreOptions): AlertCore {
  const { adopt, fromStore, drop, current, byId, all } = createHeldAlerts();
  const toldUsByPerson = new Map<string, number[]>();

  /** At most so many messages an hour and person; high ones always. */
  const mayTell = ({ alert, isLate }: Entry, nowUs: number): boolean => {
    if (isLate || !policy.isTold(alert.priority)) return false;
    const recent = (toldUsByPerson.get(alert.person) ?? []).filter((toldUs) => toldUs <= nowUs && nowUs - toldUs < policy.hourlyUs);
    const may = alert.priority === "high" || recent.length < policy.notificationsPerHour;
    if (may) recent.push(nowUs);
    toldUsByPerson.set(alert.person, recent);
    return may;
  };

  const { retrigger, update, end, close } = createTransitions(mayTell);

  const record = (person: string, begin: ConditionBegin): AlertRecord =>
    recordOf({ id: newId(`${person}/${begin.rule}/${begin.device}/${begin.onsetUs}`), person, mode }, begin);

  const quieted = createQuieted();

  const raise = (person: string, begin: ConditionBegin, nowUs: number): AlertChange[] => {
    const entry = adopt({ ...record(person, begin), ...quieted.spokeAgain(keyOf({ person, ...begin }), nowUs) }, nowUs);
    entry.isLate = nowUs - begin.timeUs > policy.lateUs;
    const by = begin.said === undefined ? {} : { by: begin.said.by };
    return [change(entry, "raised", nowUs, { notify: mayTell(entry, nowUs), detail: { late: entry.isLate }, ...by })];
  };

  const tickOne = (entry: Entry, nowUs: number): AlertChange[] => {
    const { alert } = entry;
    if (alert.state === "closed" || (alert.state === "resolved" && isOver(entry, nowUs))) {
      drop(entry);
      quieted.remember(alert, nowUs);
      if (alert.state === "closed") return [];
      entry.alert = { ...alert, state: "closed" };
      return [change(entry, "closed", nowUs)];
    }
    if (alert.state === "resolved" || alert.state === "expired") return [];
    if (entry.isLate && alert.endedUs === undefined && nowUs - entry.ladderUs >= policy.lateGraceUs) {
      // It began in a backlog and the backlog has not ended it: it is true now, and somebody must hear of it.
      entry.isLate = false;
      restartLadder(entry, nowUs);
      return [change(entry, "speaks-again", nowUs, { notify: mayTell(entry, nowUs) })];
    }
    if (alert.state === "acknowledged") {
      if ((alert.acknowledgedUntilUs ?? nowUs) > nowUs) return [];
      entry.alert = { ...speakAgain(alert, "still-true"), state: "active" };
      restartLadder(entry, nowUs);
      return [change(entry, "speaks-again", nowUs, { notify: mayTell(entry, nowUs) })];
    }
    if (nowUs - entry.waitedUs >= policy.expiryUs) {
      entry.alert = { ...alert, state: "expired" };
      return [change(entry, "expired", nowUs, { notify: policy.isTold(alert.priority) && !entry.isLate })];
    }
    const steps = policy.stepsDue(alert.priority, nowUs - entry.ladderUs);
    // Steps that were slept through collapse into one message.
    const isDue = steps > entry.steps;
    entry.steps = steps;
    return isDue && mayTell(entry, nowUs) ? [change(entry, "repeated", nowUs, { notify: true, detail: { step: entry.steps } })] : [];
  };

  const explained = createExplained((person, device) => current(person, { rule: "data.missing", device })?.alert);

  const settle = (person: string, decision: RuleDecision, nowUs: number): AlertChange[] => {
    if (decision.kind !== "begin" && decision.kind !== "update" && decision.kind !== "end") return [];
    const found = current(person, decision);
    const entry = found !== undefined && found.alert.state === "resolved" && isOver(found, nowUs) ? undefined : found;
    if (decision.kind === "begin") {
      if (decision.inhibitedBy !== undefined) return [];
      const closed = found !== undefined && entry === undefined ? tickOne(found, nowUs) : [];
      if (entry?.alert.state === "closed") quieted.remember(entry.alert, nowUs);
      const told =
        entry === undefined || entry.alert.state === "closed" ? raise(person, decision, nowUs) : retrigger(entry, decision, nowUs);
      return [...told, ...closed];
    }
    if (entry === undefined || entry.alert.state === "closed" || entry.alert.endedUs !== undefined) return [];
    return decision.kind === "update" ? update(entry, decision, nowUs) : end(entry, decision, nowUs);
  };

  const covered = createCovered();
  const isHeldBack = (person: string, decision: RuleDecision) =>
    isCovered(person) && covered.takes(person, decision, (of) => isOpen(current(person, of)?.alert ?? { state: "closed" }));

  const decide: AlertCore["decide"] = (person, decision, nowUs) => {
    if (isHeldBack(person, decision) || (decision.kind === "begin" && explained.takes(person, decision))) return [];
    if (decision.kind === "end") explained.forget(person, decision);
    const changes = settle(person, decision, nowUs);
    if (decision.kind !== "end" || decision.rule !== "data.missing") return changes;
    const told = explained
      .release(person, decision.device)
      .flatMap((begin) => settle(person, { ...begin, timeUs: decision.timeUs }, nowUs));
    return [...changes, ...told];
  };

  const retire: AlertCore["retire"] = (records, reason, nowUs) =>
    records.flatMap((record) => {
      explained.release(record.person, record.device);
      const entry = byId(record.id) ?? newEntry(record, nowUs);
      return close(entry, reason, nowUs);
    });

  return {
    decide,
    record,
    act(id, verb, actor, options, nowUs, stored) {
      const entry = byId(id) ?? (stored?.id === id ? fromStore(stored, nowUs) : undefined);
      if (entry === undefined)
        throw new GatewayError("alert.unknown", "operator", "There is no alert with this id that can still be acted on.");
      const changes = applyVerb(entry, verb, actor, options, nowUs);
      return { alert: entry.alert, already: changes.length === 0, changes };
    },
    delivered(id, channel, receipt, nowUs) {
      const entry = byId(id);
      if (entry?.alert.deliveries.some((delivery) => delivery.channel === channel && delivery.receipt === receipt) !== false) return [];
      const { alert } = entry;
      const deliveries = [...alert.deliveries, { channel, receipt, atUs: nowUs }].slice(-policy.keptDeliveries);
      entry.alert = { ...alert, deliveries, state: alert.state === "active" || alert.state === "rejected" ? "notified" : alert.state };
      return [change(entry, "delivered", nowUs, { detail: { channel, receipt } })];
    },
    tick: (nowUs) => all().flatMap((entry) => tickOne(entry, nowUs)),
    reopen(records, nowUs) {
      return records.flatMap((record) => {
        if (record.state === "closed") {
          quieted.remember(record, nowUs);
          return [];
        }
        const dated = datedBy(record, nowUs);
        const entry = adopt(dated, nowUs);
        if (!mustBeHeard(dated)) return [];
        entry.alert = { ...dated, state: "active" };
        entry.waitedUs = nowUs;
        return [change(entry, "still-open-after-restart", nowUs, { notify: true })];
      });
    },
    retire,
    cover(records, reason, nowUs) {
      for (const record of records) {
        const causes = explained.release(record.person, record.device);
        for (const begin of [beginOf(record), ...causes]) covered.keep(record.person, begin);
      }
      return retire(records, reason, nowUs);
    },
    uncover: (person, isHere, nowUs) =>
      covered.release(person).flatMap((begin) => (isHere(begin.device) ? decide(person, { ...begin, timeUs: nowUs }, nowUs) : [])),
    held: () =>
      all()
        .map(({ alert }) => alert)
        .filter(({ state }) => state !== "closed"),
  };
}
