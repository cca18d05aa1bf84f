/** What an HTTP port of the house has refused and holds at this moment. Plain numbers by reason; never by person or address. */

import { doorRefusals } from "../runtime/door.ts";
import { createMetrics } from "../runtime/metrics.ts";

/**
 * `body`: larger than its route takes. `requests`: too many of one token at a time. `readers`: too many live streams. `reader_gave_way`: a live stream
 * ended for a newer one. `uploads`: too many at a time. `slow`: request, body or answer took too long. `malformed`: no HTTP, or a header that is too large.
 * The others are the door's.
 */
const reasons = ["body", "requests", "readers", "reader_gave_way", "uploads", "slow", "malformed", ...doorRefusals] as const;
type HttpRefusal = (typeof reasons)[number];

export interface HttpCounters {
  refuse(reason: HttpRefusal): void;
  readonly refused: Readonly<Record<HttpRefusal, number>>;
  /** Live streams that are read now. */
  liveReaders: number;
  /** Samples that slow readers of live streams lost. */
  liveDropped: number;
  /** Prometheus text. */
  text(): string;
}

export function createHttpCounters(): HttpCounters {
  const refused = Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<HttpRefusal, number>;
  const metrics = createMetrics();
  const refusals = metrics.gauge("hearth_http_refused_total", "Requests and connections refused or ended, by reason");
  const readers = metrics.gauge("hearth_http_live_readers", "Live streams that are read now");
  const dropped = metrics.gauge("hearth_http_live_dropped_total", "Messages with samples that slow readers of live streams lost");
  const counters: HttpCounters = {
    refuse: (reason) => void refused[reason]++,
    refused,
    liveReaders: 0,
    liveDropped: 0,
    text: () => metrics.text(),
  };
  metrics.onCollect(() => {
    for (const [reason, count] of Object.entries(refused)) refusals.set(count, { reason });
    readers.set(counters.liveReaders);
    dropped.set(counters.liveDropped);
  });
  return counters;
}
