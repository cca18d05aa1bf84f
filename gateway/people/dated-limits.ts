/**
 * What rules know about a person, as a history: each change has a date that was still to come when it was stored, so that the running house and a restart
 * change it at the same moment. Everybody's limits of hearth.yaml are in it as well: a start with others is a change like any other.
 */

import { isDeepStrictEqual } from "node:util";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import type { RuleProfile } from "../rules/rule.ts";
import type { Store } from "../store/store-port.ts";
import { notAfter, putHistoriesRight, writeAhead } from "./dated.ts";

interface DatedLimits {
  readonly number: number;
  /** Gateway axis; 0 = from the beginning. */
  readonly fromUs: number;
  readonly profile: RuleProfile;
  /** Who changed it. */
  readonly by: string;
}

export interface LimitsHistory {
  /** Oldest first, at least one. Of a person who was never declared: `first`, as if from the beginning. */
  of(person: string, first: RuleProfile): readonly DatedLimits[];
  /** What holds as the house starts, dated `atUs` where it is another than before. */
  declare(person: string, profile: RuleProfile, atUs: number): Promise<void>;
  /** No change is dated later than `atUs` but those that wait for their moment: a clock that was wrong had dated them. */
  putRight(atUs: number): Promise<void>;
  /** A change of a person who has been declared; gives when it takes effect, a second or two from now. Rejects with the store's error, and nothing changes. */
  change(person: string, profile: RuleProfile, by: string): Promise<number>;
}

/** The oldest are dropped beyond this; recovery goes back five minutes. */
const maxKept = 200;

const keyOf = (person: string) => `limits/${person}`;
/** As it is read back: what is off is not there. */
const plain = (profile: RuleProfile): RuleProfile => JSON.parse(JSON.stringify(profile));

export function createLimitsHistory(store: Pick<Store, "getValue" | "putValue">, nowUs: () => number): LimitsHistory {
  const byPerson = new Map<string, readonly DatedLimits[]>();

  const read = async (person: string): Promise<readonly DatedLimits[]> => {
    const bytes = await store.getValue(keyOf(person));
    return bytes === undefined ? [] : (JSON.parse(new TextDecoder().decode(bytes)) as DatedLimits[]);
  };
  const write = (person: string, history: readonly DatedLimits[]) =>
    store.putValue(keyOf(person), new TextEncoder().encode(JSON.stringify(history)));
  const next = (history: readonly DatedLimits[], fromUs: number, profile: RuleProfile, by: string) =>
    [...history, { number: (history.at(-1)?.number ?? -1) + 1, fromUs, profile: plain(profile), by }].slice(-maxKept);

  return {
    of: (person, first) => byPerson.get(person) ?? [{ number: 0, fromUs: 0, profile: first, by: "hearth.yaml" }],
    async declare(person, profile, atUs) {
      const history = notAfter(await read(person), atUs);
      byPerson.set(person, history);
      if (history.length > 0 && isDeepStrictEqual(history.at(-1)?.profile, plain(profile))) return;
      const declared = next(history, history.length === 0 ? 0 : atUs, profile, "hearth.yaml");
      byPerson.set(person, declared);
      // On a full disk a home opens all the same; the next start declares it again.
      await write(person, declared).catch((thrown) => {
        if (toGatewayError(thrown).kind !== "world") throw thrown;
      });
    },
    putRight: (atUs) => putHistoriesRight(byPerson, atUs, write),
    async change(person, profile, by) {
      const history = byPerson.get(person) ?? [];
      const fromUs = await writeAhead(nowUs, (us) => write(person, next(history, us, profile, by)));
      byPerson.set(person, next(history, fromUs, profile, by));
      return fromUs;
    },
  };
}
