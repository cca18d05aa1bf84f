/** What was put on the smart home's broker, kept over restarts: what is no longer wanted is removed there, however long the bridge was off. No name of anybody is in it. */

import Type, { type Static } from "typebox";
import Value from "typebox/value";
import type { Store } from "../store/store-port.ts";

const Texts = Type.Record(Type.String(), Type.String());
const Remembered = Type.Object({
  /** Topics with something retained. */
  topics: Type.Array(Type.String()),
  /** By object, the platform of each component that it was described with. */
  components: Type.Record(Type.String(), Texts),
  /** By person's object, the object of the device that gave a number, by its code. */
  gives: Type.Record(Type.String(), Texts),
  /** By alert, what was told of it last. */
  told: Texts,
});
type Remembered = Static<typeof Remembered>;

export interface Memory {
  readonly now: Readonly<Remembered>;
  /** Writes what has changed; resolves when it is stored. Calls that come meanwhile share the next write. */
  change(part: Partial<Remembered>): Promise<void>;
}

const key = "bridges/home-assistant";

export async function openMemory(store: Pick<Store, "getValue" | "putValue">): Promise<Memory> {
  let now = read(await store.getValue(key));
  let written = JSON.stringify(now);
  let writing: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const write = async () => {
    const text = JSON.stringify(now);
    if (text === written) return;
    await store.putValue(key, new TextEncoder().encode(text));
    written = text;
  };
  const begin = (): Promise<void> => {
    next = undefined;
    writing = write().finally(() => {
      writing = undefined;
    });
    return writing;
  };
  return {
    get now() {
      return now;
    },
    change(part) {
      now = { ...now, ...part };
      if (writing === undefined) return begin();
      next ??= writing.then(begin, begin);
      return next;
    },
  };
}

function read(bytes: Uint8Array | undefined): Remembered {
  const empty = { topics: [], components: {}, gives: {}, told: {} };
  if (bytes === undefined) return empty;
  try {
    const value: unknown = { ...empty, ...JSON.parse(new TextDecoder().decode(bytes)) };
    return Value.Check(Remembered, value) ? value : empty;
  } catch {
    return empty;
  }
}
