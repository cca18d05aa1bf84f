/** The log: NDJSON lines with constant sentences and fields. Whatever belongs to a person goes under the key `patient` and is never written out. */

import pino from "pino";
import { createLineLimit, type LineLimit } from "./line-limit.ts";
import { createLineWriter } from "./line-writer.ts";

export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/** What parts get: fields first, then a constant sentence. A child carries its fields on every line. */
export interface Log {
  error(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  info(fields: object, sentence: string): void;
  debug(fields: object, sentence: string): void;
  child(fields: Record<string, unknown>): Log;
  /** Lines that could not be written; not on a child. */
  readonly lostCount?: number;
}

/** Where values of a person may stand in a log line; pino redacts by path, so one key at the three depths we use. */
const patientPaths = ["patient", "*.patient", "*.*.patient"];

const infoLevel = pino.levels.values.info ?? 30;

/**
 * A log that writes to `write` (default: standard error, so that standard output stays free for `--json`). A standard error that is full or
 * gone never ends the gateway: lines are lost and counted, and the log says so once it can be written again. Nor does a sentence that is said without
 * end fill a disk.
 * @param options.level lines below it are not written
 * @param options.limit of each sentence from `info` on
 */
export function createLog(options: { level: LogLevel; write?: (line: string) => void; limit?: LineLimit }): Log {
  const { limit = createLineLimit(() => performance.now()) } = options;
  const standardError = createLineWriter(2);
  let toldCount = 0;
  const write = (line: string) => {
    if (!standardError.write(line) || standardError.lostCount === toldCount) return;
    const lines = standardError.lostCount - toldCount;
    toldCount = standardError.lostCount;
    log.warn({ lines }, "lines of this log could not be written and are lost");
  };
  const log = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod([fields, sentence, ...more]: unknown[], method, level) {
          const silentCount = level < infoLevel ? 0 : limit(String(sentence));
          if (silentCount === undefined) return;
          const told = silentCount === 0 ? fields : { ...(fields as object), notLogged: silentCount };
          method.apply(this, [told, sentence, ...more] as Parameters<typeof method>);
        },
      },
      redact: { paths: patientPaths, censor: "[not logged]" },
    },
    { write: options.write ?? write },
  );
  return Object.defineProperty(log as Log, "lostCount", { get: () => standardError.lostCount });
}

/** What else a process prints may go to a terminal that is closed or a disk that is full; that ends nothing either. */
export function outliveTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}
