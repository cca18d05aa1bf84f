/** The consents of a home: read at a start, changed at home, each change with its row in the audit. A withdrawal holds before it is written. */

import { isDeepStrictEqual } from "node:util";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { NamedValue, Store } from "../store/store-port.ts";
import { allowedMode, type Consent, type ConsentChange, changed, everyStream, firstConsent, notLaterThan } from "./consent.ts";

export interface Consents {
  /** Undefined of somebody who does not live here. */
  of(person: string): Consent | undefined;
  /** Reads what is kept of a person, or records what leaves a home that nobody has asked; `by` says where they came from. */
  declare(person: string, by: string): Promise<void>;
  /**
   * What is taken back is refused from this call on; what is given holds once it is stored. Rejects with the store's error, where it holds in this run and is
   * written when the disk has room. Throws `consent.too_many` (operator), and nothing changes.
   */
  change(person: string, change: ConsentChange, by: string): Promise<Consent>;
  /** No grant lies later than `atUs`: a clock that was wrong had dated it. */
  putRight(atUs: number): Promise<void>;
  /** Called after every change; returns its cancel. */
  onChange(fn: (person: string) => void): () => void;
}

/** Streams with a mode of their own, of one person. */
export const mostStreams = 32;

const keyOf = (person: string) => `consent/${person}`;

export function createConsents(store: Pick<Store, "getValue" | "commit">, nowUs: () => number, house: string): Consents {
  /** As the gate goes by them, and as they are once everything that was asked for is stored. */
  const inForce = new Map<string, Consent>();
  const wanted = new Map<string, Consent>();
  const listeners = new Set<(person: string) => void>();
  const keptAs = (person: string, consent: Consent): NamedValue => ({
    key: keyOf(person),
    value: new TextEncoder().encode(JSON.stringify(consent)),
  });
  const enforce = (person: string, consent: Consent) => {
    inForce.set(person, consent);
    for (const fn of listeners) fn(person);
  };
  const put = (person: string, consent: Consent) => {
    wanted.set(person, consent);
    enforce(person, consent);
  };
  const write = (person: string, consent: Consent, detail: object) => {
    const audit = { atUs: nowUs(), what: "person.consent", by: consent.by, subject: person, detail: { ...detail } };
    return store.commit({ person: house, values: [keptAs(person, consent)], audit: [audit] }, true);
  };

  return {
    of: (person) => inForce.get(person),
    async declare(person, by) {
      const kept = await store.getValue(keyOf(person));
      if (kept !== undefined) return put(person, JSON.parse(new TextDecoder().decode(kept)) as Consent);
      const first = firstConsent(nowUs(), by);
      put(person, first);
      // On a full disk a home opens all the same: the commit waits, and what it says holds meanwhile.
      await write(person, first, { consent: summaryOf(first) }).catch((thrown: unknown) => {
        if (!(thrown instanceof GatewayError) || thrown.kind !== "world") throw thrown;
      });
    },
    async change(person, change, by) {
      const nothing: Consent = { streams: { [everyStream]: {} }, sinceUs: 0, by };
      const before = wanted.get(person) ?? nothing;
      const after = changed(before, change, nowUs(), by);
      if (Object.keys(after.streams).length > mostStreams)
        throw new GatewayError("consent.too_many", "operator", `A person has ${mostStreams} streams with a mode of their own at most.`, {
          fields: { field: "streams" },
        });
      if (isDeepStrictEqual(summaryOf(before), summaryOf(after))) return before;
      wanted.set(person, after);
      enforce(person, narrower(inForce.get(person) ?? nothing, after));
      try {
        await write(person, after, { before: summaryOf(before), consent: summaryOf(after) });
      } finally {
        // What the disk refuses is kept by the store and written later, so it holds. A later change ends later, and holds this one.
        if (wanted.get(person) === after) enforce(person, after);
      }
      return after;
    },
    async putRight(atUs) {
      for (const [person, consent] of wanted) {
        const right = notLaterThan(consent, atUs);
        if (JSON.stringify(right) === JSON.stringify(consent)) continue;
        put(person, right);
        await store.commit({ person: house, values: [keptAs(person, right)] }, true);
      }
    },
    onChange(fn) {
      listeners.add(fn);
      return () => void listeners.delete(fn);
    },
  };
}

/** What both allow. */
function narrower(before: Consent, after: Consent): Consent {
  const { alertsFromUs, stripsFromUs, ...rest } = after;
  const streams = Object.keys({ ...before.streams, ...after.streams }).map((stream) => {
    const [was, is] = [before, after].map((consent) => consent.streams[stream] ?? consent.streams[everyStream] ?? {});
    return [stream, Object.fromEntries(Object.entries(is ?? {}).filter(([mode]) => was !== undefined && mode in was))];
  });
  return {
    ...rest,
    ...(alertsFromUs === undefined || before.alertsFromUs === undefined ? {} : { alertsFromUs }),
    ...(stripsFromUs === undefined || before.stripsFromUs === undefined ? {} : { stripsFromUs }),
    streams: Object.fromEntries(streams),
  };
}

/** What is allowed, without its times, as people set it. */
export function summaryOf(consent: Consent) {
  return {
    alerts: consent.alertsFromUs !== undefined,
    strips: consent.stripsFromUs !== undefined,
    streams: Object.fromEntries(Object.keys(consent.streams).map((stream) => [stream, allowedMode(consent, stream)])),
  };
}
