/**
 * Payload ↔ bytes: one CBOR array [layout number, content]. It compresses and never judges; what it can't read stays readable for a later version.
 * Lossless but for what beat-codec.ts states (confidence in 31 steps, rrMs to 1 µs) and times, which are whole microseconds.
 */

import type { OutboxItem } from "../../device-drivers/contract/event.ts";
import { undecodable } from "./bits.ts";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import { payloadKinds, type TwinPayload } from "./payloads/index.ts";
import type { AnyPayload, OtherNames, PayloadKind, Place } from "./payloads/kind.ts";

export interface PayloadCodec<Payload extends AnyPayload = AnyPayload> {
  encode(payload: Payload): Uint8Array;
  /** @throws GatewayError `semantic.bad_cbor`, `semantic.undecodable` (also for layouts of a newer version). */
  decode(bytes: Uint8Array): Payload;
  /** What the outbox takes of it. */
  toOutbox(payload: Payload): OutboxItem;
  /** Where the twin keeps a payload of a kind without tables of its own. */
  placeOf(payload: Payload): Place | undefined;
  /** Whom it is about. */
  peopleOf(payload: Payload): readonly string[];
  /** The same of people under other names. */
  withNames(payload: Payload, names: OtherNames): Payload;
  /** True for bytes whose kind asks a twin for something: see `PayloadKind.mustBeUnderstood`. Never throws. */
  mustBeUnderstood(bytes: Uint8Array): boolean;
}

/** @throws Error for two kinds that claim one name or layout number. */
export function payloadCodec<Payload extends AnyPayload>(kinds: readonly PayloadKind<Payload>[]): PayloadCodec<Payload> {
  const byName = new Map(kinds.map((kind) => [kind.kind as string, kind]));
  const byLayout = new Map(kinds.flatMap((kind) => kind.layouts.map((layout): [unknown, PayloadKind<Payload>] => [layout, kind])));
  if (byName.size < kinds.length || byLayout.size < kinds.reduce((sum, { layouts }) => sum + layouts.length, 0))
    throw new Error("Two kinds of payload have one name or one layout number.");
  if (kinds.some(({ mustBeUnderstood, layouts }) => mustBeUnderstood === true && layouts.some((layout) => layout > 23)))
    throw new Error("The layout number of a kind that must be understood is one byte: 23 at most.");

  const kindOf = (payload: Payload): PayloadKind<Payload> => {
    const kind = byName.get(payload.kind);
    if (kind === undefined) throw new Error(`There is no payload kind "${payload.kind}".`);
    return kind;
  };
  const encode = (payload: Payload): Uint8Array => {
    const { layout, content } = kindOf(payload).encode(payload);
    return encodeCbor([layout, content]);
  };
  return {
    encode,
    decode(bytes) {
      const item = decodeCbor(bytes);
      if (!Array.isArray(item) || item.length < 2) throw undecodable("it is no array");
      const kind = byLayout.get(item[0]);
      if (kind === undefined) throw undecodable("a layout that this version does not have");
      return kind.decode(item[1], item[0]);
    },
    toOutbox(payload) {
      const kind = kindOf(payload);
      return { class: kind.class, timeUs: Math.round(kind.timeUs(payload)), payload: encode(payload) };
    },
    placeOf: (payload) => kindOf(payload).place?.(payload),
    peopleOf(payload) {
      const { peopleOf, place } = kindOf(payload);
      return peopleOf?.(payload) ?? [place?.(payload).person ?? []].flat();
    },
    withNames(payload, names) {
      const { renamed } = kindOf(payload);
      if (renamed !== undefined) return renamed(payload, names);
      const { person } = payload as { readonly person?: unknown };
      return typeof person === "string" ? { ...payload, person: names.person(person) } : payload;
    },
    // The head of an array of two, then its layout number, both in one byte (RFC 8949 §3).
    mustBeUnderstood: ([head, layout]) => head === 0x82 && byLayout.get(layout)?.mustBeUnderstood === true,
  };
}

/** Of the kinds that ship. */
export const shippedPayloads: PayloadCodec<TwinPayload> = payloadCodec<TwinPayload>(payloadKinds);
export const { encode: encodePayload, decode: decodePayload } = shippedPayloads;
