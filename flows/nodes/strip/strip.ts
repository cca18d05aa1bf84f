/** A stretch of signals as the gateway gives it (openapi.json, Strip), and as a flow gets it. Pure. */

import type { Schemas } from "../../api-types.d.ts";

export type Trace = Schemas["Strip"]["traces"][number];

/** What any kind of event may have, one of a newer gateway too. */
export interface StripEvent {
  readonly kind: string;
  readonly device?: string;
  readonly stream?: string;
  readonly timeUs?: number;
  readonly label?: string;
}

export type Strip = Omit<Schemas["Strip"], "events"> & { readonly events: readonly StripEvent[] };

/** With the traces of one channel alone; "" = all. Traces without a single sample are left out. */
export function chosen(strip: Strip, channel: string): Strip {
  const isWanted = ({ channel: id, lead, values }: Trace) =>
    (channel === "" || channel === id || channel === lead) && values.some((value) => value !== null);
  return { ...strip, traces: strip.traces.filter(isWanted) };
}

/** Millivolts of a trace's unit; undefined for what is no voltage. */
export function millivolts({ unit }: Pick<Trace, "unit">): number | undefined {
  return { V: 1000, mV: 1, uV: 0.001, µV: 0.001 }[unit];
}

/** As blocks of `hearth stream in`: times in milliseconds. */
export function stripValues({ person, fromUs, toUs, traces, events }: Strip) {
  return {
    ...{ person, from: fromUs / 1000, to: toUs / 1000 },
    traces: traces.map(({ startUs, ...trace }) => ({ t: startUs / 1000, ...trace })),
    events: events.map(({ timeUs, ...event }) => ({ ...(timeUs === undefined ? {} : { t: timeUs / 1000 }), ...event })),
  };
}
