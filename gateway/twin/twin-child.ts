/**
 * The twin as a process of its own: a thin shell around startTwin. Its parent sends one message with folders, ports and tokens and gets one back with
 * the ports in use or the error; it ends when told so or when the parent is gone.
 */

import { systemClock } from "../../device-drivers/contract/clock.ts";
import { type GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import { createLog, type LogLevel } from "../ops/log.ts";
import { loadTwinEnrolment } from "./enrol.ts";
import type { TwinToken } from "./http.ts";
import { startTwin } from "./twin.ts";

/** From the parent, once. */
export interface TwinChildStart {
  readonly dir: string;
  /** Folder that `enrol` filled. */
  readonly enrolmentDir: string;
  readonly host?: string;
  readonly httpPort?: number;
  readonly mqttPort?: number;
  readonly tokens: readonly TwinToken[];
  readonly logLevel: LogLevel;
}

/** To the parent, once. */
export type TwinChildAnswer =
  | { readonly kind: "ready"; readonly ports: { readonly http: number; readonly mqtt: number } }
  | { readonly kind: "failed"; readonly code: string; readonly fault: GatewayError["kind"]; readonly message: string };

const answer = (message: TwinChildAnswer) => void process.send?.(message);

process.once("message", (start: TwinChildStart) => {
  const { dir, host, httpPort, mqttPort, tokens } = start;
  const ports = {
    ...(host === undefined ? {} : { host }),
    ...(httpPort === undefined ? {} : { httpPort }),
    ...(mqttPort === undefined ? {} : { mqttPort }),
  };
  const run = async () => {
    const log = createLog({ level: start.logLevel });
    const twin = await startTwin({ dir, ...ports, ...loadTwinEnrolment(start.enrolmentDir), tokens, clock: systemClock(), log });
    let isEnding = false;
    const end = () => {
      if (isEnding) return;
      isEnding = true;
      twin.close().finally(() => {
        if (process.connected) process.disconnect();
      });
    };
    process.once("disconnect", end);
    process.once("SIGTERM", end);
    // Ctrl-C reaches the whole group; the parent decides when its twin ends.
    process.on("SIGINT", () => undefined);
    answer({ kind: "ready", ports: twin.ports });
  };
  run().catch((thrown: unknown) => {
    const { code, kind, message } = toGatewayError(thrown, "twin.bug");
    answer({ kind: "failed", code, fault: kind, message });
    process.disconnect();
  });
});
