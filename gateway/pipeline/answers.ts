/** Windows are asked as soon as they are made; their answers wait here, as facts, until the order lets the window go. It holds nothing up by itself. */

import type { Fact } from "../facts/fact.ts";
import type { InferenceOutcome, Submit } from "../inference/inference-port.ts";
import type { StreamItem, WindowItem } from "../stream/stream-item.ts";
import { type AnsweredBy, resultFact } from "./result-fact.ts";

export interface Answers {
  /** Submits a window; what is none, or could not be made, is nobody's to answer. */
  ask(item: StreamItem): void;
  /** The fact that the window has become; undefined while its answer is out, which then goes to `late`. */
  take(item: WindowItem, late: (fact: Fact) => void): Fact | undefined;
}

export function createAnswers(submit: Submit, by: (model: string) => AnsweredBy): Answers {
  const waiting = new Map<StreamItem, { fact?: Fact; late?: (fact: Fact) => void }>();
  const read = (item: WindowItem, outcome?: InferenceOutcome) => resultFact(item, outcome, by(item.model));
  return {
    ask(item) {
      if (item.kind !== "window" || item.tensors === undefined) return;
      const answer: { fact?: Fact; late?: (fact: Fact) => void } = {};
      waiting.set(item, answer);
      submit(item.model, item.tensors, (outcome) => {
        answer.fact = read(item, outcome);
        if (answer.late === undefined) return;
        waiting.delete(item);
        answer.late(answer.fact);
      });
    },
    take(item, late) {
      const answer = waiting.get(item);
      if (answer === undefined) return read(item);
      if (answer.fact === undefined) answer.late = late;
      else waiting.delete(item);
      return answer.fact;
    },
  };
}
