/** A strap that was on for 40 min while nobody listened brings all of it within seconds, and then a heart stands still: the present is judged first, the past beside it. */

import { beforeAll, describe, expect, test } from "vitest";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import type { AlertRecord, OutboxItem, PersonEvent } from "../../device-drivers/contract/event.ts";
import { type Batch, encodeBatch, hashOfMeta } from "../../device-drivers/hearth-stream/frame.ts";
import { uniformAt } from "../../firmware-sim/signal/noise.ts";
import { metaOf } from "../../firmware-sim/signal/signal-source.ts";
import { ecgSource } from "../../firmware-sim/signal/synthetic-body.ts";
import { type AlertChange, createAlertCore } from "../../gateway/alert/core.ts";
import { lateUs } from "../../gateway/alert/policy.ts";
import { type DriverOf, loadDrivers } from "../../gateway/ingest/load-drivers.ts";
import type { Journal } from "../../gateway/journal/journal-port.ts";
import { createPipeline } from "../../gateway/pipeline/pipeline.ts";
import { passingJournal, strictListener } from "../../gateway/replay/collecting.ts";
import { defaultProfile } from "../../gateway/rules/index.ts";
import { rmseOf } from "../../gateway/semantic/codecs/codec.ts";
import type { StreamMode } from "../../gateway/semantic/mode.ts";
import { decodePayload } from "../../gateway/semantic/payload-codec.ts";
import { partsOf } from "../../gateway/semantic/payloads/window.ts";
import type { Snapshot, Watermark } from "../../gateway/store/store-port.ts";
import { presentUs } from "../../gateway/stream/clock/first-contact.ts";
import { modelRegistry } from "../../models/index.ts";
import type { ModelSpec } from "../../models/model-spec.ts";

const person = "person-a";
const startUs = 1_700_000_000_000_000;
const rateHz = 128;
const pastS = 2400;
/** From here on it counts as the present. */
const cutS = pastS - presentUs / 1e6;
const endS = pastS + 90;
/** Seconds since the strap began. */
const flats = [
  [600, 620],
  [pastS + 20, pastS + 60],
] as const;
/** How fast the past comes. */
const hurry = 600;

let driverOf: DriverOf;
let specs: ModelSpec[];
let chunks: Chunk[];

beforeAll(async () => {
  driverOf = await loadDrivers([]);
  specs = await Promise.all(Object.values(modelRegistry).map((entry) => entry.load()));
  chunks = strap({ bootId: "00000000000000aa", seconds: endS, arrivalS: (toS) => (toS <= pastS ? pastS - (pastS - toS) / hurry : toS) });
});

interface StrapOptions {
  readonly bootId: string;
  readonly seconds: number;
  /** When the batch that ends at this second of the boot comes. */
  readonly arrivalS: (toS: number) => number;
}

function strap({ bootId, seconds, arrivalS }: StrapOptions): Chunk[] {
  const source = ecgSource({ seed: 5, rateHz });
  const meta = metaOf(source);
  const chunk = (channel: string, bytes: Uint8Array, atS: number): Chunk => {
    const timeUs = startUs + Math.round(atS * 1e6);
    const stamps = { timeUs, monotonicUs: timeUs - startUs, wallUs: timeUs, wallQuality: "ntp" as const };
    return { link: "mqtt", device: "strap", channel, bytes, stamps };
  };
  const all = [chunk("ecg/meta", meta, arrivalS(0) - 1)];
  let from = 0;
  for (let sequence = 0, toS = 0; toS < seconds; sequence++) {
    toS += toS < pastS ? 1 : 0.25;
    const to = Math.round(toS * rateHz);
    const first = from;
    const samples = (source.read(first, to - first).channels[0] as Int16Array).map((value, i) => {
      const atS = (first + i) / rateHz;
      return flats.some(([a, b]) => atS >= a && atS < b) ? Math.round(2 * uniformAt(7, first + i)) : value;
    });
    const batch: Batch = {
      ...{ bootId, sequence, firstIndex: first, deviceTimeUs: Math.round((first * 1e6) / rateHz), clockQuality: 1 },
      ...{ periodNs: Math.round(1e9 / rateHz), channels: [{ id: "ecg", samples }], metaHash: hashOfMeta(meta) },
    };
    all.push(chunk("ecg/raw", encodeBatch(batch), arrivalS(toS)));
    from = to;
  }
  return all;
}

