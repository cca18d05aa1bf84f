/** What people say is usual for a person: dated, audited, and taken back. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { LearnHistory } from "../people/learn-history.ts";
import type { Person } from "../store/store-port.ts";
import type { Setup } from "./setup-port.ts";

interface LearnParts {
  readonly learning: LearnHistory;
  /** Throws `registry.unknown`. */
  readonly personOf: (id: string) => Person;
  readonly audit: (what: string, by: string, subject: string, detail: Readonly<Record<string, unknown>>) => Promise<unknown>;
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

export function createLearn({ learning, personOf, audit, inTurn }: LearnParts): Pick<Setup, "learnActs" | "learn"> {
  const canUndo = (person: string, number: number) => {
    const acts = learning.of(person);
    const isUndone = acts.some(({ act }) => act.kind === "undo" && act.number === number);
    return !isUndone && acts.some((each) => each.number === number && each.act.kind === "normal");
  };
  return {
    learnActs: (id) => learning.of(personOf(id).id),
    learn: (id, act, by) =>
      inTurn(async () => {
        personOf(id);
        if (act.kind === "undo" && !canUndo(id, act.number))
          throw new GatewayError("setup.conflict", "operator", `There is nothing with the number ${act.number} that could be taken back.`, {
            fields: { field: "number" },
          });
        const dated = await learning.add(id, act, by);
        // Of what was called normal the alert says what it looks like.
        const said = act.kind === "normal" ? { kind: act.kind, alert: act.alert, of: act.of } : act;
        await audit("person.learn", by, id, { ...said, number: dated.number, fromUs: dated.fromUs });
        return dated;
      }),
  };
}
