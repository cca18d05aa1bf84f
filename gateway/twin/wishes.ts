/** What the twin wishes of a gateway: signed, one version after the other over all workers, and the newest is what the gateway gets. */

import type { KeyObject } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { maxDesiredBytes, type SignedDesired, signDesired } from "../semantic/desired.ts";
import type { Ingest } from "./ingest/port.ts";
import type { TwinStore } from "./store/port.ts";

interface WishesOptions {
  readonly store: Pick<TwinStore, "desired" | "putDesired">;
  readonly publish: Ingest["publishDesired"];
  readonly privateKey: KeyObject;
  /** Hashes of the decoders that this twin has: each wish lists them, unless it lists its own. */
  readonly decoders?: readonly string[];
}

export interface Wishes {
  /** Signs and stores the next version and sends it. Throws `desired.conflict` when `onVersion` is not the newest, `desired.too_large` (operator). */
  put(gateway: string, settings: Readonly<Record<string, unknown>>, onVersion: number | undefined): Promise<SignedDesired>;
  /** Makes a wish of the decoders that this twin has now, where the newest one lists others; the rest of it stays. */
  listDecoders(gateway: string): Promise<void>;
  /** Sends the newest wish where there is one. */
  publish(gateway: string): Promise<void>;
}

export function createWishes({ store, publish, privateKey, decoders = [] }: WishesOptions): Wishes {
  const publishNewest = async (gateway: string) => {
    // Another worker may store the next one while this one is on its way: whoever sent an older one last sees it here and sends the newer.
    let sent: string | undefined;
    for (let text = await store.desired(gateway); text !== sent && text !== undefined; text = await store.desired(gateway)) {
      await publish(gateway, text);
      sent = text;
    }
  };
  const listed = decoders.length === 0 ? {} : { decoders };
  const wishes: Wishes = {
    publish: publishNewest,
    async listDecoders(gateway) {
      const text = await store.desired(gateway);
      const { version, settings } = text === undefined ? { version: 0, settings: {} } : (JSON.parse(text) as SignedDesired);
      if (isDeepStrictEqual(settings, { ...settings, ...listed })) return;
      await wishes.put(gateway, { ...settings, ...listed }, version).catch((thrown: unknown) => {
        // Another worker, or somebody, was first and has listed them.
        if (!(thrown instanceof GatewayError) || thrown.code !== "desired.conflict") throw thrown;
      });
    },
    async put(gateway, settings, onVersion) {
      for (;;) {
        const before = await store.desired(gateway);
        const version = before === undefined ? 0 : (JSON.parse(before) as SignedDesired).version;
        if (onVersion !== undefined && onVersion !== version)
          throw new GatewayError("desired.conflict", "operator", `The newest version is ${version}; read it before changing it.`);
        const desired = signDesired(gateway, { version: version + 1, settings: { ...listed, ...settings } }, privateKey);
        const text = JSON.stringify(desired);
        // A gateway reads no more, and would refuse what is retained for it at every connection.
        if (Buffer.byteLength(text) > maxDesiredBytes)
          throw new GatewayError("desired.too_large", "operator", `A wish may have ${maxDesiredBytes} bytes with its signature.`);
        if (!(await store.putDesired(gateway, text, before))) continue;
        await publishNewest(gateway);
        return desired;
      }
    },
  };
  return wishes;
}
