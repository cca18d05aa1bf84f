import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReorder, type Placed, type PlacedBlock } from "./reorder.ts";

const rateHz = 100;

function block(firstIndex: number, count: number, { bootId = "a", arrivalUs = 0 } = {}): PlacedBlock {
  const samples = Int32Array.from({ length: count }, (_, i) => firstIndex + i);
  return { kind: "samples", bootId, firstIndex, count, startUs: firstIndex * 10_000, arrivalUs, channels: [samples] };
}

const valuesOf = (placed: readonly Placed[]) => placed.flatMap((each) => (each.kind === "samples" ? [...(each.channels[0] ?? [])] : []));

describe("reorder", () => {
  it("gives every sample once and in order, however blocks are shuffled, doubled and overlapped within the limit", () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(pieces, fc.infiniteStream(fc.nat()), (lengths, noise) => {
        let at = 0;
        const blocks = lengths.flatMap((length) => {
          const from = at;
          at += length;
          return [block(from, length), block(Math.max(0, from - 2), length + Math.min(2, from))];
        });
        const [first, ...others] = blocks as [PlacedBlock, ...PlacedBlock[]];
        const order = others.map((each) => ({ each, key: noise.next().value ?? 0 })).sort((a, b) => a.key - b.key);
        const reorder = createReorder(rateHz, 1_000_000);
        const out = [first, ...order.map(({ each }) => each)].flatMap((each) => reorder.push(each));
        out.push(...reorder.expire(10_000_000));
        expect(valuesOf(out)).toEqual(Array.from({ length: at }, (_, i) => i));
        expect(out.some(({ kind }) => kind === "gap")).toBe(false);
        // Whatever was cut off of a block, its first sample stands where it was measured.
        for (const each of out) expect(each.startUs).toBe(each.firstIndex * 10_000);
      }),
    );
  });

  it("calls a hole a gap only when what follows has waited for the limit", () => {
    const reorder = createReorder(rateHz, 1_000_000);
    reorder.push(block(0, 10));
    expect(reorder.push(block(20, 10, { arrivalUs: 300_000 }))).toEqual([]);
    expect(reorder.expire(1_200_000)).toEqual([]);
    const out = reorder.expire(1_300_000);
    expect(out.map(({ kind, firstIndex, count }) => [kind, firstIndex, count])).toEqual([
      ["gap", 10, 10],
      ["samples", 20, 10],
    ]);
    expect(out[0]?.startUs).toBe(100_000);
  });

  it("counts samples that come after their hole was given up and does not give them", () => {
    const reorder = createReorder(rateHz, 1_000_000);
    reorder.push(block(0, 10));
    reorder.push(block(20, 10));
    reorder.expire(2_000_000);
    expect(reorder.push(block(10, 10))).toEqual([]);
    expect(reorder.lateSamples).toBe(10);
  });

  it("makes a new boot begin behind a gap as long as the axis says", () => {
    const reorder = createReorder(rateHz, 1_000_000);
    reorder.push(block(0, 10));
    const out = reorder.push({ ...block(0, 10, { bootId: "b" }), startUs: 1_100_000 });
    expect(out.map(({ kind, count }) => [kind, count])).toEqual([
      ["gap", 100],
      ["samples", 10],
    ]);
  });

  it("gives what it held when the device begins a new boot, and then the gap to it", () => {
    const reorder = createReorder(rateHz, 1_000_000);
    reorder.push(block(0, 10));
    expect(reorder.push(block(20, 10))).toEqual([]);
    expect(reorder.push(block(40, 10))).toEqual([]);
    const out = reorder.push({ ...block(0, 10, { bootId: "b" }), startUs: 1_000_000 });
    expect(out.map(({ kind, bootId, firstIndex, count, startUs }) => [kind, bootId, firstIndex, count, startUs])).toEqual([
      ["gap", "a", 10, 10, 100_000],
      ["samples", "a", 20, 10, 200_000],
      ["gap", "a", 30, 10, 300_000],
      ["samples", "a", 40, 10, 400_000],
      ["gap", "b", -50, 50, 500_000],
      ["samples", "b", 0, 10, 1_000_000],
    ]);
    expect(reorder.state()?.held).toEqual([]);
  });

  it("puts at least one missing sample between two boots, even where the axis leaves no room", () => {
    const reorder = createReorder(rateHz, 1_000_000);
    reorder.push(block(0, 10));
    const out = reorder.push({ ...block(0, 10, { bootId: "b" }), startUs: 100_000 });
    expect(out.map(({ kind, count }) => [kind, count])).toEqual([
      ["gap", 1],
      ["samples", 10],
    ]);
  });

  it("cuts known samples off with their flags, and keeps telling which sample of the device the first one was", () => {
    const reorder = createReorder(rateHz, 1_000_000);
    reorder.push(block(0, 10));
    const raw = { bootId: "r", firstIndex: 1006, rateHz };
    const [out] = reorder.push({ ...block(6, 10), flags: Uint8Array.from({ length: 10 }, (_, i) => i), raw });
    expect(out).toMatchObject({ firstIndex: 10, count: 6, startUs: 100_000, raw: { bootId: "r", firstIndex: 1010, rateHz } });
    expect(out?.kind === "samples" ? [[...(out.flags ?? [])], out.channels.map(({ length }) => length)] : []).toEqual([
      [4, 5, 6, 7, 8, 9],
      [6],
    ]);
  });

  it("goes on from where a block ended on the axis, not from where the numbers would put it", () => {
    const reorder = createReorder(rateHz, 1_000_000);
    reorder.push(block(0, 10));
    reorder.push({ ...block(10, 10), startUs: 105_000 });
    reorder.push(block(30, 10));
    expect(reorder.expire(2_000_000)[0]).toMatchObject({ kind: "gap", firstIndex: 20, count: 10, startUs: 205_000 });
  });

  it("keeps a state that pushing on does not change, with what is held in it", () => {
    const reorder = createReorder(rateHz, 1_000_000);
    expect(reorder.state()).toBeUndefined();
    reorder.push(block(0, 10));
    reorder.push(block(20, 10));
    const state = reorder.state();
    reorder.push(block(10, 10));
    expect(state).toMatchObject({ bootId: "a", nextIndex: 10, nextUs: 100_000 });
    expect(state?.held.map(({ firstIndex }) => firstIndex)).toEqual([20]);
    const again = createReorder(rateHz, 1_000_000, state);
    expect(valuesOf(again.push(block(10, 10)))).toEqual(Array.from({ length: 20 }, (_, i) => i + 10));
    expect(state?.held).toHaveLength(1);
  });

  it("goes on exactly from its state", () => {
    const reorder = createReorder(rateHz, 1_000_000);
    reorder.push(block(0, 10));
    reorder.push(block(20, 10));
    const again = createReorder(rateHz, 1_000_000, structuredClone(reorder.state()));
    expect(valuesOf(again.push(block(10, 10)))).toEqual(valuesOf(reorder.push(block(10, 10))));
  });
});
