/** The gate at the outbox: a row's payload as it may leave at this moment. Whatever was allowed when it was queued counts no more. */

import { shippedPayloads } from "../semantic/payload-codec.ts";
import type { TwinPayload } from "../semantic/payloads/index.ts";
import type { OtherNames } from "../semantic/payloads/kind.ts";
import { type ConsentOf, mayLeave } from "./may-leave.ts";

/** `people`: whom it tells of, for what is counted. `withheld`: why it does not leave. */
type Cleared =
  | { readonly kind: "go"; readonly payload: Uint8Array; readonly people: readonly string[] }
  | { readonly kind: "withheld"; readonly reason: "no_consent" | "unreadable" };

interface GateOptions {
  readonly consentOf: ConsentOf;
  /** Names under which the twin knows people: nothing leaves under another. */
  readonly names: OtherNames;
  /** Up to here the twin was told of people under their own ids: so was the leaving of one who left by then. */
  readonly plainUntilUs: number;
  /** Stands for the house in rows that belong to nobody. */
  readonly house: string;
}

export function createGate({ consentOf, names, plainUntilUs, house }: GateOptions): (row: { readonly payload: Uint8Array }) => Cleared {
  return ({ payload: bytes }) => {
    let payload: TwinPayload;
    try {
      payload = shippedPayloads.decode(bytes);
    } catch {
      // Of a later version, or damaged: nobody can say of whom it tells.
      return { kind: "withheld", reason: "unreadable" };
    }
    const allowed = mayLeave(payload, consentOf, house);
    if (allowed === undefined) return { kind: "withheld", reason: "no_consent" };
    const people = shippedPayloads.peopleOf(allowed);
    const isPlain = allowed.kind === "renamed" || (allowed.kind === "leave" && allowed.timeUs <= plainUntilUs);
    return { kind: "go", payload: isPlain ? bytes : shippedPayloads.encode(shippedPayloads.withNames(allowed, names)), people };
  };
}
