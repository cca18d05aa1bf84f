/** One person's body on its way to the page and to the twin; what is packed waits for the next settled item, with which it is stored. */

import type { OutboxItem } from "../../device-drivers/contract/event.ts";
import { type Body, type BodyChoiceState, createBodyChoice } from "../facts/body.ts";
import type { Fact } from "../facts/fact.ts";
import { eventOnly, type ModeOf } from "../semantic/mode.ts";
import { shippedPayloads } from "../semantic/payload-codec.ts";
import { createPosePacker } from "../semantic/pose-packer.ts";

interface BodiesState {
  readonly choice: BodyChoiceState;
  readonly packer: unknown;
}

export function createBodies(person: string, modeOf: ModeOf = eventOnly, saved?: unknown) {
  const was = saved as BodiesState | undefined;
  const choice = createBodyChoice(was?.choice);
  const packer = createPosePacker({ person, modeOf, state: was?.packer });
  return {
    /** The body's next stretch, if the fact is one, and what went out with it. */
    push(fact: Fact): { readonly body?: Body; readonly outbox: readonly OutboxItem[] } {
      if (fact.kind === "tick") return { outbox: packer.tick(fact.timeUs).map(shippedPayloads.toOutbox) };
      const body = choice.push(fact);
      return body === undefined ? nothing : { body, outbox: packer.push(body).map(shippedPayloads.toOutbox) };
    },
    flush: (): OutboxItem[] => packer.flush().map(shippedPayloads.toOutbox),
    state: (): BodiesState => ({ choice: choice.state(), packer: packer.state() }),
  };
}

const nothing = { outbox: [] };
