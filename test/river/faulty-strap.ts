/** A chest strap whose header lies (a second channel numbers its samples truly): a synthetic ECG with a flat line, batch by batch through driver and person on a virtual clock, its clock and numbers spoilt on the way. */

import type { GatewayStamps } from "../../device-drivers/contract/sample-block.ts";
import { type Batch, encodeBatch, hashOfMeta } from "../../device-drivers/hearth-stream/frame.ts";
import { uniformAt } from "../../firmware-sim/signal/noise.ts";
import { metaOf } from "../../firmware-sim/signal/signal-source.ts";
import { ecgSource } from "../../firmware-sim/signal/synthetic-body.ts";
import { type AlertChange, createAlertCore } from "../../gateway/alert/core.ts";
import { loadDriver } from "../../gateway/ingest/load-drivers.ts";
import { createPerson } from "../../gateway/pipeline/person.ts";
import type { Settled } from "../../gateway/pipeline/settle-queue.ts";
import { defaultProfile } from "../../gateway/rules/index.ts";
import type { StreamTiming } from "../../gateway/stream/clock/stream-timing.ts";
import type { Placed } from "../../gateway/stream/reorder.ts";

export interface Sent {
  readonly batch: Batch;
  /** Arrival, seconds since the strap began. */
  readonly atS: number;
  /** How much the gateway's axis has been put right by then, seconds. */
  readonly axisS?: number;
}

/** What becomes of the batch number `k` that ends at `atS`: changed, doubled, kept back, or several for one. */
export type Fault = (sent: Sent, k: number) => readonly Sent[];

export interface PlayOptions {
  readonly fault?: Fault;
  readonly seconds?: number;
  readonly flatS?: readonly [from: number, to: number];
  readonly batchMs?: number;
  /** Samples a second that the strap really takes; its descriptor says 360. */
  readonly trueHz?: number;
  /** Where the rate is wrong: its clock counts true seconds (default), or runs with the samples. */
  readonly clock?: "true" | "with-samples" | "none";
}

export interface Played {
  readonly settled: readonly Settled[];
  readonly placed: readonly Placed[];
  readonly changes: readonly AlertChange[];
  /** Seconds of arrival at which a message about this rule went to people. */
  toldS(rule: string): number[];
  readonly timing: StreamTiming | undefined;
  /** True numbers of the samples that were analysed, in that order. */
  numbers(): number[];
  /** Longest time without a judgement that was fresh when it was made, between two moments of arrival. */
  blindS(fromS: number, toS: number): number;
}

export const startUs = 1_700_000_000_000_000;
export const nominalHz = 360;
const bootId = "00000000000000aa";
/** A second of quality, the reorder limit, a tick. */
const freshUs = 3_500_000;

export async function play(options: PlayOptions = {}): Promise<Played> {
  const { fault = (sent) => [sent], seconds = 240, flatS = [200, 230], batchMs = 250, trueHz = nominalHz, clock = "true" } = options;
  const source = ecgSource({ seed: 5, rateHz: trueHz });
  const number = { id: "number", kind: "other", unit: "1", scale: 1, offset: 0 };
  const meta = metaOf({ ...source, rateHz: nominalHz, channels: [...source.channels, number] });
  const read = (first: number, count: number): Int16Array => {
    const samples = source.read(first, count).channels[0] as Int16Array;
    return samples.map((value, i) =>
      (first + i) / trueHz >= flatS[0] && (first + i) / trueHz < flatS[1] ? Math.round(2 * uniformAt(7, first + i)) : value,
    );
  };
  const sent: Sent[] = [];
  let from = 0;
  for (let k = 0; k < (seconds * 1000) / batchMs; k++) {
    const atS = ((k + 1) * batchMs) / 1000;
    const to = Math.floor(atS * trueHz);
    const deviceTimeUs = Math.round((from * 1e6) / (clock === "true" ? trueHz : nominalHz));
    const batch: Batch = {
      ...{ bootId, sequence: k, firstIndex: from, deviceTimeUs, clockQuality: clock === "none" ? 0 : 1 },
      periodNs: Math.round(1e9 / nominalHz),
      channels: [
        { id: "ecg", samples: read(from, to - from) },
        { id: "number", samples: Int32Array.from({ length: to - from }, (_, i) => from + i) },
      ],
      metaHash: hashOfMeta(meta),
    };
    from = to;
    sent.push(...fault({ batch, atS }, k));
  }
  return listen(
    sent.sort((a, b) => a.atS - b.atS),
    meta,
    seconds,
  );
}

async function listen(sent: readonly Sent[], meta: Uint8Array, seconds: number): Promise<Played> {
  const driver = await loadDriver("hearth-stream");
  const instance = driver.create({}, "strap");
  const core = createAlertCore({ newId: (key) => key, mode: "real" });
  const settled: Settled[] = [];
  const placed: Placed[] = [];
  const changes: (AlertChange & { readonly atUs: number })[] = [];
  const keep = (nowUs: number, made: readonly AlertChange[]) => void changes.push(...made.map((change) => ({ ...change, atUs: nowUs })));
  let nowUs = startUs;
  const person = createPerson({
    ...{ profile: defaultProfile, models: [], versions: {} },
    submit() {},
    onPlaced: (_descriptor, each) => void placed.push(each),
    onSettled(each) {
      settled.push(each);
      for (const decision of each.decisions) keep(nowUs, core.decide("person-a", decision, nowUs));
    },
  });
  const stampsAt = (atS: number, axisS = 0): GatewayStamps => {
    const monotonicUs = Math.round(atS * 1e6);
    const timeUs = startUs + monotonicUs + axisS * 1e6;
    return { timeUs, monotonicUs, wallUs: timeUs, wallQuality: "ntp" };
  };
  const offer = (channel: string, bytes: Uint8Array, stamps: GatewayStamps) => {
    const blocks = instance.push({ link: "mqtt", device: "strap", channel, bytes, stamps });
    for (const block of blocks) person.push(block);
  };
  offer("ecg/meta", meta, stampsAt(0));
  let next = 0;
  for (let tick = 1; tick <= seconds * 4; tick++) {
    for (let due = sent[next]; due !== undefined && due.atS <= tick / 4; due = sent[++next]) {
      const stamps = stampsAt(due.atS, due.axisS);
      nowUs = stamps.timeUs;
      offer("ecg/raw", encodeBatch(due.batch), stamps);
    }
    nowUs = Math.max(nowUs, stampsAt(tick / 4, sent[next]?.axisS).timeUs);
    person.advance(nowUs);
    if (tick % 20 === 0) keep(nowUs, core.tick(nowUs));
  }
  return {
    ...{ settled, placed, changes, timing: person.timings()[0] },
    toldS: (rule) => changes.flatMap(({ alert, notify, atUs }) => (alert.rule === rule && notify ? [(atUs - startUs) / 1e6] : [])),
    numbers: () => placed.flatMap((each) => (each.kind === "samples" ? [...(each.channels[1] ?? [])] : [])),
    blindS(fromS, toS) {
      const fresh = settled.flatMap(({ input, releasedUs }) =>
        input.kind === "quality" && releasedUs - input.timeUs <= freshUs && input.timeUs - releasedUs < 1_000_000
          ? [(releasedUs - startUs) / 1e6]
          : [],
      );
      const inside = [fromS, ...fresh.filter((s) => s > fromS && s < toS), toS];
      return Math.max(...inside.map((s, i) => s - (inside[i - 1] ?? s)));
    },
  };
}
