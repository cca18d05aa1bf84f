/** What host and child say to each other over the IPC channel (`serialization: "advanced"`). Shapes only; never a decision. */

import type { Tensor } from "../../models/model-spec.ts";

export interface WireModel {
  readonly model: string;
  /** The checked bytes of the ONNX file; the child never opens a file. */
  readonly bytes: Uint8Array;
}

export interface WireCall {
  readonly serial: number;
  readonly model: string;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** Calls of one turn of the event loop travel together; each answer comes alone, so that the first unanswered call is the one being computed. */
export type ToChild =
  | { readonly kind: "load"; readonly models: readonly WireModel[] }
  | { readonly kind: "run"; readonly calls: readonly WireCall[] };

export type ToHost =
  /** Said before each model, so that a death tells which one it was. */
  | { readonly kind: "loading"; readonly model: string }
  | { readonly kind: "ready"; readonly refused: Readonly<Record<string, string>> }
  | { readonly kind: "answer"; readonly serial: number; readonly outputs: Readonly<Record<string, Float32Array>>; readonly tookUs: number }
  /** The runtime threw (wrong name, wrong shape); the child lives on. */
  | { readonly kind: "failed"; readonly serial: number; readonly reason: string };
