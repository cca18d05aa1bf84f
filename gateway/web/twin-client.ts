/** Reads the twin's answers through the gateway. It takes only what it understands, so that a newer twin still shows. */

import { RequestFailed, request } from "./client.ts";
import type { Source } from "./paper-layout.ts";
import { type Meter, meterOf } from "./twin-meter.ts";
import type { PoseMessage, Trace } from "./wire-types.ts";

export interface TwinAlert {
  readonly id: string;
  readonly rule: string;
  readonly kind: string;
  readonly priority: string;
  readonly state: string;
  readonly onset_s: number;
  readonly acknowledged_by: string | null;
  readonly notes?: readonly { readonly by: string; readonly text: string }[];
  readonly cause?: { readonly code: string } | null;
}

interface TwinBeat {
  readonly timeUs: number;
  readonly label: string;
}

interface TwinVital {
  readonly code: string;
  readonly value: number;
  readonly unit: string;
  readonly device: string;
  readonly at: string;
}

export interface TwinPerson {
  readonly heartRate?: { readonly bpm: number; readonly at: string };
  /** The newest of each number that devices measure themselves. */
  readonly vitals: readonly TwinVital[];
  /** Of the last five minutes that the twin has. */
  readonly beats: readonly TwinBeat[];
  readonly alerts: readonly TwinAlert[];
  /** Of the newest alert that has one here. */
  readonly strip?: { readonly alert: TwinAlert; readonly trace: Trace; readonly beats: readonly TwinBeat[] };
}

/** Alerts around which every sample goes to the twin. */
function mayHaveStrip({ kind, priority }: TwinAlert): boolean {
  return kind === "physiological" && (priority === "high" || priority === "medium");
}

/** One that is waited for: of a slow number that the device measures itself there may be no sample around it. */
export function isStripOwed(alert: TwinAlert): boolean {
  return mayHaveStrip(alert) && alert.cause?.code !== "device.number";
}

interface StripTrace extends Trace {
  /** Ids of the alerts whose strip it is: what lies in the same time may be another's. */
  readonly alerts: readonly string[];
}

const aroundS = 15;
/** The newest alert's strip is still on its way for some seconds; an older one's is there. */
const stripTries = 3;

/** What the twin knows of one person now; nothing of somebody it has never heard of. Throws RequestFailed. */
export async function readTwinPerson(id: string): Promise<TwinPerson> {
  const at = `/twin/people/${encodeURIComponent(id)}`;
  try {
    const [state, { beats }, { alerts }] = await Promise.all([
      request<{ heart_rate_bpm: number | null; heart_rate_at: string | null; vitals?: TwinVital[] }>(`${at}/state`),
      request<{ beats: TwinBeat[] }>(`${at}/beats`),
      request<{ alerts: TwinAlert[] }>(`${at}/alerts`),
    ]);
    const newestFirst = [...alerts].sort((a, b) => b.onset_s - a.onset_s);
    const strip = await readStrip(at, newestFirst.filter(mayHaveStrip).slice(0, stripTries));
    const { heart_rate_bpm: bpm, heart_rate_at: since, vitals = [] } = state;
    return {
      ...(bpm === null || since === null ? {} : { heartRate: { bpm, at: since } }),
      vitals,
      beats,
      alerts: newestFirst,
      ...(strip === undefined ? {} : { strip }),
    };
  } catch (error) {
    if (error instanceof RequestFailed && error.code === "http.not_found") return { vitals: [], beats: [], alerts: [] };
    throw error;
  }
}

/** The newest seconds of the signal whose waveform the twin has. */
export interface TwinTrace extends Trace {
  /** Root mean square error that the twin's copy states, in microvolts; undefined where its unit is no voltage. */
  readonly errorUv: number | undefined;
  /** Nothing was lost on the way. */
  readonly isExact: boolean;
  /** What its longest window of these costs in each mode; absent where the twin does not say. */
  readonly meter: Meter | undefined;
}

/** A channel of a span as the twin has it, sample by sample measured, decoded, imputed or missing. */
export interface Reconstruction extends Trace {
  readonly sources: readonly { readonly source: Source; readonly count: number }[];
  readonly errors: readonly DecodedWindow[];
}

