/**
 * What people do at the twin with a home's alerts: signed, stored and sent to the home, which decides it and answers. The twin never changes an alert by
 * itself, so that "open" means one thing on both sides.
 */

import { type KeyObject, randomBytes } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import type { Log } from "../runtime/log.ts";
import { type Act, signAct } from "../semantic/act.ts";
import type { Ingest } from "./ingest/port.ts";
import type { StoredAct, TwinStore } from "./store/port.ts";

interface ActsOptions {
  readonly store: Pick<TwinStore, "alert" | "putAct" | "act" | "waitingActs">;
  readonly ingest: Pick<Ingest, "sendAct" | "isConnected">;
  /** The twin's Ed25519 key. */
  readonly privateKey: KeyObject;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Acts {
  /**
   * Resolves as soon as the home has answered, or without its answer after `answerMs`. Throws `alert.unknown`, `act.too_many_waiting` (operator), and
   * the code with which the home refuses it.
   */
  put(gateway: string, act: Omit<Act, "id" | "atUs">): Promise<StoredAct>;
  /** Resolves when nothing is asked of the store any more. */
  close(): Promise<void>;
}

/** How long whoever presses waits for the home's word. */
const answerMs = 5000;
const pollMs = 100;
const againMs = 2000;
/** So long it is sent again: after it the home takes it no more. */
const validUs = 600_000_000;

export function createActs({ store, ingest, privateKey, clock, log }: ActsOptions): Acts {
  let sending: Promise<void> | undefined;

  const sendWaiting = async () => {
    for (const { gateway, text } of await store.waitingActs(clock.wallUs() - validUs))
      if (await ingest.isConnected(gateway)) await ingest.sendAct(gateway, text);
  };
  const cancel = clock.every(againMs, () => {
    sending ??= sendWaiting()
      .catch((thrown: unknown) => log.debug({ code: toGatewayError(thrown).code }, "acts could not be sent again; they are tried later"))
      .finally(() => {
        sending = undefined;
      });
  });

  const answered = async (act: StoredAct): Promise<StoredAct> => {
    const endUs = clock.monotonicUs() + answerMs * 1000;
    for (;;) {
      const now = (await store.act(act.gateway, act.id)) ?? act;
      if (now.outcome !== undefined || clock.monotonicUs() >= endUs) return now;
      await new Promise<void>((resolve) => clock.after(pollMs, resolve));
    }
  };

  return {
    async put(gateway, given) {
      const alert = await store.alert(gateway, given.alert);
      if (alert === undefined) throw new GatewayError("alert.unknown", "operator", "There is no alert with this id.");
      const act: Act = { ...given, id: randomBytes(16).toString("hex"), atUs: Math.round(clock.wallUs()) };
      const { id, atUs } = act;
      const stored = { gateway, id, person: alert.person, alert: alert.id, text: signAct(gateway, act, privateKey), atUs };
      if (!(await store.putAct(stored)))
        throw new GatewayError(
          "act.too_many_waiting",
          "operator",
          "This home has not answered what was done before; wait until it is back.",
        );
      // What does not arrive now is sent again.
      await ingest.sendAct(gateway, stored.text).catch(() => {});
      const now = await answered(stored);
      if (now.outcome !== undefined && now.outcome !== "done" && now.outcome !== "already") throw refusal(now.outcome);
      return now;
    },
    async close() {
      cancel();
      await sending;
    },
  };
}

const reasons: Readonly<Record<string, string>> = {
  "act.not_now": "The home did not take it: it came more than 10 minutes late, or the clocks of home and twin differ by as much.",
  "alert.unknown": "The home has no such alert any more.",
};

function refusal(code: string): GatewayError {
  return new GatewayError(code, "operator", reasons[code] ?? `The home did not take it (${code}).`);
}
