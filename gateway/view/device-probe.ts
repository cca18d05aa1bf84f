/** Watches for some seconds what a device sends and says of it all that can be said: topics, descriptor field by field, rate, batches, clock, values, uses. It changes nothing and decides nothing. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Chunk, FieldCheck } from "../../device-drivers/contract/driver.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { SampleBlock } from "../../device-drivers/contract/sample-block.ts";
import { helpWords } from "../alert/device-help.ts";
import { causeWords, useWords } from "../alert/device-words.ts";
import type { DriverOf } from "../ingest/load-drivers.ts";
import type { Receiver } from "../ingest/receive.ts";
import type { Store } from "../store/store-port.ts";
import { physicalAt } from "../stream/physical.ts";
import { usesOf } from "../stream/use.ts";
import { readDescriptors } from "../strips/kept-descriptors.ts";
import type { DeviceFinding, DeviceView, ProbedStream, ProbedTopic, ProbeView } from "./view-port.ts";

interface ProbeParts {
  readonly clock: Pick<Clock, "after">;
  readonly driverOf: DriverOf;
  readonly store: Pick<Store, "getValue">;
  readonly receiver: Pick<Receiver, "watch">;
  readonly device: (id: string) => DeviceView;
}

/** More at a time are refused: each decodes what its device sends once more. */
const maxProbes = 8;
const maxFindings = 64;

/** Throws `registry.unknown` (operator), `device.busy` (world). */
export function createDeviceProbe(parts: ProbeParts): (device: string, seconds: number) => Promise<ProbeView> {
  let running = 0;
  return async (device, seconds) => {
    const found = parts.driverOf(device);
    if (found === undefined) throw new GatewayError("registry.unknown", "operator", `There is no device "${device}" in this home.`);
    if (running >= maxProbes)
      throw new GatewayError("device.busy", "world", `${maxProbes} devices are being probed; try again in a moment.`);
    running++;
    try {
      return await probe(parts, found, { device, seconds });
    } finally {
      running--;
    }
  };
}

async function probe(
  { clock, store, receiver, device: viewOf }: ProbeParts,
  { driver, options }: NonNullable<ReturnType<DriverOf>>,
  { device, seconds }: { readonly device: string; readonly seconds: number },
): Promise<ProbeView> {
  const instance = driver.create(options, device);
  const topics = new Map<string, ProbedTopic>();
  const descriptors = new Map<string, readonly FieldCheck[]>();
  const streams = new Map<string, Tally>();
  const findings = new Map<string, DeviceFinding>();

  const decode = (chunk: Chunk) => {
    const checks = driver.check?.(chunk.channel, chunk.bytes);
    if (checks !== undefined) descriptors.set(streamOf(chunk.channel), checks);
    const blocks = instance.push(chunk);
    for (const { isTaken: _, ...refusal } of instance.takeRefused?.() ?? instance.refusals()) {
      const text = causeWords(refusal);
      if (findings.size < maxFindings || findings.has(text)) findings.set(text, { ...refusal, text, ...helpOf(refusal.code) });
    }
    return blocks;
  };
  const stamps = { timeUs: 0, monotonicUs: 0, wallUs: 0, wallQuality: "fake" } as const;
  for (const [channel, text] of Object.entries(await readDescriptors(store, device)))
    decode({ link: "store", device, channel, bytes: new TextEncoder().encode(text), stamps });

  await new Promise<void>((resolve) => {
    const stop = receiver.watch(device, (chunk) => {
      topics.set(chunk.channel, countedIn(topics.get(chunk.channel), chunk));
      for (const block of decode(chunk)) {
        const { stream } = block.descriptor;
        streams.set(stream, talliedIn(streams.get(stream), block));
      }
    });
    clock.after(seconds * 1000, () => {
      stop();
      resolve();
    });
  });
  const view = viewOf(device);
  for (const finding of view.findings) findings.set(finding.text, finding);
  const names = [...new Set([...descriptors.keys(), ...streams.keys()])].sort();
  return {
    ...{ device, seconds, messages: [...topics.values()].reduce((sum, { count }) => sum + count, 0) },
    topics: [...topics.values()],
    streams: names.map((stream) => probedStream(stream, descriptors.get(stream) ?? [], streams.get(stream))),
    findings: [...findings.values()],
  };
}

