/** A stretch of a person's signals and events, for the home's own pages: samples from the journal, events from the store. */

import type { Driver } from "../../device-drivers/contract/driver.ts";
import type { AlertRecord, PersonEvent } from "../../device-drivers/contract/event.ts";
import { Flag, type StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { Journal } from "../journal/journal-port.ts";
import type { Store } from "../store/store-port.ts";
import { createClockMap } from "../stream/clock/clock-map.ts";
import { type Continuity, createContinuity } from "../stream/clock/continuity.ts";
import { type CourseBlock, placeBlock, spanUsOf } from "../stream/clock/place.ts";
import { stripChannel } from "../stream/strip-channel.ts";
import { blocksBetween } from "./fill-strips.ts";

export interface StripView {
  readonly person: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly traces: readonly {
    readonly device: string;
    readonly stream: string;
    readonly channel: string;
    readonly unit: string;
    readonly lead?: string;
    readonly rateHz: number;
    readonly startUs: number;
    readonly values: readonly (number | null)[];
  }[];
  readonly events: readonly PersonEvent[];
}

interface HomeStripParts {
  readonly journal: Pick<Journal, "read" | "seek">;
  readonly store: Pick<Store, "events" | "getValue" | "flush">;
  readonly driverOf: (device: string) => { driver: Driver; options: unknown } | undefined;
  /** Devices that this person has worn at any time. */
  readonly devicesOf: (person: string) => readonly string[];
}

/** Arrival is later than sampling; clocks need some blocks to settle. */
const aroundUs = 5_000_000;
const shown = new Set(["ecg", "ppg", "acc"]);

/** Context on either side of an alert, as in the strip that goes to the twin. */
const stripAroundUs = 15_000_000;
/** Of an alert that was told long after its onset the end is shown. */
const longestAlertUs = 90_000_000;

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

type Trace = StripView["traces"][number] & { readonly values: (number | null)[] };

interface Wanted {
  readonly devices: readonly string[];
  /** Ids of the stream's channels that are shown. */
  channels(descriptor: StreamDescriptor): readonly string[];
}

const signals = ({ channels }: StreamDescriptor) => channels.flatMap(({ kind, id }) => (shown.has(kind) ? [id] : []));

/** What this person's devices sent in the span: every signal, no numbers. */
export function homeStrip(parts: HomeStripParts, person: string, span: Span): Promise<StripView> {
  return readStrip(parts, person, span, { devices: parts.devicesOf(person), channels: signals });
}

/** The one channel that an alert was read from, around the time at which it was told; without traces for an alert that no signal shows. */
export async function alertStrip(parts: HomeStripParts, alert: AlertRecord): Promise<StripView> {
  const { person, device, about, onsetUs, raisedUs } = alert;
  const span = { fromUs: Math.max(onsetUs, raisedUs - longestAlertUs) - stripAroundUs, toUs: raisedUs + stripAroundUs };
  if (about === undefined) return { person, ...span, traces: [], events: [] };
  const channels = (descriptor: StreamDescriptor) => {
    const channel = descriptor.stream === about.stream ? stripChannel(descriptor, about.channel) : undefined;
    return channel === undefined ? [] : [channel.id];
  };
  const view = await readStrip(parts, person, span, { devices: [device], channels });
  const isOwn = (event: PersonEvent) => "device" in event && event.device === device && event.stream === about.stream;
  return { ...view, events: view.events.filter(isOwn) };
}

async function readStrip(parts: HomeStripParts, person: string, span: Span, wanted: Wanted): Promise<StripView> {
  // What a full disk refuses is not in it yet; what is there is shown all the same.
  await parts.store.flush().catch(() => {});
  const traces: Trace[] = [];
  for (const device of wanted.devices) {
    const clocks = new Map<string, ReturnType<typeof createClockMap>>();
    const continuities = new Map<string, Continuity>();
    const open = new Map<string, Trace>();
    for await (const block of blocksBetween(parts, person, device, { fromUs: span.fromUs - aroundUs, toUs: span.toUs + aroundUs })) {
      if (block.kind !== "samples") continue;
      const { stream } = block.descriptor;
      const channels = wanted.channels(block.descriptor);
      if (channels.length === 0) continue;
      const continuity = continuities.get(stream) ?? createContinuity();
      continuities.set(stream, continuity);
      const clock = clocks.get(stream) ?? createClockMap();
      clocks.set(stream, clock);
      for (const each of continuity.push(block).blocks) {
        const { startUs } = placeBlock(each, clock);
        if (startUs + spanUsOf(each) >= span.fromUs && startUs <= span.toUs) append(open, each, startUs, channels);
      }
    }
    traces.push(...open.values());
  }
  return { person, ...span, traces, events: await parts.store.events(person, span.fromUs, span.toUs) };
}

/** A hole between blocks becomes nulls, so that a trace stays one row of samples at one rate. */
function append(open: Map<string, Trace>, block: CourseBlock, startUs: number, wanted: readonly string[]): void {
  const { device, stream, rateHz } = block.descriptor;
  block.descriptor.channels.forEach((channel, index) => {
    if (!wanted.includes(channel.id)) return;
    const key = `${stream}/${channel.id}`;
    const trace: Trace = open.get(key) ?? {
      device,
      stream,
      channel: channel.id,
      unit: channel.unit,
      ...(channel.lead === undefined ? {} : { lead: channel.lead }),
      rateHz,
      startUs,
      values: [],
    };
    open.set(key, trace);
    const at = Math.round(((startUs - trace.startUs) * rateHz) / 1e6);
    while (trace.values.length < at) trace.values.push(null);
    for (let i = Math.max(0, trace.values.length - at); i < block.count; i++) {
      const hidden = ((block.flags?.[i] ?? 0) & (Flag.absent | Flag.leadOff | Flag.notWorn | Flag.synthetic)) !== 0;
      const raw = hidden ? Number.NaN : (block.channels[index]?.[i] ?? Number.NaN);
      trace.values.push(Number.isNaN(raw) ? null : raw * channel.scale + channel.offset);
    }
  });
}