interface Record {
  readonly events: PersonEvent[];
  readonly shown: PersonEvent[];
  readonly outbox: OutboxItem[];
  readonly told: { readonly alert: AlertRecord; readonly atUs: number }[];
  readonly alerts: Map<string, AlertRecord>;
  mark?: Watermark;
  snapshot?: Snapshot;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** One life of the gateway over the record of those before. */
function river(journalled: Chunk[], record: Record, mode: StreamMode = "event") {
  let nowUs = journalled.at(-1)?.stamps.timeUs ?? startUs;
  const core = createAlertCore({ newId: (key) => key, mode: "real" });
  const tell = (changes: readonly AlertChange[]) => {
    for (const { alert, notify } of changes) if (notify) record.told.push({ alert, atUs: nowUs });
  };
  tell(core.reopen([...record.alerts.values()], nowUs));
  const journal: Journal = {
    ...passingJournal(),
    offer: (_lane, chunk, done) => done(undefined, journalled.push(chunk)),
    async *read(_lane, from) {
      for (let position = from; position <= journalled.length; position++)
        yield { position, bootId: "boot", chunk: journalled[position - 1] as Chunk };
    },
    last: async () => (journalled.length === 0 ? undefined : { position: journalled.length, timeUs: 0 }),
  };
  const pipeline = createPipeline({
    ...{ journal, driverOf, personOf: () => person, idle: turn as () => Promise<void> },
    store: {
      async commit({ events = [], outbox = [], alerts = [], mark, snapshot }) {
        record.events.push(...events);
        record.outbox.push(...outbox);
        for (const alert of alerts) record.alerts.set(alert.id, alert);
        if (mark !== undefined) record.mark = mark;
        if (snapshot !== undefined) record.snapshot = snapshot;
      },
      mark: async () => ({
        ...(record.mark === undefined ? {} : { mark: record.mark }),
        ...(record.snapshot === undefined ? {} : { snapshot: record.snapshot }),
      }),
      events: async (_person, fromUs) => record.events.filter((event) => ("timeUs" in event ? event.timeUs : event.toUs) >= fromUs),
    },
    person: () => ({
      ...{ profile: defaultProfile, models: specs, versions: {} },
      submit: (_model, _tensors, settled) => setImmediate(() => settled({ kind: "unknown", reason: "down" })),
    }),
    decider: () => ({ flushS: 10, alerts: core, waveforms: { modeOf: () => mode } }),
    nowUs: () => nowUs,
    listener: strictListener({ onAlert: tell, onEvents: (_person, events) => void record.shown.push(...events) }),
  });
  return {
    pipeline,
    async play(some: readonly Chunk[]) {
      for (const chunk of some) {
        nowUs = chunk.stamps.timeUs;
        pipeline.advance(nowUs);
        pipeline.offer(chunk, () => {});
        await turn();
        tell(core.tick(nowUs));
      }
      await turn();
    },
    async rest() {
      for (let i = 0; i < 60; i++) {
        nowUs += 250_000;
        pipeline.advance(nowUs);
        await turn();
      }
    },
  };
}

const emptyRecord = (): Record => ({ events: [], shown: [], outbox: [], told: [], alerts: new Map() });

async function whole(some: readonly Chunk[], mode?: StreamMode): Promise<Record> {
  const record = emptyRecord();
  const { play, rest } = river([], record, mode);
  await play(some);
  await rest();
  return record;
}

const secondsOf = (us: number) => (us - startUs) / 1e6;
const beatsOf = (events: readonly PersonEvent[]) =>
  events.flatMap((event) => (event.kind === "beat" ? [secondsOf(event.timeUs)] : [])).sort((a, b) => a - b);
const asystoles = ({ alerts }: Record) =>
  [...alerts.values()].filter(({ rule }) => rule === "rhythm.asystole").sort((a, b) => a.onsetUs - b.onsetUs);
const toldS = ({ told }: Record) => told.flatMap(({ alert, atUs }) => (alert.rule === "rhythm.asystole" ? [secondsOf(atUs)] : []));

test("whatever people would be told of as new counts as the present", () => expect(presentUs).toBeGreaterThanOrEqual(lateUs));

describe("40 min of a new boot's past that come within seconds", () => {
  let record: Record;
  beforeAll(async () => {
    record = await whole(chunks);
  });

  test("keep nobody waiting: a heart that stands still 20 s later is told as without them", async () => {
    const alone = await whole(chunks.filter(({ stamps, channel }) => channel.endsWith("/meta") || stamps.timeUs > startUs + pastS * 1e6));
    const [normalS = 0] = toldS(alone);
    expect(normalS).toBeGreaterThan(flats[1][0]);
    expect(toldS(record)[0]).toBeLessThanOrEqual(normalS + 5);
  });

  test("are in the record, every beat once", () => {
    const beats = beatsOf(record.events);
    const steps = beats.slice(1).map((atS, i) => atS - (beats[i] as number));
    const holes = steps.flatMap((step, i) => (step > 1.6 ? [beats[i] as number] : []));
    expect(beats[0]).toBeLessThan(3);
    expect(beats.at(-1)).toBeGreaterThan(endS - 5);
    expect(Math.min(...steps)).toBeGreaterThan(0.6);
    expect(holes.map((atS) => flats.some(([from]) => Math.abs(atS - from) < 2))).toEqual([true, true]);
    expect(record.events.filter(({ kind }) => kind === "gap")).toEqual([]);
  });

  test("have their waveform coded for the twin too, every second of it once and within its stated error", async () => {
    const { outbox } = await whole(chunks, "semantic");
    const waveforms = outbox
      .flatMap(({ payload }) => partsOf(decodePayload(payload)))
      .flatMap((part) => (part.kind === "waveform" ? [part] : []))
      .sort((a, b) => a.startUs - b.startUs);
    const ends = waveforms.map(({ startUs: fromUs, samples }) => [secondsOf(fromUs), secondsOf(fromUs) + samples.length / rateHz] as const);
    expect(ends[0]?.[0]).toBeLessThan(1);
    expect(ends.at(-1)?.[1]).toBeGreaterThan(endS - 12);
    for (const [i, [fromS]] of ends.entries()) if (i > 0) expect(Math.abs(fromS - (ends[i - 1]?.[1] ?? 0))).toBeLessThan(0.05);
    const source = ecgSource({ seed: 5, rateHz });
    const calm = waveforms.filter((_, i) => !flats.some(([a, b]) => (ends[i]?.[1] ?? 0) > a && (ends[i]?.[0] ?? 0) < b));
    expect(calm.length).toBeGreaterThan(200);
    for (const { startUs: fromUs, samples, rmse } of calm.slice(1)) {
      const own = source.read(Math.round(secondsOf(fromUs) * rateHz), samples.length).channels[0] as Int16Array;
      expect(rmseOf(Int32Array.from(own), samples)).toBeLessThanOrEqual(rmse + 0.1);
    }
  });

  test("go to the twin in frames of their own time", () => {
    const frames = record.outbox.flatMap(({ payload }) => {
      return partsOf(decodePayload(payload)).flatMap((part) => (part.kind === "events" ? [part] : []));
    });
    const sent = frames.flatMap(({ beats }) => beats);
    const stored = beatsOf(record.events);
    expect(beatsOf(sent).length).toBeGreaterThan(stored.length - 30);
    const past = frames.filter(({ toUs }) => toUs <= startUs + cutS * 1e6);
    expect(past.length).toBeGreaterThan(cutS / 10 - 5);
    for (const { fromUs, toUs, beats } of past)
      for (const { timeUs } of beats) {
        expect(timeUs).toBeGreaterThan(fromUs - 15_000_000);
        expect(timeUs).toBeLessThan(toUs);
      }
  });

  test("leave what held in them as ended, and nobody is told of it or shown it as the present", () => {
    const [past, present, ...more] = asystoles(record);
    expect(more).toEqual([]);
    expect(past).toMatchObject({ state: "closed", count: 1, deliveries: [] });
    expect(Math.abs(secondsOf(past?.onsetUs ?? 0) - flats[0][0])).toBeLessThan(3);
    expect(Math.abs(secondsOf(past?.endedUs ?? 0) - flats[0][1])).toBeLessThan(5);
    expect(present).toMatchObject({ count: 1 });
    expect(secondsOf(present?.onsetUs ?? 0)).toBeGreaterThan(flats[1][0] - 2);
    expect(record.told.filter(({ alert }) => alert.onsetUs < startUs + pastS * 1e6)).toEqual([]);
    expect(beatsOf(record.shown)[0]).toBeGreaterThan(cutS - 5);
  });

  test("behind an earlier boot: what neither brings is a gap, and nothing more", async () => {
    const earlier = strap({ bootId: "00000000000000bb", seconds: 60, arrivalS: (toS) => toS - 300 });
    const both = await whole([...earlier, ...chunks]);
    const gaps = both.events.flatMap((event) => (event.kind === "gap" ? [[secondsOf(event.fromUs), secondsOf(event.toUs)]] : []));
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.[0]).toBeCloseTo(-240, 1);
    expect(gaps[0]?.[1]).toBeCloseTo(0, 1);
    expect(beatsOf(both.events).filter((atS) => atS >= 0)).toEqual(beatsOf(record.events));
    expect(toldS(both)).toEqual(toldS(record));
  });

  test.each([
    [false, 3],
    [false, 12],
    [true, 3],
    [true, 12],
    [true, 25],
    [true, 40],
  ])("are gone on with after a fall (with a snapshot: %s, %d s after the last of them), and nothing twice", async (isKept, afterS) => {
    const fallen = emptyRecord();
    const journalled: Chunk[] = [];
    const first = river(journalled, fallen);
    const fallUs = startUs + (pastS + afterS) * 1e6;
    await first.play(chunks.filter(({ stamps }) => stamps.timeUs <= fallUs - 2_000_000));
    if (isKept) await first.pipeline.snapshot(person);
    await first.play(chunks.filter(({ stamps }) => stamps.timeUs > fallUs - 2_000_000 && stamps.timeUs <= fallUs));
    const second = river(journalled, fallen);
    await second.pipeline.recover(person);
    await second.play(chunks.filter(({ stamps }) => stamps.timeUs > fallUs));
    await second.rest();
    const keysOf = ({ events }: Record) => events.map((event) => JSON.stringify(event)).sort();
    expect(keysOf(fallen)).toEqual(keysOf(record));
    expect(asystoles(fallen).map(({ id, endedUs, count }) => ({ id, endedUs, count }))).toEqual(
      asystoles(record).map(({ id, endedUs, count }) => ({ id, endedUs, count })),
    );
    expect(fallen.told.filter(({ alert }) => alert.onsetUs < startUs + pastS * 1e6)).toEqual([]);
  });
});
