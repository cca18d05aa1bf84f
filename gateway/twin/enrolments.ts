/** Gateways that come with a claim: who may enrol, under which key, and how often. A claim that is wrong, used or too old changes nothing. */

import type { KeyObject } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Log } from "../runtime/log.ts";
import { type JoinBody, keyOfJoin, signJoined } from "./claim.ts";
import type { TwinStore } from "./store/port.ts";

interface EnrolmentsOptions {
  readonly store: Pick<TwinStore, "claim" | "useClaim" | "account">;
  /** The twin's own. */
  readonly privateKey: KeyObject;
  readonly clock: Pick<Clock, "wallUs">;
  readonly log: Pick<Log, "info" | "warn">;
  /** Where the broker decides with which password a gateway comes: a new one for this key. */
  readonly passwordFor?: (gateway: string, publicKey: KeyObject) => string;
  readonly onRefused: () => void;
}

export interface Enrolments {
  /** @throws GatewayError `enrol.wrong_claim`, `enrol.expired`, `enrol.used` (operator), `twin.*` */
  join(body: JoinBody): Promise<ReturnType<typeof signJoined>>;
}

export function createEnrolments({ store, privateKey, clock, log, passwordFor, onRefused }: EnrolmentsOptions): Enrolments {
  const refuse = (code: string, says: string, gateway?: string): never => {
    onRefused();
    log.warn({ code, ...(gateway === undefined ? {} : { gateway }) }, "a gateway that wanted to enrol was refused");
    throw new GatewayError(code, "operator", says);
  };
  return {
    async join(body) {
      const claim = await store.claim(body.claim);
      const key = claim && keyOfJoin(claim, body);
      // Who doesn't hold the claim learns nothing of it.
      if (claim === undefined || key === undefined)
        return refuse("enrol.wrong_claim", "The twin knows no such claim: it was replaced by a newer one, revoked, or is of another twin.");
      const { gateway, expiresUs } = claim;
      const publicKeyPem = key.export({ type: "spki", format: "pem" }).toString();
      const account = { gateway, publicKeyPem, passwordHash: body.password_hash };
      const answer = () => signJoined(gateway, body, passwordFor?.(gateway, key), privateKey);
      const nowUs = clock.wallUs();
      if (claim.usedUs === undefined) {
        if (nowUs >= expiresUs) return refuse("enrol.expired", "This claim has expired: ask for a new one at the twin.", gateway);
        if (await store.useClaim(claim.id, account, { by: "gateway", atUs: nowUs })) {
          log.info({ gateway }, "a gateway has enrolled with its claim");
          return answer();
        }
      }
      // The same gateway again, whose answer was lost on the way.
      const known = await store.account(gateway);
      if (known?.publicKeyPem === publicKeyPem && known.passwordHash === body.password_hash) return answer();
      return refuse("enrol.used", "This claim has been used: ask for a new one at the twin, and find out who has used it.", gateway);
    },
  };
}
