/** One supervisor a port: open → run → close, error or silence → a new link object after a pause. One port's trouble never reaches another or the process. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import type { GatewayStamps } from "../../device-drivers/contract/sample-block.ts";
import type { Link, LinkConnection } from "../../device-drivers/link/link.ts";
import { createBackoff, STEADY_MS } from "../runtime/backoff.ts";

export type PortState = "opening" | "running" | "silent" | "backing-off" | "failed" | "stopped";

interface PortCounters {
  opens: number;
  /** Ends without an error: the other side closed. */
  closes: number;
  errors: number;
  silences: number;
  chunks: number;
  bytes: number;
}

interface PortOptions {
  /** Id of the link, as chunks and the log name it. */
  readonly link: string;
  readonly device: string;
  /** A new object each time: a port that failed is never reopened (serialport/node-serialport#648). */
  readonly createLink: () => Link;
  /** The driver's. A port without bytes for so long is taken for unplugged: often nobody else says so. */
  readonly silenceMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly stamp: () => GatewayStamps;
  /** `room` is awaited before bytes are taken, and the port is not read meanwhile. */
  readonly sink: { room(): Promise<void>; offer(chunk: Chunk): void };
  readonly onState?: (state: PortState, error?: GatewayError) => void;
}

export interface Port {
  readonly state: PortState;
  readonly counters: Readonly<PortCounters>;
  /** @throws GatewayError `ingest.port_closed` while the port isn't open. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes the port and ends its supervisor; safe to call twice. */
  stop(): Promise<void>;
}

/** An open that takes longer has failed. */
const OPEN_LIMIT_MS = 10_000;
const CLOSE_LIMIT_MS = 2000;
/** A port that has come back is open again within 10 s. To look for it costs next to nothing, and nobody else is kept waiting: no herd needs minutes of jitter. */
const LONGEST_PAUSE_MS = 5000;

/** Starts at once and goes on until `stop`; errors of kind "operator" and "bug" end it with state "failed". */
export function startPort(options: PortOptions): Port {
  const { clock } = options;
  const backoff = createBackoff(options.random, LONGEST_PAUSE_MS);
  const counters: PortCounters = { opens: 0, closes: 0, errors: 0, silences: 0, chunks: 0, bytes: 0 };
  const stopping = new AbortController();
  let state: PortState = "opening";
  let live: LinkConnection | undefined;
  /** Ends whatever the port is waiting for. */
  let interrupt: (why: unknown) => void = () => undefined;

  const enter = (next: PortState, error?: GatewayError) => {
    state = next;
    options.onState?.(next, error);
  };
  const stopped = () => new GatewayError("ingest.port_stopped", "operator", "the port was stopped");

  /** Waits for `work`, but no longer than until `interrupt`. */
  const orInterrupt = <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      interrupt = reject;
      if (stopping.signal.aborted) reject(stopped());
      work.then(resolve, reject);
    });

  const within = async <T>(work: Promise<T>, limitMs: number, code: string): Promise<T> => {
    const cancel = clock.after(limitMs, () => interrupt(new GatewayError(code, "world", "the port did not answer in time")));
    try {
      return await orInterrupt(work);
    } finally {
      cancel();
    }
  };

  const read = async (connection: LinkConnection) => {
    let firstUs: number | undefined;
    let lastUs = clock.monotonicUs();
    /** The watch sleeps while the journal has no room and once it has spoken. */
    let isHeld = false;
    const lookMs = options.silenceMs / 4;
    let lookedUs = lastUs;
    const watch = clock.every(lookMs, () => {
      // While the machine or the loop stood still nobody listened: what came then has not been read yet.
      const nowUs = clock.monotonicUs();
      lastUs = Math.min(nowUs, lastUs + Math.max(0, nowUs - lookedUs - lookMs * 1000));
      lookedUs = nowUs;
      if (isHeld || clock.monotonicUs() - lastUs < options.silenceMs * 1000) return;
      isHeld = true;
      counters.silences++;
      enter("silent");
      interrupt(new GatewayError("ingest.port_silent", "world", "the port is open but no bytes come", { fields: { link: options.link } }));
    });
    try {
      const chunks = connection[Symbol.asyncIterator]();
      for (;;) {
        isHeld = true;
        await orInterrupt(options.sink.room());
        isHeld = false;
        const next = await orInterrupt(chunks.next());
        if (next.done === true) return;
        lastUs = clock.monotonicUs();
        firstUs ??= lastUs;
        if (lastUs - firstUs >= STEADY_MS * 1000) backoff.reset();
        counters.chunks++;
        counters.bytes += next.value.length;
        options.sink.offer({ link: options.link, device: options.device, channel: "", bytes: next.value, stamps: options.stamp() });
      }
    } finally {
      watch();
    }
  };

  const openAndRead = async () => {
    enter("opening");
    const opening = options.createLink().open(stopping.signal);
    const connection = await within(opening, OPEN_LIMIT_MS, "ingest.port_slow").catch((error) => {
      // A port that opens after all must not stay open unseen.
      opening.then((late) => late.close()).catch(() => undefined);
      throw error;
    });
    live = connection;
    counters.opens++;
    enter("running");
    try {
      await read(connection);
      counters.closes++;
    } finally {
      live = undefined;
      const closed = connection.close().catch(() => undefined);
      await new Promise<void>((resolve) => {
        const cancel = clock.after(CLOSE_LIMIT_MS, resolve);
        closed.then(() => {
          cancel();
          resolve();
        });
      });
    }
  };

  const pause = (pauseMs: number) => {
    let cancel = () => {};
    const over = new Promise<void>((resolve) => {
      cancel = clock.after(pauseMs, resolve);
    });
    return orInterrupt(over)
      .catch(() => undefined)
      .finally(cancel);
  };

  const run = async () => {
    while (!stopping.signal.aborted) {
      let failure: GatewayError | undefined;
      try {
        await openAndRead();
      } catch (thrown) {
        if (stopping.signal.aborted) break;
        failure = toGatewayError(thrown);
        if (failure.code !== "ingest.port_silent") counters.errors++;
        if (failure.kind !== "world") return enter("failed", failure);
      }
      enter("backing-off", failure);
      await pause(backoff.nextMs());
    }
    enter("stopped");
  };
  const running = run();

  return {
    get state() {
      return state;
    },
    counters,
    async write(bytes) {
      if (live === undefined)
        throw new GatewayError("ingest.port_closed", "world", "the port is not open", { fields: { link: options.link } });
      await live.write(bytes);
    },
    stop() {
      stopping.abort();
      interrupt(stopped());
      return running;
    },
  };
}
