/** What the twin is told of what is in force: per person, under the names by which it knows them. Pure. */

import type { Consent } from "./consent.ts";
import { summaryOf } from "./consents.ts";
import type { Modes } from "./modes.ts";

interface ReportParts {
  readonly modes: Pick<Modes, "of" | "wish">;
  readonly aliasOf: (person: string) => string;
  readonly consentOf: (person: string) => Consent | undefined;
}

export function reportOf(people: readonly string[], { modes, aliasOf, consentOf }: ReportParts) {
  const inForce: Record<string, object> = {};
  const waiting: Record<string, object> = {};
  for (const person of people) {
    const [consent, choice] = [consentOf(person), modes.of(person)];
    if (consent === undefined || choice === undefined) continue;
    const { alerts, strips } = summaryOf(consent);
    const held = choice.heldBy === undefined ? {} : { held_by: choice.heldBy };
    inForce[aliasOf(person)] = { alerts, strips, modes: choice.inForce, ...held };
    if (Object.keys(choice.waiting).length > 0) waiting[aliasOf(person)] = { modes: choice.waiting };
  }
  return { settings: { people: inForce }, ignored: modes.wish.ignored, waiting: { people: waiting } };
}
