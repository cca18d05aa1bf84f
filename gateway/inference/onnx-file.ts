/**
 * Reads from an ONNX file what must be known before it is loaded: its operators, and whether it points outside itself. It never runs anything. What it
 * passes over the runtime must pass over too, so every place where onnx.proto holds a tensor is either looked into or refused.
 */

import { GatewayError } from "../../device-drivers/contract/error.ts";

interface OnnxContents {
  /** Operator names of every node, subgraphs included; those of another domain as "domain::Op". */
  readonly ops: ReadonlySet<string>;
  /** The file has functions of its own or weights in other files: neither is allowed in a package. */
  readonly hasFunctions: boolean;
  readonly hasExternalData: boolean;
  /** Numbers that were learnt: those of the weights and biases, whatever their precision, without the scales and zero points of quantising. */
  readonly parameters: number;
}

/** Field numbers of onnx.proto (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto). */
const modelField = { graph: 7, trainingInfo: 20, functions: 25 };
/** Of data that is no weight, such as the shape that a node reshapes to. */
const int64Type = 7;
/** Their inputs behind the first say how numbers were quantised. */
const quantisers = new Set(["QuantizeLinear", "DequantizeLinear"]);
const graphField = { node: 1, initializer: 5, sparseInitializer: 15 };
const nodeField = { input: 1, op: 4, attribute: 5, domain: 7 };
const attributeField = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparseTensor: 22, sparseTensors: 23 };
const tensorField = { dims: 1, dataType: 2, name: 8, externalData: 13, dataLocation: 14 };
const depthLimit = 8;
/** An operator that names a file of an execution provider, in whichever domain. */
const outsideOp = "EPContext";
/** The runtime's own format (a flatbuffer) says so here, and it would be read by other rules. */
const ortMark = { at: 4, text: "ORTM" };

/** Of a protocol-buffer field: number and kind in 32 bits. */
const maxKey = 0xffff_ffff;

type Visit = (field: number, bytes: Uint8Array | undefined, varint: number) => void;

/** Throws `model.bad_file` when the bytes are not a well-formed message. */
export function readOnnx(bytes: Uint8Array): OnnxContents {
  const ops = new Set<string>();
  let hasFunctions = false;
  let hasExternalData = false;
  let nodes = 0;
  /** Numbers in each initializer that may be a weight, and the names of those that are none. */
  const sizes = new Map<string, number>();
  const scales = new Set<string>();

  const initializer = (message: Uint8Array) => {
    let name = "";
    let size = 1;
    let isIndex = false;
    walk(message, (field, part, varint) => {
      if (field === tensorField.name && part !== undefined) name = textOf(part);
      if (field === tensorField.dataType && varint === int64Type) isIndex = true;
      if (field !== tensorField.dims) return;
      if (part === undefined) size *= varint;
      else for (const each of varintsOf(part)) size *= each;
    });
    if (!isIndex) sizes.set(name, size);
  };

  const tensor = (message: Uint8Array) =>
    walk(message, (field, part, varint) => {
      // Any place but the default one: readers of 32 bits take 2³² + 1 for 1.
      if ((field === tensorField.externalData && part !== undefined) || (field === tensorField.dataLocation && varint !== 0))
        hasExternalData = true;
    });
  const attribute = (message: Uint8Array, depth: number) =>
    walk(message, (field, part) => {
      if (part === undefined) return;
      if (field === attributeField.graph || field === attributeField.graphs) graph(part, depth + 1);
      if (field === attributeField.tensor || field === attributeField.tensors) tensor(part);
      if (field === attributeField.sparseTensor || field === attributeField.sparseTensors)
        throw badFile("sparse weights are not supported");
    });
  const node = (message: Uint8Array, depth: number) => {
    let op = "";
    let domain = "";
    const inputs: string[] = [];
    walk(message, (field, part) => {
      if (part === undefined) return;
      if (field === nodeField.input) inputs.push(textOf(part));
      if (field === nodeField.op) op = textOf(part);
      if (field === nodeField.domain) domain = textOf(part);
      if (field === nodeField.attribute) attribute(part, depth);
    });
    if (op === outsideOp) hasExternalData = true;
    if (quantisers.has(op)) for (const name of inputs.slice(1)) scales.add(name);
    nodes++;
    ops.add(domain === "" || domain === "ai.onnx" ? op : `${domain}::${op}`);
  };
  const graph = (message: Uint8Array, depth: number) => {
    if (depth > depthLimit) throw badFile("subgraphs are nested too deeply");
    walk(message, (field, part) => {
      if (part === undefined) return;
      if (field === graphField.node) node(part, depth);
      if (field === graphField.initializer) {
        tensor(part);
        initializer(part);
      }
      if (field === graphField.sparseInitializer) throw badFile("sparse weights are not supported");
    });
  };

  if (new TextDecoder("latin1").decode(bytes.subarray(ortMark.at, ortMark.at + ortMark.text.length)) === ortMark.text)
    throw badFile("it is in the runtime's own format");
  walk(bytes, (field, part) => {
    if (part === undefined) return;
    if (field === modelField.trainingInfo) throw badFile("it holds graphs for training");
    if (field === modelField.graph) graph(part, 0);
    if (field === modelField.functions) hasFunctions = true;
  });
  if (nodes === 0) throw badFile("it holds no graph");
  const parameters = [...sizes].reduce((sum, [name, size]) => (scales.has(name) ? sum : sum + size), 0);
  return { ops, hasFunctions, hasExternalData, parameters };
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Calls `visit` for each field of a protocol-buffer message. */
function walk(bytes: Uint8Array, visit: Visit): void {
  let at = 0;
  const varint = () => {
    const read = varintAt(bytes, at);
    at = read.end;
    return read.value;
  };
  while (at < bytes.length) {
    const key = varint();
    // Readers of 32 bits would take it for another field.
    if (key > maxKey) throw badFile("a field's number is too large");
    const field = Math.floor(key / 8);
    switch (key % 8) {
      case 0:
        visit(field, undefined, varint());
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const size = varint();
        if (at + size > bytes.length) throw badFile("it ends inside a field");
        visit(field, bytes.subarray(at, at + size), 0);
        at += size;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        throw badFile("it has a field of unknown type");
    }
  }
  if (at > bytes.length) throw badFile("it ends inside a field");
}

function varintAt(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let scale = 1;
  for (let at = from; at < from + 10; at++) {
    const byte = bytes[at];
    if (byte === undefined) throw badFile("it ends inside a number");
    value += (byte & 127) * scale;
    if (byte < 128) return { value, end: at + 1 };
    scale *= 128;
  }
  throw badFile("a number is too long");
}

/** Of a row of numbers that is packed into one field. */
function varintsOf(bytes: Uint8Array): number[] {
  const values: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { value, end } = varintAt(bytes, at);
    values.push(value);
    at = end;
  }
  return values;
}

function badFile(reason: string): GatewayError {
  return new GatewayError("model.bad_file", "operator", `The model file is not a usable ONNX file: ${reason}.`);
}
