import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { beatOf } from "../../gateway/facts/beat.ts";
import { type Models, startModels } from "../../gateway/inference/load-models.ts";
import type { Settled } from "../../gateway/pipeline/settle-queue.ts";
import { runs } from "../runs.ts";
import { arrivalsOf, type Lived, live, loadWearables, type Wearable } from "./two-wearables.ts";

let models: Models;
let strap: Wearable;
let clip: Wearable;
let inOrder: Lived;

beforeAll(async () => {
  models = await startModels({ clock: virtualClock(), timeouts: false });
  ({ strap, clip } = await loadWearables());
  inOrder = await live(
    arrivalsOf([strap, clip], () => 0),
    models,
  );
});
afterAll(() => models.host.close());

const often = runs(6);
/** A second's batch and its delay together stay below the reorder limit of 2 s. The first blocks come at once and fix the clocks. */
const longestDelayMs = { strap: 900, clip: 1800 };
const delays = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));

function delayed(shares: Iterable<number>) {
  const each = shares[Symbol.iterator]();
  const known = new Map<string, number>();
  return (device: string, n: number) => {
    const key = `${device}/${n}`;
    const share = known.get(key) ?? (n === 0 ? 0 : Number(each.next().value));
    known.set(key, share);
    return share * (device === "strap" ? longestDelayMs.strap : longestDelayMs.clip);
  };
}

/** What rules saw and decided, without the moment at which it was let go. */
const heard = ({ settled }: Lived) => settled.map(({ ordinal, input, decisions }) => ({ ordinal, input, decisions }));
const beats = ({ settled }: Lived) =>
  settled.flatMap(({ input }) => {
    const beat = beatOf(input);
    return beat?.pass === "final" ? [`${beat.timeUs} ${beat.label}`] : [];
  });
const begun = ({ settled }: Lived) => settled.flatMap(({ decisions }) => decisions.flatMap((d) => (d.kind === "begin" ? [d.rule] : [])));
const completeUs = ({ input }: Settled) => ("knownUs" in input ? input.knownUs : input.timeUs);

describe("a slow and a fast wearable of one person", () => {
  test("give beats of a real recording, its ventricular run as an alert, and pulses of the other sensor", () => {
    expect(beats(inOrder).length).toBeGreaterThan(45);
    expect(begun(inOrder)).toContain("rhythm.vt");
    expect(inOrder.settled.filter(({ input }) => input.kind === "life").length).toBeGreaterThan(20);
  });

  test("are heard by rules in one order of time, and each tick after everything that was complete by then", () => {
    const { settled } = inOrder;
    for (let i = 1; i < settled.length; i++) {
      const [before, now] = [settled[i - 1]!, settled[i]!];
      expect(completeUs(now)).toBeGreaterThanOrEqual(completeUs(before));
    }
    expect(settled.map(({ ordinal }) => ordinal)).toEqual(settled.map((_, i) => i + 1));
  });

  test("are heard the same however their messages are delayed and overtake each other within the limit", async () => {
    const expected = heard(inOrder);
    await fc.assert(
      fc.asyncProperty(delays, async (shares) => {
        const arrivals = arrivalsOf([strap, clip], delayed(shares));
        expect(heard(await live(arrivals, models))).toEqual(expected);
      }),
      often,
    );
  });

  test("keep one order of ticks even when a wearable falls behind the limit; nothing is lost of the other", async () => {
    const lagging = await live(
      arrivalsOf([strap, clip], (device, n) => (device === "clip" && n > 100 ? 6000 : 0)),
      models,
    );
    const ticks = lagging.settled.flatMap(({ input }) => (input.kind === "tick" ? [input.timeUs] : []));
    for (let i = 1; i < ticks.length; i++) expect(ticks[i]! - ticks[i - 1]!).toBe(250_000);
    expect(beats(lagging)).toEqual(beats(inOrder));
    expect(begun(lagging)).toEqual(begun(inOrder));
  });
});

test("an axis that goes on by twenty minutes, as after a restart with its clock put right, costs no beat, raises nothing, and is caught up with", async () => {
  const stepMs = 1_200_000;
  const arrivals = arrivalsOf([strap, clip], (device, n) => (n >= (device === "strap" ? 5 : 50) ? stepMs : 0));
  const nextRun = (stamps: (typeof arrivals)[number]["stamps"]) => ({ ...stamps, monotonicUs: stamps.monotonicUs - stepMs * 1000 });
  const isNext = ({ stamps }: (typeof arrivals)[number]) => stamps.monotonicUs > stepMs * 1000;
  const stepped = await live(
    arrivals.map((block) => (isNext(block) ? { ...block, stamps: nextRun(block.stamps) } : block)),
    models,
  );
  const expected = beats(inOrder);
  const found = beats(stepped);
  expect(found.map((beat) => beat.split(" ")[1])).toEqual(expected.map((beat) => beat.split(" ")[1]));
  expect(found.at(-1)).toBe(expected.at(-1)?.replace(/^\d+/, (timeUs) => String(Number(timeUs) + stepMs * 1000)));
  expect(new Set(begun(stepped))).toEqual(new Set(begun(inOrder)));
});

describe("samples and windows", () => {
  test("pass exactly once and in order, whatever comes twice, overlaps or overtakes", async () => {
    await fc.assert(
      fc.asyncProperty(delays, fc.array(fc.nat(), { maxLength: 20 }), async (shares, repeats) => {
        const arrivals = arrivalsOf([strap, clip], delayed(shares));
        for (const at of repeats) {
          const block = arrivals[at % arrivals.length]!;
          const later = Math.min(arrivals.length - 1, (at % arrivals.length) + 3);
          arrivals.splice(later + 1, 0, { ...block, stamps: arrivals[later]!.stamps });
        }
        const { placed, settled } = await live(arrivals, models);
        for (const { descriptor, samples } of [strap, clip]) {
          const own = placed.filter(({ device }) => device === descriptor.device).map((each) => each.placed);
          const values = own.flatMap((each) => (each.kind === "samples" ? [...(each.channels[0] ?? [])] : []));
          expect(own.every(({ kind }) => kind === "samples")).toBe(true);
          expect(Float32Array.from(values)).toEqual(samples);
        }
        const times = (kind: string, run?: string) =>
          settled.flatMap(({ input }) =>
            input.kind === kind && "timeUs" in input && (run === undefined || beatOf(input)?.pass === run) ? [input.timeUs] : [],
          );
        expect(new Set(times("qrs")).size).toBe(times("qrs").length);
        expect(times("result", "first")).toEqual(times("qrs"));
        expect(times("result", "final")).toEqual(times("qrs"));
      }),
      often,
    );
  });

  test("that never come are one gap of their length, and the rest passes once", async () => {
    const arrivals = arrivalsOf([strap], () => 0).filter(({ firstIndex }) => firstIndex < 12 * 360 || firstIndex >= 15 * 360);
    const { placed } = await live(arrivals, models);
    const gaps = placed.flatMap(({ placed: each }) => (each.kind === "gap" ? [[each.firstIndex, each.count]] : []));
    expect(gaps).toEqual([[12 * 360, 3 * 360]]);
    const count = placed.reduce((sum, { placed: each }) => sum + (each.kind === "samples" ? each.count : 0), 0);
    expect(count).toBe(strap.samples.length - 3 * 360);
  });
});
