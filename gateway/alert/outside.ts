/**
 * Conditions that other programs of the home begin (`flow.…`): said anew they are updated, ended they are over, and not said again in time they are closed
 * with that reason, because nobody knows. Their alerts live as any others.
 */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type AlertRecord, isOpen, type SaidOutside } from "../../device-drivers/contract/event.ts";
import { gatewayPerson } from "../people/registry.ts";
import { createTokenBucket, type TokenBucket } from "../runtime/token-bucket.ts";
import { flowRulePattern, type Outside, type OutsideCondition, outsideLimits, type Saying } from "./outside-port.ts";
import { isHigher } from "./policy.ts";
import type { AlertDesk } from "./write-then-tell.ts";

const flowRule = new RegExp(flowRulePattern);

interface OutsideBook extends Outside {
  /** An alert of the last run is still open: it is believed for one more lease. */
  adopt(alert: AlertRecord): void;
  close(): void;
}

interface OutsideParts {
  readonly clock: Pick<Clock, "monotonicUs" | "every">;
  readonly nowUs: () => number;
  readonly hasPerson: (id: string) => boolean;
  readonly mayRaiseHigh: boolean;
  readonly desk: Pick<AlertDesk, "decideStored" | "retire">;
  readonly held: () => readonly AlertRecord[];
}

type OutsideOf = Parameters<Outside["end"]>[0];
type Speaker = Parameters<Outside["end"]>[1];

interface Entry {
  readonly of: OutsideOf;
  saying: Saying;
  account: string;
  name: string;
  alert: string;
  readonly sinceUs: number;
  saidUs: number;
  /** Monotonic. */
  untilUs: number;
}

const checkMs = 1000;
export const notSaidAgain = "Whoever raised it has not said it again in time. Whether it is over is not known.";

