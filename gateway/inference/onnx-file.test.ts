import { expect, test } from "vitest";
import { readOnnx } from "./onnx-file.ts";

/** A field of a protocol-buffer message: text, bytes or a nested message by its length, a number as a varint. */
function field(number: number, content: string | Uint8Array | number): Uint8Array {
  if (typeof content === "number") return Uint8Array.from([...varint(number * 8), ...varint(content)]);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length), ...bytes]);
}
const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
const message = (...fields: Uint8Array[]) => Uint8Array.from(fields.flatMap((bytes) => [...bytes]));
const node = (op: string, ...more: Uint8Array[]) => field(1, message(field(4, op), ...more));
const model = (...graph: Uint8Array[]) => field(7, message(...graph));
const bad = (says: string) => expect.objectContaining({ code: "model.bad_file", kind: "operator", message: expect.stringContaining(says) });

test("operators are named with their domain unless it is ONNX's own", () => {
  const found = readOnnx(model(node("Add"), node("Mul", field(7, "ai.onnx")), node("Gelu", field(7, "com.microsoft"))));
  expect(found).toEqual({
    ops: new Set(["Add", "Mul", "com.microsoft::Gelu"]),
    hasFunctions: false,
    hasExternalData: false,
    parameters: 0,
  });
});

test("learnt numbers are counted, in one place or packed, and neither scales of quantising nor shapes", () => {
  const [float, int8, int64] = [1, 3, 7];
  const dims = (...sizes: number[]) => sizes.map((size) => field(1, size));
  const initializer = (name: string, type: number, sizes: Uint8Array[]) => field(5, message(...sizes, field(2, type), field(8, name)));
  const found = readOnnx(
    model(
      node("DequantizeLinear", field(1, "weight"), field(1, "scale"), field(1, "zero")),
      initializer("weight", int8, dims(8, 3, 5)),
      initializer("scale", float, dims(8)),
      initializer("zero", int8, dims(8)),
      initializer("bias", float, [field(1, Uint8Array.from([...varint(300), ...varint(2)]))]),
      initializer("one", float, []),
      initializer("shape", int64, dims(3)),
    ),
  );
  expect(found.parameters).toBe(8 * 3 * 5 + 600 + 1);
});

test("functions of its own are told", () => {
  expect(readOnnx(message(model(node("Add")), field(25, "a function"))).hasFunctions).toBe(true);
});

test.each([
  ["an initializer's place", field(5, field(13, "where"))],
  ["an initializer's flag", field(5, field(14, 1))],
  ["a constant's place", node("Constant", field(5, field(5, field(13, "where"))))],
  ["a constant in a list", node("Constant", field(5, field(10, field(14, 1))))],
  ["a constant in a subgraph", node("If", field(5, field(6, node("Constant", field(5, field(5, field(13, "where")))))))],
  ["an initializer of a subgraph", node("If", field(5, field(11, field(5, field(14, 1)))))],
  ["a flag that is 1 in 32 bits only", field(5, Uint8Array.of(0x70, 0x81, 0x80, 0x80, 0x80, 0x10))],
  ["an operator that loads a file", node("EPContext", field(7, "com.microsoft"))],
])("weights outside the file are told by %s", (_, part) => {
  expect(readOnnx(model(node("Add"), part)).hasExternalData).toBe(true);
});

test("weights that say they are inside are inside", () => {
  expect(readOnnx(model(node("Add"), field(5, field(14, 0)))).hasExternalData).toBe(false);
});

const nested = (depth: number, number: number): Uint8Array =>
  depth === 0 ? node("Leaf") : node("If", field(5, field(number, nested(depth - 1, number))));

test.each([6, 11])("operators in subgraphs are seen down to the eighth, by attribute field %d; deeper is refused", (number) => {
  expect([...readOnnx(model(nested(8, number))).ops].sort()).toEqual(["If", "Leaf"]);
  expect(() => readOnnx(model(nested(9, number)))).toThrow(bad("nested too deeply"));
});

test.each([
  ["sparse weights", model(node("Add"), field(15, "x")), "sparse"],
  ["a sparse constant", model(node("Constant", field(5, field(22, field(1, field(13, "where")))))), "sparse"],
  ["sparse constants in a list", model(node("Constant", field(5, field(23, field(1, field(14, 1)))))), "sparse"],
  ["graphs for training", message(model(node("Add")), field(20, field(1, field(5, field(13, "where"))))), "training"],
  ["the runtime's own format", message(field(1, 7), field(2, "ORTM"), model(node("Add"))), "own format"],
  [
    "a field whose number is that of another in 32 bits",
    message(model(node("Add")), Uint8Array.of(0xba, 0x80, 0x80, 0x80, 0x10, 0)),
    "number is too large",
  ],
  ["no graph", field(8, "x"), "no graph"],
  ["nothing", new Uint8Array(0), "no graph"],
  ["a number that does not end", Uint8Array.of(8, 255), "ends inside a number"],
  ["a number of eleven bytes", Uint8Array.from([8, ...new Array(10).fill(255), 1]), "too long"],
  ["a field that is longer than the file", Uint8Array.of(58, 5, 1), "ends inside a field"],
  ["a fixed field that is cut", message(model(node("Add")), Uint8Array.of(9, 1, 2)), "ends inside a field"],
  ["a group", Uint8Array.of(11), "unknown type"],
])("%s is refused", (_, bytes, says) => {
  expect(() => readOnnx(bytes)).toThrow(bad(says));
});

test("fixed fields of 4 and 8 bytes are passed over", () => {
  const fixed = message(Uint8Array.of(9, 1, 2, 3, 4, 5, 6, 7, 8), Uint8Array.of(13, 1, 2, 3, 4), model(node("Add")));
  expect([...readOnnx(fixed).ops]).toEqual(["Add"]);
});
