/** How each person moves, as their motion sensors told it last. */

import type { Body } from "../facts/body.ts";
import type { MovementFact } from "../facts/movement.ts";
import { type Stance, stanceOf } from "../facts/stance.ts";
import type { MovementView } from "./view-port.ts";

interface MovementNow {
  note(person: string, fact: MovementFact): void;
  /** A network tells the legs as well. */
  body(person: string, body: Body): void;
  of(person: string): { readonly movement?: MovementView };
  clear(): void;
}

export function createMovementNow(): MovementNow {
  const byPerson = new Map<string, { fact: MovementFact; steps: number | undefined }>();
  const stances = new Map<string, Stance & { readonly timeUs: number }>();
  return {
    note(person, fact) {
      const before = byPerson.get(person)?.steps;
      const steps = fact.steps === undefined ? before : (before ?? 0) + fact.steps;
      byPerson.set(person, { fact, steps });
    },
    body(person, { model, pose, timeUs }) {
      const stance = model === undefined ? undefined : stanceOf(pose);
      if (stance === undefined) stances.delete(person);
      else stances.set(person, { ...stance, timeUs });
    },
    of(person) {
      const known = byPerson.get(person);
      if (known === undefined) return {};
      const { timeUs, cadencePerMin, stillS, posture, sensors } = known.fact;
      const stance = posture === "upright" ? stances.get(person) : undefined;
      const isNow = stance !== undefined && Math.abs(stance.timeUs - timeUs) < freshUs;
      const movement = {
        ...{ timeUs, sensors },
        ...(known.steps === undefined ? {} : { steps: known.steps }),
        ...(cadencePerMin === undefined ? {} : { cadencePerMin }),
        ...(stillS === undefined ? {} : { stillS }),
        ...(posture === undefined ? {} : { posture: isNow ? stance.stance : posture, isCompleted: isNow && stance.isCompleted }),
      };
      return { movement };
    },
    clear() {
      byPerson.clear();
      stances.clear();
    },
  };
}

const freshUs = 3_000_000;
