/** Keeps the embedded twin running as a process of its own, and ends it after the gateway. */

import { fork } from "node:child_process";
import { GatewayError } from "../device-drivers/contract/error.ts";
import type { LogLevel } from "./ops/log.ts";
import { siblingUrl } from "./ops/spawn.ts";
import { type SuperviseContext, supervise } from "./supervisor.ts";
import type { TwinChildAnswer, TwinChildStart } from "./twin/twin-child.ts";

export interface TwinProcess {
  readonly ports: { readonly http: number; readonly mqtt: number };
  close(): Promise<void>;
}

interface OneTwin extends TwinProcess {
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
}

export interface TwinProcessOptions {
  readonly dir: string;
  readonly enrolmentDir: string;
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly tokens: TwinChildStart["tokens"];
  readonly logLevel: LogLevel;
}

/** Starts the twin, and starts it again on the same ports when it ends by itself. Rejects with the twin's own error (`twin.port_busy` …) at the first start. */
export async function keepTwin(options: TwinProcessOptions, context: SuperviseContext): Promise<TwinProcess> {
  let current = await startTwin(options);
  const { ports } = current;
  let isGone = false;
  const kept = supervise(
    "twin",
    async (signal) => {
      if (isGone) current = await startTwin({ ...options, httpPort: ports.http, mqttPort: ports.mqtt }).catch(notBack);
      const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      await Promise.race([current.ended, aborted]);
      if (signal.aborted) return;
      isGone = true;
      throw new GatewayError("twin.ended", "world", "The twin has ended by itself.");
    },
    context,
  );
  return {
    ports,
    async close() {
      await kept.stop();
      await current.close();
    },
  };
}

/** Whatever kept it from coming back may pass: it is tried again. */
function notBack(cause: unknown): never {
  throw new GatewayError("twin.not_started", "world", "The twin could not be started again.", { cause });
}

function startTwin(start: TwinProcessOptions): Promise<OneTwin> {
  const child = fork(siblingUrl(import.meta.url, "twin/twin-child"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return new Promise((resolve, reject) => {
    const failed = (cause?: unknown) => reject(new GatewayError("twin.not_started", "world", "The twin could not be started.", { cause }));
    child.once("error", failed);
    child.once("exit", () => failed());
    child.once("message", (answer: TwinChildAnswer) => {
      if (answer.kind === "failed") {
        reject(new GatewayError(answer.code, answer.fault, answer.message));
        return;
      }
      const close = async () => {
        if (child.connected) child.disconnect();
        await ended;
      };
      resolve({ ports: answer.ports, ended, close });
    });
    child.send(start satisfies TwinChildStart);
  });
}
