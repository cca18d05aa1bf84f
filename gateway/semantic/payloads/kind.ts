/** What a kind of payload is. Each stands in a file of its own beside this one and has its line in `index.ts`. */

import type { TrafficClass } from "../../../device-drivers/contract/event.ts";
import type { CborValue } from "../../../device-drivers/framing/cbor-reader.ts";

export interface AnyPayload {
  readonly kind: string;
}

/** Where the twin keeps a payload for which it has no table of its own. */
export interface Place {
  readonly person: string;
  /** What tells apart payloads of one kind and start; of two in one place the newer frame's stays. */
  readonly key: string;
  /** The stretch of the gateway's axis that it is about, in microseconds. */
  readonly fromUs: number;
  readonly toUs: number;
}

/** Other names for people. */
export interface OtherNames {
  /** For a person's id. */
  readonly person: (id: string) => string;
  /** For what somebody is called who has acted, or lives here. */
  readonly name: (name: string) => string;
}

export interface PayloadKind<Payload extends AnyPayload> {
  readonly kind: Payload["kind"];
  /** How urgent it is in every queue. */
  readonly class: TrafficClass;
  /** Numbers of its layouts. A number is never given to another layout, here or elsewhere: a changed layout gets the next free one. */
  readonly layouts: readonly number[];
  /** The content as plain CBOR values, and the layout that it is written in. */
  encode(payload: Payload): { readonly layout: number; readonly content: unknown };
  /** Never trusts: the bytes come from a wire. @throws GatewayError `semantic.undecodable` */
  decode(content: CborValue, layout: number): Payload;
  /** When what it says was true, in microseconds: its frame's time. */
  timeUs(payload: Payload): number;
  /** A kind without tables of its own at the twin is kept, and found again, by this. */
  place?(payload: Payload): Place;
  /** Ids of those whom it is about; without it the one whom its place names. Nothing of it is sent, or kept by a twin, once they have left. */
  peopleOf?(payload: Payload): readonly string[];
  /** The same of people under other names; without it `person` of the payload is all that names somebody. */
  renamed?(payload: Payload, names: OtherNames): Payload;
  /** It asks for something to be done: a twin that can't read it does not acknowledge it, so that it comes again. */
  readonly mustBeUnderstood?: true;
}
