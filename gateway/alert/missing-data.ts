/**
 * `data.missing`: the watch that speaks when nothing comes any more (alerts.md §7). It has its own timer and its own state, runs on monotonic time, begins when
 * a device is put on and not at its first sample, and shares no guard with the rules that read values.
 */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Priority } from "../../device-drivers/contract/event.ts";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { RuleDecision } from "../rules/rule.ts";
import { isHigher } from "./policy.ts";

export interface MissingDataOptions {
  readonly clock: Clock;
  /** The gateway's axis now, for the times in decisions; timers never read it. */
  readonly axisUs: () => number;
  readonly decide: (person: string, decision: RuleDecision) => void;
  /** The open alert that says already why nothing usable comes from the device. It speaks for this watch, with this watch's priority. */
  readonly causeOf?: (person: string, device: string) => { readonly rule: string; readonly priority: Priority } | undefined;
  /** Whether the person is away, so that silence is told to nobody. What is measured all the same ends that. */
  readonly isCovered?: (person: string) => boolean;
  /** In an absence: a device of this person that had fallen silent has sent usable signal for a minute. */
  readonly onSeenAgain?: (person: string) => void;
}

interface MissingLimits {
  readonly warnS: number;
  readonly urgentS: number;
  /** From one sample to the next, where that is long. */
  readonly periodS?: number;
}

export interface MissingData {
  /** A person wears the device from now on. `open`: an alert of the last run is still open and is to be ended when data flow. */
  watch(person: string, device: string, options?: { limits?: MissingLimits; open?: Priority }): void;
  /** Nobody wears it any more; an open condition ends. */
  unwatch(device: string): void;
  /** The limits of a stream by its descriptor, see `limitsFor`. */
  limits(device: string, stream: string, limits: MissingLimits): void;
  /** Usable samples arrived: real, worn, of some quality. `newestUs` is the time of the newest one on the gateway's axis. */
  usable(device: string, stream: string, newestUs: number): void;
  /** The person goes away, or is back: each silence counts from now on. `isOpen` says of a device whether the alert about it is still open. */
  begin(person: string, isOpen: (device: string) => boolean): void;
  /** Seconds of silence of this device after which it speaks first. */
  warnS(device: string): number;
  close(): void;
}

/** A streaming wearable (ECG, PPG, IMU). */
const wearableLimits: MissingLimits = { warnS: 120, urgentS: 600 };

const rule = "data.missing";
const checkMs = 1000;
const backS = 60;
/** While data come back, a silence longer than this starts the count anew; of a sensor that measures seldom one longer than so many periods. */
const brokenS = 15;
const brokenPeriods = 2.5;
/** After the end of what explained the silence a stream gets so long to be judged usable again. */
const resumeS = 30;
/** A sample time this far ahead is a wrong clock, not data. */
const futureUs = 60_000_000;
const anyStream = "";

interface StreamWatch {
  readonly stream: string;
  limits: MissingLimits;
  /** Monotonic: the newest usable arrival, or the start of the watch. */
  seenUs: number;
  /** Axis time of the newest usable sample. */
  newestUs: number;
  /** Monotonic: since when data have come without a break. */
  flowingUs: number | undefined;
}

interface Watched {
  readonly person: string;
  readonly device: string;
  readonly limits: MissingLimits;
  readonly streams: Map<string, StreamWatch>;
  told: Priority | undefined;
  /** Monotonic: when another alert last spoke for it. */
  explainedUs: number | undefined;
  /** It fell silent while its wearer was away. */
  wasSilentAway: boolean;
}

/** What a descriptor says of how long its stream may be silent; undefined where nothing is special about it. */
export function limitsFor({ rateHz, missedData }: Pick<StreamDescriptor, "rateHz" | "missedData">): MissingLimits | undefined {
  const isSeldom = brokenPeriods / rateHz > brokenS;
  if (missedData === undefined && !isSeldom) return undefined;
  return { ...(missedData ?? wearableLimits), ...(isSeldom ? { periodS: 1 / rateHz } : {}) };
}

/** A device may ask for more or less patience, not switch the watch off or make it cry. */
function within({ warnS, urgentS, periodS = 0 }: MissingLimits): MissingLimits {
  const leastS = brokenPeriods * periodS;
  const warn = Math.max(leastS, Math.min(3600, Math.max(30, warnS)));
  return { warnS: warn, urgentS: Math.max(warn, Math.min(7200, urgentS)), periodS };
}

const brokenOf = ({ limits: { periodS = 0 } }: StreamWatch) => Math.max(brokenS, brokenPeriods * periodS);

