/** Consents without a store: the house's own desk over a map. */

import { type Consent, changed, firstConsent } from "../../gateway/consent/consent.ts";
import { type ConsentDesk, createConsentDesk } from "../../gateway/consent/consent-desk.ts";
import type { StreamMode } from "../../gateway/semantic/mode.ts";

interface FakeConsentParts {
  readonly people: () => readonly string[];
  readonly nowUs: () => number;
  readonly takeChange?: () => void;
}

export interface FakeConsent {
  readonly desk: ConsentDesk;
  /** From now on the twin asks for this beyond what is allowed. */
  setWaiting(waiting: Readonly<Record<string, StreamMode>>): void;
}

export function createFakeConsent({ people, nowUs, takeChange = () => {} }: FakeConsentParts): FakeConsent {
  const startUs = nowUs();
  const changes = new Map<string, Consent>();
  let waiting: Readonly<Record<string, StreamMode>> = {};
  const of = (person: string) =>
    people().includes(person) ? (changes.get(person) ?? firstConsent(startUs, "the home's first start")) : undefined;
  const desk = createConsentDesk({
    consents: {
      of,
      async change(person, change, by) {
        const after = changed(of(person) ?? firstConsent(startUs, by), change, nowUs(), by);
        changes.set(person, after);
        return after;
      },
    },
    modes: { of: () => ({ inForce: { "*": "event" }, waiting }) },
    takeChange,
    sentToday: { of: () => 412_000 },
    nowUs,
  });
  return {
    desk,
    setWaiting(next) {
      waiting = next;
    },
  };
}
