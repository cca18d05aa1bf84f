/**
 * The twin as a process of its own: a thin shell around startTwin. Its parent sends one message with folders, ports and tokens and gets one back with
 * the ports in use or the error; it ends when the parent lets go or is gone.
 */

import { once } from "node:events";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { type GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import { createLog, type LogLevel, outliveTerminal } from "../runtime/log.ts";
import { trimMemorySoon } from "../runtime/trim-memory.ts";
import { loadTwinEnrolment } from "./enrol.ts";
import type { NamePair } from "./home-names.ts";
import type { TwinToken } from "./http-options.ts";
import type { Keeping } from "./retention.ts";
import { ownDecoders, startTwin } from "./twin.ts";

/** From the parent, once. */
export interface TwinChildStart {
  readonly dir: string;
  readonly database?: string;
  /** Folder that `enrol` filled. */
  readonly enrolmentDir: string;
  readonly host?: string;
  readonly httpPort?: number;
  readonly mqttPort?: number;
  readonly tokens: readonly TwinToken[];
  /** What the home calls its people; they are kept in memory alone. */
  readonly names: readonly NamePair[];
  readonly keeping?: Keeping;
  readonly silentAfterS?: number;
  readonly logLevel: LogLevel;
}

/** From the parent, whenever they have changed. */
export type TwinTold = Pick<TwinChildStart, "tokens" | "names">;

/** To the parent, once. */
export type TwinChildAnswer =
  | { readonly kind: "ready"; readonly ports: { readonly http: number; readonly mqtt: number } }
  | { readonly kind: "failed"; readonly code: string; readonly fault: GatewayError["kind"]; readonly message: string };

/** A parent that is gone no longer reads. */
const answer = (message: TwinChildAnswer) => void process.send?.(message, () => {});

// From the first moment: a parent may be gone before its twin stands.
const letGo = once(process, "disconnect");
// Ctrl-C, a closed terminal and a service's stop go to the whole group; the parent decides when its twin ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
outliveTerminal();

process.once("message", (start: TwinChildStart) => {
  const { dir, database, host, httpPort, mqttPort, tokens, names } = start;
  let newest: TwinTold = { tokens, names };
  let take = (_told: TwinTold) => {};
  process.on("message", (message: TwinTold) => {
    newest = message;
    take(newest);
  });
  const place = { dir, ...(database === undefined ? {} : { database }) };
  const keeping = start.keeping === undefined ? {} : { keeping: start.keeping };
  const silence = start.silentAfterS === undefined ? {} : { silentAfterS: start.silentAfterS };
  const ports = {
    ...(host === undefined ? {} : { host }),
    ...(httpPort === undefined ? {} : { httpPort }),
    ...(mqttPort === undefined ? {} : { mqttPort }),
  };
  const run = async () => {
    const log = createLog({ level: start.logLevel });
    const twin = await startTwin({
      ...place,
      ...ports,
      ...keeping,
      ...silence,
      ...loadTwinEnrolment(start.enrolmentDir),
      tokens,
      decoders: ownDecoders,
      clock: systemClock(),
      log,
    });
    void letGo.then(twin.close);
    take = (told) => {
      // New tokens end the live streams of the others.
      if (JSON.stringify(told.tokens) !== JSON.stringify(given)) twin.setTokens(told.tokens);
      given = told.tokens;
      twin.setNames(told.names);
    };
    let given = tokens;
    take(newest);
    answer({ kind: "ready", ports: twin.ports });
    trimMemorySoon();
  };
  run().catch((thrown: unknown) => {
    const { code, kind, message } = toGatewayError(thrown, "twin.bug");
    answer({ kind: "failed", code, fault: kind, message });
    if (process.connected) process.disconnect();
  });
});
