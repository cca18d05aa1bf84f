/** Holds the live stream open and says honestly when it is not. */

import { open, RequestFailed } from "./client.ts";
import { createSseParser } from "./sse-parser.ts";

export type Connection = { readonly kind: "connecting" } | { readonly kind: "live" } | { readonly kind: "lost"; readonly sinceMs: number };

interface LiveHandlers {
  /** Below /api/v1; the home's own stream unless told. */
  readonly path?: string;
  onEvent(event: string, data: unknown): void;
  onConnection(connection: Connection): void;
  /** The token is no longer accepted. */
  onRefused(): void;
}

/** All but what models say of single windows. */
const events = "samples,quality,beat,event,alert,device,status,pose";
/** The gateway pings every 10 s; two missed pings are a dead line. */
const silenceMs = 22_000;
const retryMs = [500, 1000, 2000, 4000, 8000];

/** Connects, and again after every break with growing pauses; returns its end. */
export function keepLive(handlers: LiveHandlers): () => void {
  const over = new AbortController();
  void run(handlers, over.signal);
  return () => over.abort();
}

async function run(handlers: LiveHandlers, over: AbortSignal): Promise<void> {
  let lastHeardMs = Date.now();
  for (let attempt = 0; !over.aborted; attempt += 1) {
    try {
      await readStream(handlers.path ?? `/live?events=${events}`, over, (event, data) => {
        attempt = 0;
        lastHeardMs = Date.now();
        if (event === "hello") handlers.onConnection({ kind: "live" });
        else if (event !== "ping") handlers.onEvent(event, data);
      });
    } catch (error) {
      if (error instanceof RequestFailed && (error.status === 401 || error.status === 403)) return handlers.onRefused();
    }
    if (over.aborted) return;
    handlers.onConnection({ kind: "lost", sinceMs: lastHeardMs });
    await new Promise((resolve) => setTimeout(resolve, retryMs[Math.min(attempt, retryMs.length - 1)]));
  }
}

async function readStream(path: string, over: AbortSignal, onEvent: (event: string, data: unknown) => void): Promise<void> {
  const one = new AbortController();
  const stop = () => one.abort();
  over.addEventListener("abort", stop);
  let watchdog = setTimeout(stop, silenceMs);
  try {
    const response = await open(path, { signal: one.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const parse = createSseParser();
    for (let chunk = await reader?.read(); chunk !== undefined && !chunk.done; chunk = await reader?.read()) {
      clearTimeout(watchdog);
      watchdog = setTimeout(stop, silenceMs);
      for (const { event, data } of parse(chunk.value)) onEvent(event, JSON.parse(data));
    }
  } finally {
    clearTimeout(watchdog);
    over.removeEventListener("abort", stop);
  }
}