export function createMissingData({
  clock,
  axisUs,
  decide,
  causeOf = () => undefined,
  isCovered = () => false,
  onSeenAgain,
}: MissingDataOptions): MissingData {
  const watchedByDevice = new Map<string, Watched>();

  const openStreamWatch = (watched: Watched, stream: string): StreamWatch => {
    const watch: StreamWatch = {
      stream,
      limits: watched.limits,
      seenUs: clock.monotonicUs(),
      newestUs: Number.NEGATIVE_INFINITY,
      flowingUs: undefined,
    };
    // Once streams are known, each must flow; the watch on the device as a whole has done its work.
    watched.streams.delete(anyStream);
    watched.streams.set(stream, watch);
    return watch;
  };

  const silentS = (watch: StreamWatch) => (clock.monotonicUs() - watch.seenUs) / 1e6;

  const check = (watched: Watched) => {
    const streams = [...watched.streams.values()];
    const worst = streams.reduce((a, b) => (silentS(b) / b.limits.warnS > silentS(a) / a.limits.warnS ? b : a));
    const silent = silentS(worst);
    const { person, device } = watched;
    const timeUs = axisUs();
    const isAway = isCovered(person);
    if (isAway && silent >= worst.limits.warnS) watched.wasSilentAway = true;
    if (!isAway && watched.told === undefined && silent >= worst.limits.warnS && !isExplained(watched, silent >= worst.limits.urgentS)) {
      watched.told = "medium";
      const told = {
        onsetUs: timeUs - Math.round(silent * 1e6),
        timeUs,
        value: Math.round(silent),
        unit: "s",
        limit: worst.limits.warnS,
        quality: "unknown" as const,
      };
      decide(person, { kind: "begin", rule, device, stream: worst.stream, priority: "medium", alertKind: "technical", ...told });
    }
    if (!isAway && watched.told === "medium" && silent >= worst.limits.urgentS) {
      watched.told = "high";
      decide(person, { kind: "update", rule, device, timeUs, value: Math.round(silent), priority: "high" });
    }
    const isBack = ({ flowingUs, seenUs }: StreamWatch) => flowingUs !== undefined && seenUs - flowingUs >= backS * 1e6;
    const isFlowing = (watch: StreamWatch) => silentS(watch) < brokenOf(watch) && isBack(watch);
    if (!streams.every(isFlowing)) return;
    end(watched, timeUs - backS * 1_000_000);
    if (isAway && watched.wasSilentAway) onSeenAgain?.(person);
  };

  /** One cause, one alert: it takes on the priority of the silence that it explains. */
  const isExplained = (watched: Watched, isUrgent: boolean): boolean => {
    const { person, device, explainedUs } = watched;
    const cause = causeOf(person, device);
    if (cause === undefined) return explainedUs !== undefined && clock.monotonicUs() - explainedUs < resumeS * 1e6;
    watched.explainedUs = clock.monotonicUs();
    const priority = isUrgent ? "high" : "medium";
    if (isHigher(priority, cause.priority)) decide(person, { kind: "update", rule: cause.rule, device, timeUs: axisUs(), priority });
    return true;
  };

  const end = (watched: Watched, endUs: number) => {
    if (watched.told === undefined) return;
    watched.told = undefined;
    decide(watched.person, { kind: "end", rule, device: watched.device, endUs, timeUs: axisUs() });
  };

  const stop = clock.every(checkMs, () => {
    for (const watched of watchedByDevice.values()) check(watched);
  });

  return {
    watch(person, device, { limits = wearableLimits, open } = {}) {
      const known = watchedByDevice.get(device);
      if (known?.person === person) return;
      if (known !== undefined) end(known, axisUs());
      const watched: Watched = { person, device, limits, streams: new Map(), told: open, explainedUs: undefined, wasSilentAway: false };
      watchedByDevice.set(device, watched);
      openStreamWatch(watched, anyStream);
    },
    unwatch(device) {
      const watched = watchedByDevice.get(device);
      watchedByDevice.delete(device);
      if (watched !== undefined) end(watched, axisUs());
    },
    begin(person, isOpen) {
      for (const watched of watchedByDevice.values()) {
        if (watched.person !== person) continue;
        if (!isOpen(watched.device)) watched.told = undefined;
        Object.assign(watched, { explainedUs: undefined, wasSilentAway: false });
        for (const watch of watched.streams.values()) Object.assign(watch, { seenUs: clock.monotonicUs(), flowingUs: undefined });
      }
    },
    limits(device, stream, limits) {
      const watched = watchedByDevice.get(device);
      if (watched === undefined) return;
      const watch = watched.streams.get(stream) ?? openStreamWatch(watched, stream);
      watch.limits = within(limits);
    },
    usable(device, stream, newestUs) {
      const watched = watchedByDevice.get(device);
      if (watched === undefined) return;
      const watch = watched.streams.get(stream) ?? openStreamWatch(watched, stream);
      if (watch.newestUs > axisUs() + futureUs) watch.newestUs = Number.NEGATIVE_INFINITY;
      // A time that stands still or lies in the future is no news, whatever arrives.
      if (newestUs <= watch.newestUs || newestUs > axisUs() + futureUs) return;
      const nowUs = clock.monotonicUs();
      if (watch.flowingUs === undefined || nowUs - watch.seenUs > brokenOf(watch) * 1e6) watch.flowingUs = nowUs;
      watch.newestUs = newestUs;
      watch.seenUs = nowUs;
    },
    warnS: (device) =>
      Math.max(...[...(watchedByDevice.get(device)?.streams.values() ?? [{ limits: wearableLimits }])].map(({ limits }) => limits.warnS)),
    close: stop,
  };
}
