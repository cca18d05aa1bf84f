/** The log: NDJSON lines with constant sentences and fields. Whatever belongs to a person goes under the key `patient` and is never written out. */

import pino from "pino";

export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/** What parts get: fields first, then a constant sentence. A child carries its fields on every line. */
export interface Log {
  error(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  info(fields: object, sentence: string): void;
  debug(fields: object, sentence: string): void;
  child(fields: Record<string, unknown>): Log;
}

/** Where values of a person may stand in a log line; pino redacts by path, so one key at the three depths we use. */
const patientPaths = ["patient", "*.patient", "*.*.patient"];

/**
 * A log that writes to `write` (default: standard error, so that standard output stays free for `--json`).
 * @param options.level lines below it are not written
 */
export function createLog(options: { level: LogLevel; write?: (line: string) => void }): Log {
  const destination = options.write === undefined ? pino.destination({ fd: 2, sync: true }) : { write: options.write };
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: patientPaths, censor: "[not logged]" },
    },
    destination,
  );
}
