import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../test/runs.ts";
import { createRing } from "./ring.ts";

test("whatever is pushed in pieces of any length, a slice has each kept sample at its position and NaN elsewhere, from a saved state too", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 12 }),
      fc.integer({ min: -5, max: 120 }),
      fc.integer({ min: -3, max: 40 }),
      (capacity, pieces, from, length) => {
        let ring = createRing(capacity);
        let end = 0;
        for (const count of pieces) {
          ring.push(Float32Array.from({ length: count }, (_, i) => end + i));
          end += count;
          ring = createRing(capacity, structuredClone(ring.state()));
        }
        const at = (position: number) => (position >= Math.max(0, end - capacity) && position < end ? position : Number.NaN);
        expect(ring.end).toBe(end);
        expect([...ring.slice(from, from + length)]).toEqual(Array.from({ length: Math.max(0, length) }, (_, i) => at(from + i)));
      },
    ),
    runs(300),
  );
});
