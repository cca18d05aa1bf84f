/** What an entry of the list of links says: its name in hearth.yaml, what may be set there, and how it is opened. */

import type { Static, TObject, TProperties } from "typebox";
import type { Driver } from "../contract/driver.ts";
import type { Link } from "./link.ts";

export interface LinkKind<Kind extends string = string, Options extends TProperties = TProperties> {
  /** `link.kind` in hearth.yaml. */
  readonly kind: Kind;
  /** The keys beside `kind`; any other key is refused. */
  readonly options: Options;
  /** What the schema cannot say of the settings: what is wrong with them, as the end of a sentence. */
  fault?(settings: Static<TObject<Options>>): string | undefined;
  /** A link that can be opened once; `line` is how the driver wants a serial line. Absent where bytes come through the gateway's broker. */
  create?(settings: Static<TObject<Options>>, line: Driver["serial"]): Link;
}

/** The settings that hearth.yaml has for a link of this kind. */
export type LinkSettings<Entry> = Entry extends LinkKind<infer Kind, infer Options> ? { kind: Kind } & Static<TObject<Options>> : never;

/** Keeps kind and options as types. */
export function defineLink<const Kind extends string, const Options extends TProperties>(
  entry: LinkKind<Kind, Options>,
): LinkKind<Kind, Options> {
  return entry;
}
