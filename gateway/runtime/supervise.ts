/** The bulkhead: runs a part, sorts its failures by whose fault they are, and tries again where that can help. A part's error never leaves it. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { type GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import { createBackoff, STEADY_MS } from "./backoff.ts";

/** "waiting": failed and will try again; "failed": a fault that trying again can't cure; "ended": came to its end by itself. */
export type PartState = "running" | "waiting" | "failed" | "ended" | "stopped";

/** Runs until it ends, fails or `signal` aborts. */
export type Part = (signal: AbortSignal) => Promise<void>;

export interface SuperviseContext {
  readonly clock: Clock;
  /** Numbers from 0 to below 1, for the jitter. */
  readonly random: () => number;
  readonly onState?: (name: string, state: PartState, error?: GatewayError) => void;
}

interface Supervised {
  /** Aborts the part and waits for it; safe to call twice. */
  stop(): Promise<void>;
}

/** Starts `part` at once. Only "world" faults are tried again, after a growing pause that a steady minute resets. */
export function supervise(name: string, part: Part, context: SuperviseContext): Supervised {
  const { clock } = context;
  const backoff = createBackoff(context.random);
  const stopping = new AbortController();
  /** Each attempt has its own signal: what listens to it goes with the attempt. */
  let ending = new AbortController();

  const enter = (next: PartState, error?: GatewayError) => context.onState?.(name, next, error);

  const attempt = async (): Promise<GatewayError | undefined> => {
    const startUs = clock.monotonicUs();
    ending = new AbortController();
    try {
      await part(ending.signal);
      return undefined;
    } catch (thrown) {
      if (clock.monotonicUs() - startUs >= STEADY_MS * 1000) backoff.reset();
      return toGatewayError(thrown);
    }
  };

  const pause = (pauseMs: number) =>
    new Promise<void>((resolve) => {
      const over = () => {
        cancel();
        stopping.signal.removeEventListener("abort", over);
        resolve();
      };
      const cancel = clock.after(pauseMs, over);
      stopping.signal.addEventListener("abort", over);
    });

  const run = async () => {
    while (!stopping.signal.aborted) {
      enter("running");
      const error = await attempt();
      if (stopping.signal.aborted) break;
      if (error === undefined) return enter("ended");
      if (error.kind !== "world") return enter("failed", error);
      enter("waiting", error);
      await pause(backoff.nextMs());
    }
    enter("stopped");
  };
  const running = run();

  return {
    stop() {
      stopping.abort();
      ending.abort();
      return running;
    },
  };
}