const streamOf = (channel: string) => channel.split("/")[0] ?? channel;

function helpOf(code: string): { help?: string } {
  const help = helpWords({ code });
  return help === "" ? {} : { help };
}

function countedIn(known: ProbedTopic | undefined, { channel, bytes }: Chunk): ProbedTopic {
  const [first = 0] = bytes;
  const encoding = first >= 0xa0 && first <= 0xbf ? "CBOR" : /[[{\-0-9\s]/.test(String.fromCharCode(first)) ? "JSON" : "bytes";
  return {
    ...{ topic: channel, count: (known?.count ?? 0) + 1 },
    leastBytes: Math.min(known?.leastBytes ?? Number.POSITIVE_INFINITY, bytes.length),
    mostBytes: Math.max(known?.mostBytes ?? 0, bytes.length),
    encoding: known === undefined || known.encoding === encoding ? encoding : "mixed",
  };
}

/** What has come of one stream so far. */
interface Tally {
  readonly newest: SampleBlock;
  readonly batches: number;
  readonly samples: number;
  readonly firstCount: number;
  readonly firstUs: number;
  readonly least: number;
  readonly most: number;
  readonly boots: ReadonlySet<string>;
  readonly missing: number;
  readonly nextIndex: number;
  readonly lowHigh: readonly (readonly [low: number, high: number])[];
}

function talliedIn(known: Tally | undefined, block: SampleBlock): Tally {
  const { bootId, firstIndex, count, descriptor, stamps } = block;
  const isNext = known?.newest.bootId === bootId && firstIndex >= known.nextIndex;
  return {
    ...{ newest: block, batches: (known?.batches ?? 0) + 1, samples: (known?.samples ?? 0) + count },
    ...{ firstCount: known?.firstCount ?? count, firstUs: known?.firstUs ?? stamps.timeUs },
    ...{ least: Math.min(known?.least ?? count, count), most: Math.max(known?.most ?? count, count) },
    boots: new Set(known?.boots).add(bootId),
    missing: (known?.missing ?? 0) + (isNext ? firstIndex - known.nextIndex : 0),
    nextIndex: known?.newest.bootId === bootId ? Math.max(known.nextIndex, firstIndex + count) : firstIndex + count,
    lowHigh: descriptor.channels.map((channel, at) => {
      const values = Array.from({ length: count }, (_, i) => physicalAt(block, channel, at, i)).filter(Number.isFinite);
      const [low, high] = known?.lowHigh[at] ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      return [
        values.reduce((least, value) => Math.min(least, value), low),
        values.reduce((most, value) => Math.max(most, value), high),
      ] as const;
    }),
  };
}

function probedStream(stream: string, fields: readonly FieldCheck[], tally: Tally | undefined): ProbedStream {
  if (tally === undefined) return { stream, fields };
  const { newest, batches, samples, firstCount, firstUs, least, most, boots, missing, lowHigh } = tally;
  const { descriptor, deviceClock } = newest;
  const spanUs = newest.stamps.timeUs - firstUs;
  return {
    ...{ stream, fields, rateHz: descriptor.rateHz },
    // The samples of the first batch came before the span began.
    ...(batches < 3 || spanUs <= 0 ? {} : { measuredHz: ((samples - firstCount) * 1e6) / spanUs }),
    batches: { count: batches, leastSamples: least, mostSamples: most, boots: boots.size, missingSamples: missing },
    clock: deviceClock,
    channels: descriptor.channels.map(({ id, unit }, at) => {
      const [low = 0, high = 0] = lowHigh[at] ?? [];
      return { channel: id, unit, ...(low > high ? {} : { low, high }) };
    }),
    uses: usesOf(descriptor).map((use) => ({ ...use, text: useWords(use) })),
  };
}
