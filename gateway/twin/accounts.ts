/** Who a gateway is, from the store: its key and its password. What is known is remembered for a moment, so that a frame costs no question each. */

import { createPublicKey, type KeyObject } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { createPasswordChecks, type PasswordVerdict } from "../runtime/password-checks.ts";
import type { TwinEnrolment } from "./enrol.ts";
import type { TwinStore } from "./store/port.ts";

/** For so long a gateway that is withdrawn may still go on. */
const rememberedUs = 10_000_000;

interface Accounts {
  /** The key under which a gateway signs; undefined for one that is not enrolled. */
  keyOf(gateway: string): Promise<KeyObject | undefined>;
  isAllowed(gateway: string, password: Uint8Array, address: string): Promise<PasswordVerdict>;
}

export function createAccounts(store: Pick<TwinStore, "account">, clock: Clock): Accounts {
  // Only of gateways that are enrolled: anybody may ask for any name.
  const keys = new Map<string, { readonly key: KeyObject; readonly untilUs: number }>();
  const checks = createPasswordChecks(clock);
  return {
    async keyOf(gateway) {
      const known = keys.get(gateway);
      if (known !== undefined && clock.monotonicUs() < known.untilUs) return known.key;
      const account = await store.account(gateway);
      keys.delete(gateway);
      if (account === undefined) return undefined;
      const key = createPublicKey(account.publicKeyPem);
      keys.set(gateway, { key, untilUs: clock.monotonicUs() + rememberedUs });
      return key;
    },
    async isAllowed(gateway, password, address) {
      const account = await store.account(gateway);
      return checks.check(gateway, account?.passwordHash, password, address);
    },
  };
}

/**
 * Takes over what the enrolment folder says at a start: who has sound files is known by them, who has damaged ones as before, who has none no more. Who
 * joined by a claim stands in the store alone.
 */
export async function takeOverAccounts(
  store: Pick<TwinStore, "enrol" | "withdraw" | "enrolled">,
  { enrolled, listed }: Pick<TwinEnrolment, "enrolled" | "listed">,
  nowUs: number,
): Promise<void> {
  const known = await store.enrolled();
  const joined = new Set(known.flatMap(({ gateway, isJoined }) => (isJoined === true ? gateway : [])));
  for (const account of enrolled) if (!joined.has(account.gateway)) await store.enrol(account);
  for (const { gateway } of known)
    if (!joined.has(gateway) && !listed.includes(gateway)) await store.withdraw(gateway, { by: "enrolment folder", atUs: nowUs });
}
