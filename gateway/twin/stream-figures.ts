/** How the twin keeps up: what waits, for how long, and how many messages a second all workers together have settled in the last minute. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { TrafficClass } from "../../device-drivers/contract/event.ts";
import type { Log } from "../runtime/log.ts";
import type { Ingest, IngestFigures } from "./ingest/port.ts";

export interface StreamFigures {
  /** Undefined where the way in keeps nothing, or could not be asked yet. */
  read(): { readonly figures: IngestFigures; readonly settledPerS: number | undefined } | undefined;
  /** Prometheus: messages that wait, by class. */
  waiting(): readonly { readonly class: TrafficClass; readonly count: number }[];
  close(): void;
}

const lookMs = 10_000;
/** A minute, with its begin. */
const looks = 7;

export function watchStream(
  ingest: Pick<Ingest, "figures">,
  clock: Pick<Clock, "monotonicUs" | "every">,
  log: Pick<Log, "warn">,
): StreamFigures {
  const seen: { readonly atUs: number; readonly figures: IngestFigures }[] = [];
  const look = async () => {
    const figures = await ingest.figures?.();
    if (figures === undefined) return;
    // A stream that was made anew counts from nothing.
    if (figures.settledTotal < (seen.at(-1)?.figures.settledTotal ?? 0)) seen.length = 0;
    seen.push({ atUs: clock.monotonicUs(), figures });
    if (seen.length > looks) seen.shift();
  };
  const begin = () => void look().catch((error: unknown) => log.warn({ why: String(error) }, "the stream does not say what waits in it"));
  begin();
  const close = ingest.figures === undefined ? () => {} : clock.every(lookMs, begin);
  return {
    read() {
      const [first, last] = [seen[0], seen.at(-1)];
      if (first === undefined || last === undefined) return undefined;
      const seconds = (last.atUs - first.atUs) / 1e6;
      const settled = last.figures.settledTotal - first.figures.settledTotal;
      return { figures: last.figures, settledPerS: seconds > 0 ? settled / seconds : undefined };
    },
    waiting: () =>
      (seen.at(-1)?.figures.classes ?? []).map(({ class: name, waiting, unsettled }) => ({ class: name, count: waiting + unsettled })),
    close,
  };
}
