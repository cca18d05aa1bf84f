/** What a person lets leave the house for the twin, as data: from when on, by stream and mode. Pure. */

import { type StreamMode, streamModes } from "../semantic/mode.ts";

/** Stands for every stream that has no name of its own in a consent. */
export const everyStream = "*";
/** Of a stream: nothing of it, or as much as the mode says. */
export type Allowed = StreamMode | "none";
export const allowances: readonly Allowed[] = ["none", ...streamModes];

/** Which modes are allowed, each with the time (gateway axis, µs) from which on what was recorded may leave; a mode stands beside all those below it. */
type ModesFrom = Readonly<Partial<Record<StreamMode, number>>>;

/**
 * A grant is a time: what was recorded before it never leaves, so that a consent given today tells nothing of yesterday, and one that was taken back and
 * given again lets nothing of the time between through. 0: whatever the home has.
 */
export interface Consent {
  /** Alerts of this person; absent = none goes. */
  readonly alertsFromUs?: number;
  /** Lossless samples round high and medium alerts. */
  readonly stripsFromUs?: number;
  /** By stream name; `everyStream` is always there. */
  readonly streams: Readonly<Record<string, ModesFrom>>;
  /** When it was last changed, and by whom. */
  readonly sinceUs: number;
  readonly by: string;
}

/** What is not named stays. A stream that has been named keeps a mode of its own from then on: its times are its own. */
export interface ConsentChange {
  readonly alerts?: boolean | undefined;
  readonly strips?: boolean | undefined;
  readonly streams?: Readonly<Record<string, Allowed>> | undefined;
}

/** What leaves a home that nobody has asked: events, alerts and the strips round them. */
export function firstConsent(atUs: number, by: string): Consent {
  return { alertsFromUs: 0, stripsFromUs: 0, streams: { [everyStream]: { event: 0 } }, sinceUs: atUs, by };
}

export function allowedMode({ streams }: Consent, stream: string): Allowed {
  const modes = streams[stream] ?? streams[everyStream] ?? {};
  return streamModes.findLast((mode) => modes[mode] !== undefined) ?? "none";
}

/** From when on what was recorded of a stream may leave in this mode; undefined where it may not. */
export function allowedFromUs({ streams }: Consent, stream: string, mode: StreamMode): number | undefined {
  return (streams[stream] ?? streams[everyStream])?.[mode];
}

/** The same for what was made of several streams: each of them must allow it. */
export function everyAllowedFromUs(consent: Consent, mode: StreamMode): number | undefined {
  const fromUs = Object.keys(consent.streams).map((stream) => allowedFromUs(consent, stream, mode));
  return fromUs.some((each) => each === undefined) ? undefined : Math.max(...(fromUs as number[]));
}

export function allowsAnything({ alertsFromUs, stripsFromUs, streams }: Consent): boolean {
  return alertsFromUs !== undefined || stripsFromUs !== undefined || Object.values(streams).some((modes) => modes.event !== undefined);
}

/** The consent after a change at `atUs`: what stays allowed keeps its time, what is new is allowed from now on. */
export function changed(before: Consent, change: ConsentChange, atUs: number, by: string): Consent {
  const { alerts = before.alertsFromUs !== undefined, strips = before.stripsFromUs !== undefined } = change;
  const own = Object.entries(change.streams ?? {}).map(([stream, mode]) => {
    const modes = before.streams[stream] ?? before.streams[everyStream] ?? {};
    return [stream, withMode(modes, mode, atUs)] as const;
  });
  const streams = { ...before.streams, ...Object.fromEntries(own) };
  return {
    ...(alerts ? { alertsFromUs: before.alertsFromUs ?? atUs } : {}),
    ...(strips ? { stripsFromUs: before.stripsFromUs ?? atUs } : {}),
    ...{ streams, sinceUs: atUs, by },
  };
}

function withMode(modes: ModesFrom, allowed: Allowed, atUs: number): ModesFrom {
  const upTo = allowances.indexOf(allowed);
  return Object.fromEntries(streamModes.slice(0, upTo).map((mode) => [mode, modes[mode] ?? atUs]));
}

/** True where something may leave afterwards that might not before. */
export function isWider(before: Consent, after: Consent): boolean {
  const names = new Set([...Object.keys(before.streams), ...Object.keys(after.streams)]);
  const rank = (consent: Consent, stream: string) => allowances.indexOf(allowedMode(consent, stream));
  return (
    (before.alertsFromUs === undefined && after.alertsFromUs !== undefined) ||
    (before.stripsFromUs === undefined && after.stripsFromUs !== undefined) ||
    [...names].some((stream) => rank(after, stream) > rank(before, stream))
  );
}

/** No grant lies later than `atUs`: a clock that was wrong had dated it. */
export function notLaterThan(consent: Consent, atUs: number): Consent {
  const clamp = (us: number) => Math.min(us, atUs);
  const { alertsFromUs, stripsFromUs, streams, sinceUs, by } = consent;
  const modes = (of: ModesFrom) => Object.fromEntries(Object.entries(of).map(([mode, us]) => [mode, clamp(us)]));
  return {
    ...(alertsFromUs === undefined ? {} : { alertsFromUs: clamp(alertsFromUs) }),
    ...(stripsFromUs === undefined ? {} : { stripsFromUs: clamp(stripsFromUs) }),
    streams: Object.fromEntries(Object.entries(streams).map(([stream, of]) => [stream, modes(of)])),
    ...{ sinceUs: clamp(sinceUs), by },
  };
}
