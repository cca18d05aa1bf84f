import { deserialize, serialize } from "node:v8";
import fc from "fast-check";
import { expect, test } from "vitest";
import { copied } from "./copied.ts";

test("is what a structured clone is, whatever the data", () => {
  const numbers = fc.oneof(fc.float32Array(), fc.int16Array(), fc.float64Array(), fc.uint8Array());
  const data = fc.letrec((tie) => ({
    any: fc.oneof(
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.constant(undefined),
      fc.bigInt(),
      numbers,
      tie("list"),
      tie("record"),
      tie("map"),
    ),
    list: fc.array(tie("any"), { maxLength: 4 }),
    record: fc.dictionary(fc.string(), tie("any"), { maxKeys: 4, noNullPrototype: true }),
    map: fc.array(fc.tuple(fc.string(), fc.double())).map((entries) => new Map(entries)),
  }));
  fc.assert(
    fc.property(data.any, (value) => {
      expect(deserialize(serialize(copied(value)))).toEqual(structuredClone(value));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("shares nothing with what it was made of", () => {
  const value = { rows: new Float32Array([1, 2]), list: [{ at: 1 }], names: new Map([["a", { n: 1 }]]) };
  const copy = copied(value);
  copy.rows[0] = 9;
  (copy.list[0] as { at: number }).at = 9;
  (copy.names.get("a") as { n: number }).n = 9;
  expect(value).toEqual({ rows: new Float32Array([1, 2]), list: [{ at: 1 }], names: new Map([["a", { n: 1 }]]) });
});

test("a view of a large buffer becomes no larger than itself", () => {
  expect(copied(new Float32Array(1000).subarray(10, 20)).buffer.byteLength).toBe(40);
});

test("a circle is followed, and what cannot be cloned is refused, as by a structured clone", () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(() => copied(circle)).not.toThrow();
  expect(() => copied({ run: () => 1 })).toThrow("could not be cloned");
});