interface DecodedWindow {
  readonly fromUs: number;
  readonly toUs: number;
  readonly rmse: number;
  readonly bytes?: number;
  readonly decoder?: string;
  readonly highestHz?: number;
}

const traceS = 10;
const poseS = 60;
export const uvPer: Readonly<Record<string, number>> = { mV: 1e3, uV: 1, V: 1e6 };

/** Undefined where the twin has no waveform of the newest stretch that it knows. Throws RequestFailed. */
export async function readTwinTrace(id: string): Promise<TwinTrace | undefined> {
  const at = `/twin/people/${encodeURIComponent(id)}`;
  const { as_of: asOf } = await request<{ as_of: string | null }>(`${at}/state`);
  if (asOf === null) return undefined;
  const toS = Date.parse(asOf) / 1000;
  const reconstructions = await readReconstructions(id, toS - traceS, toS);
  // A heart's lead before a pulse, and a pulse before movement.
  const shown = reconstructions.filter(({ errors, values }) => errors.length > 0 && values.some((value) => value !== null));
  const found = shown.find(({ lead, unit }) => lead !== undefined || uvPer[unit] !== undefined) ?? shown[0];
  if (found === undefined) return undefined;
  // A window that ends where the mode changes may be a sample long.
  const [longest] = [...found.errors].sort((a, b) => b.toUs - b.fromUs - (a.toUs - a.fromUs));
  const rmse = longest?.rmse ?? 0;
  const { [found.unit]: uv } = uvPer;
  return { ...found, errorUv: uv === undefined ? undefined : rmse * uv, isExact: rmse === 0, meter: await readMeter(at, found, longest) };
}

async function readMeter(at: string, { rateHz }: Trace, window: DecodedWindow | undefined): Promise<Meter | undefined> {
  if (window?.bytes === undefined) return undefined;
  const { fromUs, toUs, bytes: codeBytes } = window;
  const { beats } = await request<{ beats: TwinBeat[] }>(`${at}/beats?from=${fromUs / 1e6}&to=${toUs / 1e6}`);
  return meterOf({ fromUs, toUs, rateHz, codeBytes }, beats);
}

/** Throws RequestFailed. */
export async function readReconstructions(id: string, fromS: number, toS: number): Promise<readonly Reconstruction[]> {
  const path = `/twin/people/${encodeURIComponent(id)}/strip?from=${fromS}&to=${toS}`;
  return (await request<{ reconstructions?: Reconstruction[] }>(path)).reconstructions ?? [];
}

/** A stretch of a body as the twin has it. */
export interface TwinPose extends Omit<PoseMessage, "person"> {
  /** No turn is further off. */
  readonly error_deg: number;
}

/** The newest stretches of somebody's body that the twin has; none of somebody who lets none of it leave, or wears nothing that turns. Throws RequestFailed. */
export async function readTwinPoses(id: string): Promise<readonly TwinPose[]> {
  const at = `/twin/people/${encodeURIComponent(id)}`;
  const { as_of: asOf } = await request<{ as_of: string | null }>(`${at}/state`);
  const toS = asOf === null ? Date.now() / 1000 : Date.parse(asOf) / 1000 + 15;
  const { stretches } = await request<{ stretches: TwinPose[] }>(`${at}/pose?from=${toS - poseS}&to=${toS}`);
  return stretches;
}

async function readStrip(at: string, alerts: readonly TwinAlert[]): Promise<TwinPerson["strip"]> {
  for (const alert of alerts) {
    const { onset_s: onsetS } = alert;
    const { traces } = await request<{ traces: StripTrace[] }>(`${at}/strip?from=${onsetS - aroundS}&to=${onsetS + aroundS}`);
    const trace = traces.find((each) => each.alerts.includes(alert.id));
    if (trace === undefined) continue;
    const fromS = trace.startUs / 1e6;
    const { beats } = await request<{ beats: TwinBeat[] }>(`${at}/beats?from=${fromS}&to=${fromS + trace.values.length / trace.rateHz}`);
    return { alert, trace, beats };
  }
  return undefined;
}
