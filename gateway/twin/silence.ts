/**
 * The dead-man for gateways: `gateway.silent` when heartbeats stop (alerts.md §7). The store counts what was heard; each worker measures on its own
 * monotonic clock for how long that count has stood, so no clock that is wrong, steps or differs between workers can raise or mute it. Whoever is first to
 * write a change into the store tells it, and nobody else does.
 */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import type { Log } from "../runtime/log.ts";
import { createTogether, type Together } from "./incident.ts";
import type { SilenceLevel, TwinStore, WatchedGateway } from "./store/port.ts";

export interface Silence {
  readonly rule: "gateway.silent";
  readonly level: SilenceLevel;
  readonly priority: "medium" | "high";
  /** Seconds since the last heartbeat, or since the twin began to watch. */
  readonly silentS: number;
}

export interface SilenceWatch {
  /** This worker has stored a live heartbeat. */
  heard(gateway: string): void;
  readonly incidentGateways: Together["gateways"];
  /** Resolves when nothing is asked of the store any more. */
  close(): Promise<void>;
}

interface SilenceOptions {
  readonly store: Pick<TwinStore, "watched" | "tellSilence" | "openIncident" | "endIncident" | "incidents">;
  readonly clock: Clock;
  readonly log: Log;
  /** Told when a gateway's level changes, by one worker of all; undefined = heard again. */
  readonly onChange: (gateway: string, silence: Silence | undefined, isPartOfIncident: boolean) => void;
  readonly onIncident: Parameters<typeof createTogether>[0]["onIncident"];
  /** Seconds without a live heartbeat; urgent after twice as many. */
  readonly silentAfterS?: number;
}

const checkEveryMs = 10_000;
/** What a gateway gets, after the twin was away, to come back before its old silence counts: two heartbeats and a connection. */
const graceS = 180;
/** A home's heartbeats come once a minute: of those that fall silent together the last is silent so much later than the first. */
const aheadS = 75;
const notRead = "whether gateways are silent could not be read or told; it is tried again";
const rankOf = { warn: 1, urgent: 2 } as const;

export function silenceOf(level: SilenceLevel, silentS: number): Silence {
  return { rule: "gateway.silent", level, priority: level === "urgent" ? "high" : "medium", silentS };
}

/** Once one is silent, those too that are on the point of it: so that none of many is told before the others. */
function silentOf(all: readonly WatchedGateway[], silentForS: (watched: WatchedGateway) => number, warnS: number): WatchedGateway[] {
  const leastS = all.some((watched) => silentForS(watched) >= warnS) ? warnS - Math.min(aheadS, warnS / 4) : Number.POSITIVE_INFINITY;
  return all.filter((watched) => silentForS(watched) >= leastS);
}

export function watchSilence({ store, clock, log, onChange, onIncident, silentAfterS: warnS = 900 }: SilenceOptions): SilenceWatch {
  const urgentS = 2 * warnS;
  const together = createTogether({ store, clock, onIncident });
  /** Since when, on this worker's monotonic clock, a gateway's count is what it is. */
  const standing = new Map<string, { readonly count: number; readonly sinceUs: number }>();
  /** Gateways that were told as silent at the last look: for them a heartbeat is worth a look at once. */
  let silent: ReadonlySet<string> = new Set();
  let isWanted = false;
  let isClosed = false;
  let running: Promise<void> | undefined;

  /** At a worker's first look the store's wall time says how long a gateway has been silent; however wrong, it leaves the grace. */
  const sinceOf = ({ gateway, heardCount, heardUs, told }: WatchedGateway, readUs: number): number => {
    const known = standing.get(gateway);
    if (known?.count === heardCount) return known.sinceUs;
    const mostUs = Math.max(0, (told === undefined ? warnS : urgentS) - graceS) * 1e6;
    const agoUs = known !== undefined || heardUs === undefined ? 0 : Math.min(Math.max(0, clock.wallUs() - heardUs), mostUs);
    standing.set(gateway, { count: heardCount, sinceUs: readUs - agoUs });
    return readUs - agoUs;
  };

  const silentForS = (readUs: number) => (watched: WatchedGateway) => (clock.monotonicUs() - sinceOf(watched, readUs)) / 1e6;

  const checkOne = async (watched: WatchedGateway, readUs: number): Promise<void> => {
    const { gateway, heardCount, told } = watched;
    const silentS = silentForS(readUs)(watched);
    const isOver = told !== undefined && told.heardCount !== heardCount;
    const level: SilenceLevel | undefined = silentS >= urgentS ? "urgent" : silentS >= warnS ? "warn" : undefined;
    // A worker that has watched for a shorter time than another knows less and takes nothing back.
    const isWorse = level !== undefined && (told === undefined || isOver || rankOf[level] > rankOf[told.level]);
    if (!isWorse && !isOver) return;
    const next = isWorse && level !== undefined ? { level, sinceUs: clock.wallUs() - Math.round(silentS * 1e6) } : undefined;
    if (await store.tellSilence(gateway, next, watched))
      onChange(gateway, isWorse ? silenceOf(level, silentS) : undefined, together.isPart(!isWorse));
  };

  const checkAll = async (): Promise<void> => {
    while (isWanted) {
      isWanted = false;
      const readUs = clock.monotonicUs();
      try {
        const all = await store.watched();
        silent = new Set(all.filter(({ told }) => told !== undefined).map(({ gateway }) => gateway));
        // First, so that who reads along knows what each of them is part of.
        await together.look(silentOf(all, silentForS(readUs), warnS), all.length);
        for (const watched of all) await checkOne(watched, readUs);
        const names = new Set(all.map(({ gateway }) => gateway));
        for (const gateway of standing.keys()) if (!names.has(gateway)) standing.delete(gateway);
      } catch (thrown) {
        log.error({ code: toGatewayError(thrown, "twin.bug").code }, notRead);
      }
    }
  };
  const check = () => {
    if (isClosed) return;
    isWanted = true;
    running ??= checkAll().finally(() => {
      running = undefined;
    });
  };
  const cancel = clock.every(checkEveryMs, check);
  check();

  return {
    heard(gateway) {
      if (silent.has(gateway)) check();
    },
    incidentGateways: together.gateways,
    async close() {
      cancel();
      isClosed = true;
      isWanted = false;
      await running;
    },
  };
}
