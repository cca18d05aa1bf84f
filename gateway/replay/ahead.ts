/**
 * Lets the models compute one batch of windows while the next is fed. Answers come back only between batches and in the order of their questions, so that
 * no run differs from another; it never drops one.
 */

import type { InferenceOutcome, ModelHost, Submit } from "../inference/inference-port.ts";

interface Ahead {
  readonly submit: Submit;
  /** A batch ends: its windows go out, and the answers of the batch before come back. */
  turn(): Promise<void>;
  /** Resolves when every window has its answer. */
  idle(): Promise<void>;
}

interface Batch {
  readonly questions: { readonly settled: (outcome: InferenceOutcome) => void; outcome: InferenceOutcome | undefined }[];
  open: number;
  whenAnswered: (() => void) | undefined;
}

export function createAhead(host: Pick<ModelHost, "submit">): Ahead {
  const newBatch = (): Batch => ({ questions: [], open: 0, whenAnswered: undefined });
  let current = newBatch();
  let previous = newBatch();

  const giveBack = async (batch: Batch) => {
    if (batch.open > 0) await new Promise<void>((resolve) => Object.assign(batch, { whenAnswered: resolve }));
    for (const { settled, outcome } of batch.questions) if (outcome !== undefined) settled(outcome);
  };

  const turn = async () => {
    const due = previous;
    previous = current;
    current = newBatch();
    // The host sends what it was given at the end of a turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    await giveBack(due);
  };

  return {
    submit(model, tensors, settled) {
      const batch = current;
      const question: Batch["questions"][number] = { settled, outcome: undefined };
      batch.questions.push(question);
      batch.open++;
      host.submit(model, tensors, (outcome) => {
        question.outcome = outcome;
        if (--batch.open === 0) batch.whenAnswered?.();
      });
    },
    turn,
    async idle() {
      while (current.questions.length + previous.questions.length > 0) await turn();
    },
  };
}
