/** What becomes of a part of the analysis that throws: each fault is counted, the log has it at most once a minute, and a part that goes on failing leaves its rules blind. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { GatewayError } from "../../device-drivers/contract/error.ts";
import type { AlertCause } from "../../device-drivers/contract/event.ts";
import { blindWithout } from "../rules/index.ts";
import type { Log } from "../runtime/log.ts";

export interface AnalysisFaults {
  /** True where the error was a part's (`analysis.fault`), and is told here. */
  note(error: GatewayError): boolean;
  /** Which parts fail now and which rules are blind with them, for `analysis.off`; undefined while all goes well. */
  cause(): AlertCause | undefined;
  counts(): Readonly<Record<string, number>>;
}

/** So long after its newest fault a part still counts as failing. */
const failingUs = 300_000_000;
const logEveryUs = 60_000_000;
/** One window that a model could not read is one unknown beat; a rule or a stage loses what it had seen. */
const enough = (part: string) => (part.startsWith("model/") ? 3 : 1);

interface Part {
  count: number;
  /** Monotonic, newest last, at most three. */
  timesUs: number[];
  loggedUs: number;
}

export function createAnalysisFaults({
  clock,
  log,
}: {
  readonly clock: Pick<Clock, "monotonicUs">;
  readonly log: Pick<Log, "error">;
}): AnalysisFaults {
  const parts = new Map<string, Part>();
  return {
    note(error) {
      const { part: name } = error.fields;
      if (error.code !== "analysis.fault" || typeof name !== "string") return false;
      const nowUs = clock.monotonicUs();
      const part = parts.get(name) ?? { count: 0, timesUs: [], loggedUs: Number.NEGATIVE_INFINITY };
      parts.set(name, part);
      part.count++;
      part.timesUs = [...part.timesUs, nowUs].slice(-3);
      if (nowUs - part.loggedUs < logEveryUs) return true;
      part.loggedUs = nowUs;
      log.error({ part: name, count: part.count, err: error.cause }, "a part of the analysis failed; what it would have given is unknown");
      return true;
    },
    cause() {
      const sinceUs = clock.monotonicUs() - failingUs;
      const failing = [...parts].flatMap(([name, { timesUs }]) =>
        timesUs.filter((us) => us >= sinceUs).length >= enough(name) ? [name] : [],
      );
      if (failing.length === 0) return undefined;
      return { code: "analysis.fault", field: failing.join(", "), needs: [...new Set(failing.flatMap(blindWithout))].join(", ") };
    },
    counts: () => Object.fromEntries([...parts].map(([name, { count }]) => [name, count])),
  };
}