export function createOutside({ clock, nowUs, hasPerson, mayRaiseHigh, desk, held }: OutsideParts): OutsideBook {
  const entries = new Map<string, Entry>();
  const buckets = new Map<string, TokenBucket>();
  const keyOf = ({ person, rule }: OutsideOf) => `${person}/${rule}`;

  const check = ({ person, rule }: OutsideOf) => {
    if (!flowRule.test(rule))
      throw refused(
        "not_flow",
        "Other programs raise conditions whose name begins with flow. and goes on with a–z, 0–9, dash and dot; what a body shows is judged by the gateway's own rules.",
        "rule",
      );
    if (person !== gatewayPerson && !hasPerson(person))
      throw new GatewayError("registry.unknown", "operator", `There is no person "${person}" in this home.`);
  };

  const spend = (account: string) => {
    const now = clock.monotonicUs();
    const bucket = buckets.get(account) ?? createTokenBucket(outsideLimits.changes, now);
    buckets.delete(account);
    buckets.set(account, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > outsideLimits.accounts && oldest !== undefined) buckets.delete(oldest);
    if (!bucket.take(now)) throw refused("too_many_changes", "This token changes conditions too often; wait a few seconds.");
  };

  const requireRoom = (person: string, account: string) => {
    const all = [...entries.values()];
    const isFull =
      all.length >= outsideLimits.all ||
      all.filter((entry) => entry.account === account).length >= outsideLimits.perAccount ||
      all.filter((entry) => entry.of.person === person).length >= outsideLimits.perPerson;
    if (isFull)
      throw refused(
        "too_many_open",
        `At most ${outsideLimits.perAccount} conditions of one token and ${outsideLimits.perPerson} of one person are open at a time; end one.`,
      );
  };

  const conditionOf = (entry: Entry): OutsideCondition => ({
    ...entry.of,
    ...entry.saying,
    ...{ by: entry.name, alert: entry.alert, sinceUs: entry.sinceUs, saidUs: entry.saidUs },
    leaseUntilUs: nowUs() + Math.max(0, entry.untilUs - clock.monotonicUs()),
  });

  const begin = async ({ person, rule }: OutsideOf, saying: Saying, by: Speaker): Promise<Entry> => {
    requireRoom(person, by.account);
    const timeUs = nowUs();
    const untilUs = clock.monotonicUs() + saying.leaseS * 1e6;
    const entry: Entry = {
      ...{ of: { person, rule }, saying, account: by.account, name: by.name, alert: "" },
      ...{ sinceUs: timeUs, saidUs: timeUs, untilUs },
    };
    entries.set(keyOf(entry.of), entry);
    const { value, unit, limit, priority } = saying;
    const stored = desk.decideStored(person, {
      ...{ kind: "begin", rule, device: gatewayPerson, stream: "", priority, alertKind: "technical", onsetUs: timeUs, timeUs },
      ...{ quality: "unknown", said: saidBy(saying, by.name) },
      ...(value === undefined ? {} : { value }),
      ...(unit === undefined ? {} : { unit }),
      ...(limit === undefined ? {} : { limit }),
    });
    // The core has decided at once; only the disk is waited for.
    entry.alert = held().find((alert) => alert.person === person && alert.rule === rule)?.id ?? "";
    await stored;
    return entry;
  };

  const update = async (entry: Entry, saying: Saying, by: Speaker): Promise<void> => {
    Object.assign(entry, { saying, account: by.account, name: by.name });
    const { value, priority } = saying;
    await desk.decideStored(entry.of.person, {
      ...{ kind: "update", rule: entry.of.rule, device: gatewayPerson, timeUs: nowUs(), priority, said: saidBy(saying, by.name) },
      ...(value === undefined ? {} : { value }),
    });
  };

  const expire = () => {
    const now = clock.monotonicUs();
    for (const [key, entry] of entries) {
      if (entry.untilUs > now) continue;
      const alert = held().find(({ id }) => id === entry.alert);
      const isLatched = alert !== undefined && alert.priority === "high" && alert.acknowledgedBy === undefined && isOpen(alert);
      if (isLatched) continue;
      entries.delete(key);
      if (alert !== undefined) desk.retire([alert], notSaidAgain);
    }
  };
  const stop = clock.every(checkMs, expire);

  return {
    list: () => [...entries.values()].map(conditionOf),
    async say(of, saying, by) {
      check(of);
      if (isHigher(saying.priority, mayRaiseHigh ? "high" : "medium"))
        throw refused(
          "priority",
          "Other programs raise alerts of medium priority at most, unless alerts.programsMayRaiseHigh says otherwise.",
          "priority",
        );
      const entry = entries.get(keyOf(of));
      const isNew = entry === undefined || !isSame(entry.saying, saying);
      if (isNew) spend(by.account);
      if (entry === undefined) return { condition: conditionOf(await begin(of, saying, by)), already: false };
      entry.saidUs = nowUs();
      entry.untilUs = clock.monotonicUs() + saying.leaseS * 1e6;
      if (isNew) await update(entry, saying, by);
      return { condition: conditionOf(entry), already: !isNew };
    },
    async end(of, by) {
      check(of);
      const entry = entries.get(keyOf(of));
      if (entry === undefined) return { condition: undefined, already: true };
      spend(by.account);
      entries.delete(keyOf(of));
      const timeUs = nowUs();
      const { person, rule } = of;
      await desk.decideStored(person, { kind: "end", rule, device: gatewayPerson, endUs: timeUs, timeUs, by: by.name });
      return { condition: conditionOf(entry), already: false };
    },
    adopt({ id, person, rule, priority, value, unit, limit, said, onsetUs, lastSeenUs }) {
      if (!flowRule.test(rule) || said === undefined) return;
      const leaseS = said.leaseS ?? outsideLimits.leaseS.usual;
      const saying: Saying = {
        ...{ title: said.title ?? rule, priority, leaseS },
        ...(said.text === undefined ? {} : { text: said.text }),
        ...(value === undefined ? {} : { value }),
        ...(unit === undefined ? {} : { unit }),
        ...(limit === undefined ? {} : { limit }),
      };
      entries.set(keyOf({ person, rule }), {
        ...{ of: { person, rule }, saying, account: "", name: said.by, alert: id },
        ...{ sinceUs: onsetUs, saidUs: lastSeenUs, untilUs: clock.monotonicUs() + leaseS * 1e6 },
      });
    },
    close: stop,
  };
}

const saidBy = ({ title, text, leaseS }: Saying, by: string): SaidOutside => ({
  by,
  title,
  ...(text === undefined ? {} : { text }),
  leaseS,
});

const said = ["title", "text", "priority", "value", "unit", "limit", "leaseS"] as const satisfies readonly (keyof Saying)[];
const isSame = (a: Saying, b: Saying) => said.every((field) => a[field] === b[field]);

function refused(code: string, message: string, field?: string): GatewayError {
  return new GatewayError(`condition.${code}`, "operator", message, field === undefined ? {} : { fields: { field } });
}
