/**
 * Changes of a person's alerts as rows for the twin. What only says that an alert of low priority has grown, and that nobody is told of, waits some minutes
 * and goes as one row, which says the newest; any other change goes at once and says it too. Pure; it owns no clock.
 */

import { type AlertRecord, isOpen, type OutboxItem } from "../../device-drivers/contract/event.ts";
import type { AlertChange, AlertCore } from "../alert/core.ts";
import type { RuleDecision } from "../rules/rule.ts";
import { alertItem } from "../semantic/policy.ts";

/** A row is some 265 bytes, as much as a minute of a waveform's beats; nobody acts on the exact count of what is of low priority. */
const waitUs = 300_000_000;

type Of = Pick<AlertRecord, "rule" | "device">;

const keyOf = ({ rule, device }: Of) => `${rule}/${device}`;

/** @param held the alerts as they are now: what waits never overtakes what somebody did meanwhile */
export function createCalmChanges(person: string, held: AlertCore["held"], saved?: unknown) {
  /** Since when a row is owed, by rule and device. */
  const owed = new Map((saved as [string, number][] | undefined) ?? []);

  const owe = (of: Of, timeUs: number) => {
    if (!owed.has(keyOf(of))) owed.set(keyOf(of), timeUs);
  };

  const rowsOf = (isDue: (sinceUs: number) => boolean): OutboxItem[] => {
    if (owed.size === 0) return [];
    const due = new Set([...owed].flatMap(([key, sinceUs]) => (isDue(sinceUs) ? [key] : [])));
    for (const key of due) owed.delete(key);
    if (due.size === 0) return [];
    // One that is over, or was raised to a higher priority, has said so itself.
    return held().flatMap((alert) =>
      alert.person === person && alert.priority === "low" && isOpen(alert) && due.has(keyOf(alert)) ? [alertItem(alert)] : [],
    );
  };

  return {
    /** Rows of these changes; what can wait is owed. */
    push(changes: readonly AlertChange[], timeUs: number): OutboxItem[] {
      return changes.flatMap(({ alert, why, notify }) => {
        if (why === "worse" && alert.priority === "low" && !notify) {
          owe(alert, timeUs);
          return [];
        }
        owed.delete(keyOf(alert));
        return [alertItem(alert)];
      });
    },
    /** What the store has already made of a decision; of an update it is not known whether its row has gone. */
    past(decision: RuleDecision, timeUs: number): void {
      if (decision.kind === "update") owe(decision, timeUs);
      else if (decision.kind === "begin" || decision.kind === "end") owed.delete(keyOf(decision));
    },
    tick: (timeUs: number): OutboxItem[] => rowsOf((sinceUs) => timeUs - sinceUs >= waitUs),
    flush: (): OutboxItem[] => rowsOf(() => true),
    state: (): [string, number][] => [...owed],
  };
}
