/** What the twin wishes of a gateway: signed, one version after the other over all workers, and the newest is what the gateway gets. */

import type { KeyObject } from "node:crypto";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type SignedDesired, signDesired } from "../semantic/desired.ts";
import type { Ingest } from "./ingest/port.ts";
import type { TwinStore } from "./store/port.ts";

interface WishesOptions {
  readonly store: Pick<TwinStore, "desired" | "putDesired">;
  readonly publish: Ingest["publishDesired"];
  readonly privateKey: KeyObject;
}

export interface Wishes {
  /** Signs and stores the next version and sends it. Throws `desired.conflict` (operator) when `onVersion` is not the newest. */
  put(gateway: string, settings: Readonly<Record<string, unknown>>, onVersion: number | undefined): Promise<SignedDesired>;
  /** Sends the newest wish where there is one. */
  publish(gateway: string): Promise<void>;
}

export function createWishes({ store, publish, privateKey }: WishesOptions): Wishes {
  const publishNewest = async (gateway: string) => {
    // Another worker may store the next one while this one is on its way: whoever sent an older one last sees it here and sends the newer.
    let sent: string | undefined;
    for (let text = await store.desired(gateway); text !== sent && text !== undefined; text = await store.desired(gateway)) {
      await publish(gateway, text);
      sent = text;
    }
  };
  return {
    publish: publishNewest,
    async put(gateway, settings, onVersion) {
      for (;;) {
        const before = await store.desired(gateway);
        const version = before === undefined ? 0 : (JSON.parse(before) as SignedDesired).version;
        if (onVersion !== undefined && onVersion !== version)
          throw new GatewayError("desired.conflict", "operator", `The newest version is ${version}; read it before changing it.`);
        const desired = signDesired(gateway, { version: version + 1, settings }, privateKey);
        if (!(await store.putDesired(gateway, JSON.stringify(desired), before))) continue;
        await publishNewest(gateway);
        return desired;
      }
    },
  };
}
