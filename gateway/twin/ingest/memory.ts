/**
 * A way in that is memory alone: what an engine between gateways and workers promises, for tests. Each message goes to one worker, and to another one
 * when that worker rejects it or is gone before it has settled it.
 */

import type { Ingest, IngestHandlers, UpMessage } from "./port.ts";

export interface MemoryIngest {
  /** A worker takes part until its `close`. */
  open(handlers: IngestHandlers): Promise<Ingest>;
  /** A gateway sends; the message is kept until a worker has settled it. */
  send(message: UpMessage): void;
  /** A gateway reports to any one of the workers. */
  report(gateway: string, bytes: Uint8Array): Promise<void>;
  setConnected(gateway: string, isConnected: boolean): void;
  /** A worker's handlers are no longer heard, as if its process had been killed; what it had not settled is given to the others. */
  kill(worker: Ingest): void;
  /** Resolves when no message is unsettled. */
  settled(): Promise<void>;
  readonly acknowledged: { readonly gateway: string; readonly bytes: Uint8Array }[];
  /** The newest wish for each gateway. */
  readonly desired: ReadonlyMap<string, string>;
  /** What reached gateways of acts. */
  readonly acts: readonly { readonly gateway: string; readonly text: string }[];
  /** Most messages that were with the workers at a time. */
  readonly mostUnsettled: number;
}

interface Worker {
  readonly handlers: IngestHandlers;
  readonly has: Set<UpMessage>;
  isPaused: boolean;
}

/** @param window how many unsettled messages a worker is given at a time */
export function createMemoryIngest(window = 16): MemoryIngest {
  const queue: UpMessage[] = [];
  const workers = new Map<Ingest, Worker>();
  const connected = new Set<string>();
  const acknowledged: { gateway: string; bytes: Uint8Array }[] = [];
  const desired = new Map<string, string>();
  const acts: { gateway: string; text: string }[] = [];
  let mostUnsettled = 0;
  let onSettled: (() => void)[] = [];

  const give = () => {
    for (;;) {
      const [ingest, free] = [...workers].find(([, { has, isPaused }]) => !isPaused && has.size < window) ?? [];
      const message = free === undefined ? undefined : queue.shift();
      if (ingest === undefined || free === undefined || message === undefined) break;
      // In turn.
      workers.delete(ingest);
      workers.set(ingest, free);
      free.has.add(message);
      free.handlers.receive(message).then(
        () => end(free, message, true),
        () => end(free, message, false),
      );
    }
    const unsettled = [...workers.values()].reduce((sum, { has }) => sum + has.size, 0);
    mostUnsettled = Math.max(mostUnsettled, unsettled);
    if (queue.length + unsettled > 0) return;
    for (const resolve of onSettled) resolve();
    onSettled = [];
  };
  const end = (worker: Worker, message: UpMessage, isSettled: boolean) => {
    if (!worker.has.delete(message)) return;
    if (!isSettled) queue.push(message);
    give();
  };
  const leave = (ingest: Ingest) => {
    const worker = workers.get(ingest);
    if (worker === undefined) return;
    workers.delete(ingest);
    queue.unshift(...worker.has);
    worker.has.clear();
    give();
  };

  return {
    async open(handlers) {
      const worker: Worker = { handlers, has: new Set(), isPaused: false };
      const ingest: Ingest = {
        async acknowledge(gateway, bytes) {
          if (workers.has(ingest)) acknowledged.push({ gateway, bytes });
        },
        async publishDesired(gateway, text) {
          desired.set(gateway, text);
        },
        async sendAct(gateway, text) {
          if (connected.has(gateway)) acts.push({ gateway, text });
        },
        isConnected: async (gateway) => connected.has(gateway),
        async pause() {
          worker.isPaused = true;
        },
        close: async () => leave(ingest),
      };
      workers.set(ingest, worker);
      give();
      return ingest;
    },
    send(message) {
      queue.push(message);
      give();
    },
    async report(gateway, bytes) {
      await [...workers.values()][0]?.handlers.report(gateway, bytes);
    },
    setConnected: (gateway, isConnected) => void (isConnected ? connected.add(gateway) : connected.delete(gateway)),
    kill: leave,
    settled: () =>
      new Promise((resolve) => {
        onSettled.push(resolve);
        give();
      }),
    acknowledged,
    desired,
    acts,
    get mostUnsettled() {
      return mostUnsettled;
    },
  };
}
