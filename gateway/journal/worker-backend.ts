/** The journal's core as the main thread calls it: behind a worker, or in-process over a given file port. Messages only, no logic. */

import { randomBytes } from "node:crypto";
import { Worker } from "node:worker_threads";
import { type Fault, GatewayError } from "../../device-drivers/contract/error.ts";
import { siblingUrl } from "../runtime/spawn.ts";
import {
  type CommitReply,
  type CommitRequest,
  type DropRequest,
  type JournalCoreOptions,
  type OpenReply,
  openJournalCore,
} from "./journal-core.ts";

export type WorkerRequest =
  | { readonly id: number; readonly kind: "commit"; readonly request: CommitRequest }
  | { readonly id: number; readonly kind: "forget"; readonly lane: string }
  | { readonly id: number; readonly kind: "dropBefore"; readonly lane: string; readonly day: string }
  | { readonly id: number; readonly kind: "dropDecided"; readonly request: DropRequest }
  | { readonly id: number; readonly kind: "close" };

export type WorkerReply =
  | { readonly id: number; readonly kind: "opened"; readonly value: OpenReply }
  | { readonly id: number; readonly kind: "committed"; readonly value: CommitReply }
  | { readonly id: number; readonly kind: "dropped"; readonly bytes: number }
  | { readonly id: number; readonly kind: "done" }
  | { readonly id: number; readonly kind: "error"; readonly code: string; readonly fault: Fault; readonly message: string };

export interface JournalBackend {
  readonly opened: OpenReply;
  commit(request: CommitRequest): Promise<CommitReply>;
  dropBefore(lane: string, day: string): Promise<void>;
  dropDecided(request: DropRequest): Promise<number>;
  forget(lane: string): Promise<void>;
  close(): Promise<void>;
}

type BackendOptions = Omit<JournalCoreOptions, "randomBytes" | "files">;

export async function startWorkerBackend(options: BackendOptions): Promise<JournalBackend> {
  const worker = new Worker(siblingUrl(import.meta.url, "journal-worker"), { workerData: options });
  const waiting = new Map<number, { resolve: (reply: WorkerReply) => void; reject: (error: GatewayError) => void }>();
  let lastId = 0;
  let death: GatewayError | undefined;
  const die = (error: GatewayError) => {
    death ??= error;
    for (const { reject } of waiting.values()) reject(death);
    waiting.clear();
  };
  const expect = (id: number) =>
    new Promise<WorkerReply>((resolve, reject) => {
      if (death === undefined) waiting.set(id, { resolve, reject });
      else reject(death);
    });
  worker.on("message", (reply: WorkerReply) => {
    const entry = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.kind === "error") entry?.reject(new GatewayError(reply.code, reply.fault, reply.message));
    else entry?.resolve(reply);
  });
  worker.on("error", (error) => die(new GatewayError("journal.worker_died", "bug", "the journal's thread failed", { cause: error })));
  worker.on("exit", () => die(new GatewayError("journal.closed", "operator", "the journal is closed")));
  const ask = (request: WorkerRequest, transfer: ArrayBuffer[] = []) => {
    const answer = expect(request.id);
    worker.postMessage(request, transfer);
    return answer;
  };
  const first = await expect(0);
  if (first.kind !== "opened") throw new GatewayError("journal.worker_died", "bug", "the journal's thread did not open");
  return {
    opened: first.value,
    async commit(request) {
      const buffers = request.batches.map((batch) => batch.body.buffer);
      const reply = await ask({ id: ++lastId, kind: "commit", request }, buffers);
      if (reply.kind !== "committed") throw new GatewayError("journal.worker_died", "bug", "the journal's thread gave no outcome");
      return reply.value;
    },
    async forget(lane) {
      await ask({ id: ++lastId, kind: "forget", lane });
    },
    async dropBefore(lane, day) {
      await ask({ id: ++lastId, kind: "dropBefore", lane, day });
    },
    async dropDecided(request) {
      const reply = await ask({ id: ++lastId, kind: "dropDecided", request });
      return reply.kind === "dropped" ? reply.bytes : 0;
    },
    async close() {
      await ask({ id: ++lastId, kind: "close" });
      await worker.terminate();
    },
  };
}

/** The same core on the caller's thread; for tests with a failing disk. */
export function startLocalBackend(options: Omit<JournalCoreOptions, "randomBytes">): JournalBackend {
  const core = openJournalCore({ ...options, randomBytes });
  return {
    opened: core.opened,
    commit: (request) => core.commit(request),
    forget: async (lane) => core.forget(lane),
    dropBefore: async (lane, day) => core.dropBefore(lane, day),
    dropDecided: async (request) => core.dropDecided(request),
    close: async () => core.close(),
  };
}
