/**
 * Tells systemd how a service of ours is (sd_notify(3)): ready, still turning, stopping. Its socket is a Unix datagram one, which Node has none of, so each
 * word is said by systemd's own `systemd-notify`; the unit has to allow that (`NotifyAccess=all`). Outside of such a unit nothing is done.
 */

import { execFile } from "node:child_process";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Log } from "./log.ts";

interface ServiceNotice {
  /** The service does its work from now on; while its main thread turns the watchdog hears of it. */
  ready(): void;
  /** Resolves when systemd knows that it stops, or can't be told. */
  stopping(): Promise<void>;
}

interface NoticeOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
}

/** A word that has not been taken by then counts as not said. */
const sayLimitMs = 10_000;

export function createServiceNotice({ env, clock, log }: NoticeOptions): ServiceNotice {
  if ((env.NOTIFY_SOCKET ?? "") === "") return { ready() {}, stopping: async () => {} };
  let hasFailed = false;
  let saying: Promise<void> | undefined;
  let cancel = () => {};
  const say = (...words: string[]) =>
    new Promise<void>((resolve) => {
      execFile("systemd-notify", words, { timeout: sayLimitMs }, (error) => {
        if (error !== null && !hasFailed)
          log.warn({ why: error.message }, "systemd can't be told how the service is; its watchdog will end it");
        hasFailed = error !== null;
        resolve();
      });
    });
  return {
    ready() {
      saying = say("--ready", "STATUS=Hearth runs.");
      const watchdogUs = Number(env.WATCHDOG_USEC);
      if (!(watchdogUs > 0)) return;
      // A third, so that one word may get lost.
      cancel = clock.every(Math.max(1000, Math.floor(watchdogUs / 3000)), () => {
        saying = Promise.resolve(saying).then(() => say("WATCHDOG=1"));
      });
    },
    async stopping() {
      cancel();
      await saying;
      await say("STOPPING=1");
    },
  };
}
