/** Which alerts a flow wants to hear of. Pure. */

import { type Alert, isOpen } from "../../client/wire.ts";
import type { Settings } from "../../node-red/host.ts";
import { wordsOf } from "../settings.ts";

interface AlertFilter {
  matches(alert: Alert): boolean;
  /** Person ids that were asked for; empty = everybody. */
  readonly persons: readonly string[];
}

/**
 * `persons` and `rules` are lists with commas, an empty one matches all; a rule may end in `*` ("rhythm.*"). `priority` is the lowest that is wanted,
 * `kind` and `state` one word or "". `state`: "open", "unanswered" (open and nobody has taken it) or "over".
 */
export function alertFilter(settings: Settings): AlertFilter {
  const persons = wordsOf(settings.persons);
  const rules = wordsOf(settings.rules).map(ruleMatcher);
  const least = priorities.indexOf(String(settings.priority));
  const kind = String(settings.kind ?? "");
  const isState = states[String(settings.state)] ?? (() => true);
  return {
    persons,
    matches: (alert) =>
      (persons.length === 0 || persons.includes(alert.person)) &&
      (rules.length === 0 || rules.some((is) => is(alert.rule))) &&
      (least < 0 || priorities.indexOf(alert.priority) >= least) &&
      (kind === "" || alert.kind === kind) &&
      isState(alert),
  };
}

const priorities = ["info", "low", "medium", "high"];

const states: Readonly<Record<string, (alert: Alert) => boolean>> = {
  open: isOpen,
  unanswered: (alert) => isOpen(alert) && alert.state !== "acknowledged",
  over: (alert) => !isOpen(alert),
};

function ruleMatcher(pattern: string): (rule: string) => boolean {
  const start = pattern.slice(0, -1);
  return pattern.endsWith("*") ? (rule) => rule.startsWith(start) : (rule) => rule === pattern;
}
