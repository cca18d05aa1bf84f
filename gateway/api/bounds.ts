/** What the accounts of one HTTP port may hold at a time: requests and live streams. Each port has its own. */

import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { createHttpCounters, type HttpCounters } from "./http-counters.ts";
import { createLiveReaders, readerLimits } from "./live-readers.ts";
import { httpError } from "./problem.ts";

export const requestLimits = {
  /** At a time. A page asks some ten when it opens. */
  maxPerAccount: 32,
} as const;

export interface HttpBounds {
  readonly counters: HttpCounters;
  /** Counts a request from here to the last byte that the other side takes of its answer. Throws `http.too_many_requests`. */
  readonly requests: (accountOf: (c: Context) => string) => MiddlewareHandler;
  /** A place for a live stream, as `LiveReaders.take`. */
  takeReader(account: string, end: () => void): (() => void) | undefined;
}

/** `nowMs`: a clock that never goes back. */
export function createHttpBounds(nowMs: () => number = () => performance.now()): HttpBounds {
  const counters = createHttpCounters();
  const readers = createLiveReaders(readerLimits, nowMs, () => counters.refuse("reader_gave_way"));
  const running = new Map<string, number>();
  return {
    counters,
    requests: (accountOf) => async (c, next) => {
      const account = accountOf(c);
      const count = running.get(account) ?? 0;
      if (count >= requestLimits.maxPerAccount) {
        counters.refuse("requests");
        throw httpError("http.too_many_requests", `This token has ${requestLimits.maxPerAccount} requests running; wait for one.`);
      }
      running.set(account, count + 1);
      const leave = () => {
        const left = (running.get(account) ?? 1) - 1;
        if (left > 0) running.set(account, left);
        else running.delete(account);
      };
      const outgoing = (c.env as Partial<HttpBindings> | undefined)?.outgoing;
      outgoing?.once("close", leave);
      try {
        await next();
      } finally {
        if (outgoing === undefined) leave();
      }
    },
    takeReader(account, end) {
      const leave = readers.take(account, end);
      if (leave === undefined) counters.refuse("readers");
      counters.liveReaders = readers.count;
      return (
        leave &&
        (() => {
          leave();
          counters.liveReaders = readers.count;
        })
      );
    },
  };
}
