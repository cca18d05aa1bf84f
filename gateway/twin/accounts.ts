/** Who a gateway is, from the store: its key and its password. What is known is remembered for a moment, so that a frame costs no question each. */

import { createPublicKey, type KeyObject } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { createPasswordChecks, type PasswordVerdict } from "../runtime/password-checks.ts";
import type { TwinEnrolment } from "./enrol.ts";
import type { EnrolledGateway, TwinStore } from "./store/port.ts";

/** For so long a gateway that is withdrawn may still go on. */
const rememberedUs = 10_000_000;

interface Accounts {
  /** The key under which a gateway signs; undefined for one that is not enrolled. */
  keyOf(gateway: string): Promise<KeyObject | undefined>;
  isAllowed(gateway: string, password: Uint8Array, address: string): Promise<PasswordVerdict>;
}

export function createAccounts(store: Pick<TwinStore, "account" | "enrolled">, clock: Clock): Accounts {
  // Only of gateways that are enrolled: anybody may ask for any name.
  const keys = new Map<string, { readonly pem: string; readonly key: KeyObject }>();
  const checks = createPasswordChecks(clock);
  let untilUs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  const remember = ({ gateway, publicKeyPem: pem }: EnrolledGateway): KeyObject => {
    const known = keys.get(gateway);
    if (known?.pem === pem) return known.key;
    const key = createPublicKey(pem);
    keys.set(gateway, { pem, key });
    return key;
  };
  /** Asks about all that are remembered at once: of ten thousand each tells something once a minute. */
  const look = async (): Promise<void> => {
    const enrolled = new Map((await store.enrolled()).map((account) => [account.gateway, account]));
    for (const gateway of [...keys.keys()]) {
      const account = enrolled.get(gateway);
      if (account === undefined) keys.delete(gateway);
      else remember(account);
    }
    untilUs = clock.monotonicUs() + rememberedUs;
  };
  return {
    async keyOf(gateway) {
      if (keys.size > 0 && clock.monotonicUs() >= untilUs) {
        reading ??= look().finally(() => {
          reading = undefined;
        });
        await reading;
      }
      const known = keys.get(gateway);
      if (known !== undefined) return known.key;
      const account = await store.account(gateway);
      if (account === undefined) return undefined;
      if (keys.size === 0) untilUs = clock.monotonicUs() + rememberedUs;
      return remember(account);
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
  const known = new Map((await store.enrolled()).map((account) => [account.gateway, account]));
  const isJoined = (gateway: string) => known.get(gateway)?.isJoined === true;
  // A commit each, so only for what is new.
  for (const account of enrolled)
    if (!isJoined(account.gateway) && !isDeepStrictEqual(known.get(account.gateway), account)) await store.enrol(account);
  const isListed = new Set(listed);
  for (const gateway of known.keys())
    if (!isJoined(gateway) && !isListed.has(gateway)) await store.withdraw(gateway, { by: "enrolment folder", atUs: nowUs });
}
