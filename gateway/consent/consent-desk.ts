/** What people at home are shown of a person's consent, and how they change it. Whoever may only take back is refused anything more. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { StreamMode } from "../semantic/mode.ts";
import type { ModeChoice } from "./choose-mode.ts";
import { type Allowed, type ConsentChange, changed, isWider } from "./consent.ts";
import { type Consents, summaryOf } from "./consents.ts";
import type { Modes } from "./modes.ts";
import type { SentToday } from "./sent-today.ts";

export interface ConsentView {
  readonly alerts: boolean;
  readonly strips: boolean;
  /** By stream name; "*" = every other. */
  readonly streams: Readonly<Record<string, Allowed>>;
  /** When it was last changed, and by whom. */
  readonly sinceUs: number;
  readonly by: string;
  /** Bytes of frames that tell of the person, since midnight. */
  readonly todayBytes: number;
  readonly inForce: Readonly<Record<string, Allowed>>;
  /** What the twin asks for beyond what is allowed. */
  readonly waiting: Readonly<Record<string, StreamMode>>;
  readonly heldBy?: ModeChoice["heldBy"];
}

export interface ConsentDesk {
  /** Throws `registry.unknown`. */
  view(person: string): ConsentView;
  /**
   * What is taken back leaves no more from the call on, rows that wait included. Throws `registry.unknown`, `consent.too_many`, and `consent.not_allowed`
   * where more would leave than before and `mayGive` is false; rejects with the store's error.
   */
  change(person: string, change: ConsentChange, who: { readonly by: string; readonly mayGive: boolean }): Promise<ConsentView>;
}

interface DeskParts {
  readonly consents: Pick<Consents, "of" | "change">;
  readonly modes: Pick<Modes, "of">;
  readonly sentToday: Pick<SentToday, "of">;
  readonly nowUs: () => number;
  /** Throws where changes come faster than a home makes them. */
  readonly takeChange: () => void;
}

export function createConsentDesk({ consents, modes, sentToday, nowUs, takeChange }: DeskParts): ConsentDesk {
  const consentOf = (person: string) => {
    const consent = consents.of(person);
    if (consent === undefined) throw new GatewayError("registry.unknown", "operator", `There is no person "${person}" in this home.`);
    return consent;
  };
  const view = (person: string): ConsentView => {
    const consent = consentOf(person);
    const { inForce = {}, waiting = {}, heldBy } = modes.of(person) ?? {};
    return {
      ...summaryOf(consent),
      ...{ sinceUs: consent.sinceUs, by: consent.by, todayBytes: sentToday.of(person), inForce, waiting },
      ...(heldBy === undefined ? {} : { heldBy }),
    };
  };
  return {
    view,
    async change(person, change, { by, mayGive }) {
      const before = consentOf(person);
      const gives = isWider(before, changed(before, change, nowUs(), by));
      if (gives && !mayGive)
        throw new GatewayError(
          "consent.not_allowed",
          "operator",
          "With this, more would leave the house than before: only the person and an admin may say so. Less may leave at anybody's word.",
        );
      // Taking back is never too often: there is only so much of it without giving.
      if (gives) takeChange();
      await consents.change(person, change, by);
      return view(person);
    },
  };
}
