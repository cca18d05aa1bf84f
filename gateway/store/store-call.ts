/** A call of the store's core as a message and back, on a worker thread or in-process. Messages only, no logic. */

import { Worker } from "node:worker_threads";
import { type Fault, GatewayError } from "../../device-drivers/contract/error.ts";
import { siblingUrl } from "../runtime/spawn.ts";
import { toStoreError } from "./database.ts";
import { openStoreCore, type StoreCore, type StoreCoreOptions, type StoreOpened } from "./store-core.ts";
import type { StoreFigures } from "./store-port.ts";

type Calls = StoreCore["calls"];
export type Method = keyof Calls;

export interface StoreRequest {
  readonly id: number;
  readonly method: Method;
  readonly args: readonly unknown[];
}

interface WireError {
  readonly code: string;
  readonly fault: Fault;
  readonly message: string;
}

export interface StoreReply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: WireError;
  readonly settled: readonly { readonly id: number; readonly error?: WireError }[];
  readonly figures: StoreFigures;
  /** Commits and deletions that wait for a later group. */
  readonly waitingCount: number;
}

export interface StoreBackend {
  readonly opened: StoreOpened;
  /** Sends a call; `reply` comes once for each, in order. */
  send(request: StoreRequest): void;
  listen(onReply: (reply: StoreReply) => void, onDeath: (error: GatewayError) => void): void;
  end(): Promise<void>;
}

export function toWire(thrown: unknown): WireError {
  const { code, kind, message } = toStoreError(thrown);
  return { code, fault: kind, message };
}

export function fromWire({ code, fault, message }: WireError): GatewayError {
  return new GatewayError(code, fault, message);
}

export function answer(core: StoreCore, { id, method, args }: StoreRequest): StoreReply {
  let outcome: { value?: unknown; error?: WireError };
  try {
    outcome = { value: (core.calls[method] as (...values: readonly unknown[]) => unknown)(...args) };
  } catch (error) {
    outcome = { error: toWire(error) };
  }
  const settled = core
    .takeSettled()
    .map((entry) => (entry.error === undefined ? { id: entry.id } : { id: entry.id, error: toWire(entry.error) }));
  return { id, ...outcome, settled, figures: core.figures(), waitingCount: core.waitingCount() };
}

export async function startStoreWorker(options: Omit<StoreCoreOptions, "epochBytes">): Promise<StoreBackend> {
  const worker = new Worker(siblingUrl(import.meta.url, "store-worker"), { workerData: options });
  const opened = await new Promise<StoreOpened>((resolve, reject) => {
    worker.once("message", (first: { value: StoreOpened; error?: WireError }) =>
      first.error === undefined ? resolve(first.value) : reject(fromWire(first.error)),
    );
    worker.once("error", (cause) => reject(new GatewayError("store.worker_died", "bug", "the store's thread did not start", { cause })));
  });
  return {
    opened,
    send: (request) => worker.postMessage(request),
    listen(onReply, onDeath) {
      worker.on("message", onReply);
      worker.on("error", (cause) => onDeath(new GatewayError("store.worker_died", "bug", "the store's thread failed", { cause })));
      worker.on("exit", () => onDeath(new GatewayError("store.closed", "operator", "the store is closed")));
    },
    end: async () => void (await worker.terminate()),
  };
}

/** The same core on the caller's thread; replies come in a later microtask, as from a worker. */
export function startStoreLocal(options: StoreCoreOptions): StoreBackend {
  const core = openStoreCore(options);
  let onReply: (reply: StoreReply) => void = () => {};
  return {
    opened: core.opened,
    send(request) {
      const reply = answer(core, request);
      queueMicrotask(() => onReply(reply));
    },
    listen(listener) {
      onReply = listener;
    },
    end: async () => {},
  };
}
