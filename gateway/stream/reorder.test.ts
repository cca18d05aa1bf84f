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

  it("goes on exactly from its state", () => {
    const reorder = createReorder(rateHz, 1_000_000);
    reorder.push(block(0, 10));
    reorder.push(block(20, 10));
    const again = createReorder(rateHz, 1_000_000, structuredClone(reorder.state()));
    expect(valuesOf(again.push(block(10, 10)))).toEqual(valuesOf(reorder.push(block(10, 10))));
  });
});
