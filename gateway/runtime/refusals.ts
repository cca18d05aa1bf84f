/**
 * What was refused or failed lately, and by what: account, topic, path, address and the system's own error. For whoever looks after the home, in the log and in
 * its status; bounded both ways, because whoever is refused chooses how often. No payload and no value of a person.
 */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import { createLineLimit } from "./line-limit.ts";
import type { Log } from "./log.ts";

export interface Cause {
  /** The door or part: "mqtt", "http", "port", "channel", "bridge", "disk". */
  readonly where: string;
  /** Stable, as counted in the metrics. */
  readonly reason: string;
  readonly account?: string | undefined;
  readonly device?: string | undefined;
  readonly topic?: string | undefined;
  readonly path?: string | undefined;
  readonly address?: string | undefined;
  /** In the system's words (`systemWords`). */
  readonly error?: string | undefined;
}

export interface Refusal extends Cause {
  readonly firstUs: number;
  readonly lastUs: number;
  readonly count: number;
}

export interface Refusals {
  note(cause: Cause): void;
  /** What was thrown, with its code, the system's words and the file that they are about. */
  fault(where: Cause["where"], thrown: unknown, about?: Pick<Cause, "account" | "device" | "path">): void;
  /** The newest first. */
  recent(): readonly Refusal[];
}

/** Kept at once; the one that was quiet for longest goes. */
const maxKept = 50;
const maxTextLength = 200;
const maxDepth = 8;
/** Lines of one reason at one door. */
const linesOfReason = { depth: 5, everyUs: 60_000_000 };

interface RefusalsOptions {
  readonly clock: Pick<Clock, "monotonicUs">;
  readonly nowUs: () => number;
  readonly log: Pick<Log, "warn">;
}

export function createRefusals({ clock, nowUs, log }: RefusalsOptions): Refusals {
  const kept = new Map<string, Refusal>();
  const limit = createLineLimit(() => clock.monotonicUs() / 1000, linesOfReason);

  const tell = (cause: Cause, count: number) => {
    const notLogged = limit(`${cause.where}/${cause.reason}`);
    if (notLogged !== undefined)
      log.warn({ ...cause, count, ...(notLogged === 0 ? {} : { notLogged }) }, "something was refused or failed");
  };

  const refusals: Refusals = {
    fault(where, thrown, about) {
      const error = toGatewayError(thrown);
      const { path } = (error.cause ?? {}) as NodeJS.ErrnoException;
      refusals.note({ where, reason: error.code, path, ...about, error: systemWords(error) });
    },
    note(said) {
      const cause = cleaned(said);
      const key = JSON.stringify(cause);
      const lastUs = nowUs();
      const before = kept.get(key);
      const count = (before?.count ?? 0) + 1;
      // Set anew, so that the oldest stands first.
      kept.delete(key);
      kept.set(key, { ...cause, firstUs: before?.firstUs ?? lastUs, lastUs, count });
      const [oldest] = kept.keys();
      if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
      tell(cause, count);
    },
    recent: () => [...kept.values()].reverse(),
  };
  return refusals;
}

/** Names come from a wire: no control character reaches a terminal, and none is longer than a line. */
function cleaned(cause: Cause): Cause {
  const entries = Object.entries(cause).filter(([, text]) => text !== undefined && text !== "");
  return Object.fromEntries(entries.map(([name, text]) => [name, plain(String(text))])) as unknown as Cause;
}

function plain(text: string): string {
  const printable = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
  return printable.length <= maxTextLength ? printable : `${printable.slice(0, maxTextLength - 1)}…`;
}

/** The deepest error that the system itself gave ("EACCES: permission denied, open '/dev/ttyUSB0'"), else the words of what was thrown. */
export function systemWords(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const chain: Error[] = [thrown];
  for (let next = thrown.cause; next instanceof Error && chain.length < maxDepth; next = next.cause) chain.push(next);
  const system = chain.findLast((error) => "code" in error && typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code));
  const deepest = chain.at(-1) ?? thrown;
  // Bindings of hardware give the system's words without its code.
  if (system === undefined) return deepest === thrown ? thrown.message : `${thrown.message}: ${deepest.message}`;
  const { code } = system as NodeJS.ErrnoException;
  return system.message.includes(code ?? "") ? system.message : `${code}: ${system.message}`;
}
