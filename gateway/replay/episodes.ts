/** Conditions from their beginning to their end, whatever became of their notification: one line of alerts.ndjson each. */

import type { Decided } from "../pipeline/decide.ts";
import type { Settled } from "../pipeline/settle-queue.ts";
import type { ConditionBegin } from "../rules/rule.ts";

export interface Episode {
  begin: ConditionBegin;
  endUs?: number;
  value?: number;
  notified: boolean;
}

interface Episodes {
  readonly list: readonly Episode[];
  settled(settled: Settled, decided: Decided): void;
}

export function createEpisodes(): Episodes {
  const list: Episode[] = [];
  const openOf = ({ rule, device }: { rule: string; device: string }) =>
    list.findLast(({ begin, endUs }) => endUs === undefined && begin.rule === rule && begin.device === device);
  return {
    list,
    settled({ decisions }, { changes }) {
      for (const decision of decisions) {
        if (decision.kind !== "begin" && decision.kind !== "update" && decision.kind !== "end") continue;
        const isTold = changes.some(({ alert, notify }) => notify && alert.rule === decision.rule && alert.device === decision.device);
        const open = openOf(decision);
        if (decision.kind === "begin") {
          const notified = decision.inhibitedBy === undefined && isTold;
          // Its cover has ended: the same condition, told from now on.
          if (open === undefined) list.push({ begin: decision, notified });
          else Object.assign(open, { begin: { ...decision, onsetUs: open.begin.onsetUs }, notified: open.notified || notified });
        } else if (open === undefined) continue;
        else if (decision.kind === "end") open.endUs = decision.endUs;
        else {
          if (decision.value !== undefined) open.value = decision.value;
          if (decision.priority !== undefined) open.begin = { ...open.begin, priority: decision.priority };
          open.notified ||= isTold;
        }
      }
    },
  };
}
