/** Keeps in the home's audit to which twin its rows go: a line when it joins one, and when that changes. */

import { createHash, type KeyObject } from "node:crypto";
import type { Store } from "../store/store-port.ts";

interface NoteOptions {
  readonly store: Pick<Store, "commit" | "getValue" | "putValue">;
  readonly url: string;
  /** Under which name the twin knows the gateway. */
  readonly gateway: string;
  readonly twinPublicKey: KeyObject;
  readonly nowUs: () => number;
}

const twinKey = "twin/joined";

/** A store that can't be written keeps nobody from starting: the next start notes it. */
export async function noteTwin({ store, url, gateway, twinPublicKey, nowUs }: NoteOptions): Promise<void> {
  const sha256 = createHash("sha256")
    .update(twinPublicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
  const detail = { url, gateway, twin_key_sha256: sha256 };
  try {
    const now = new TextEncoder().encode(JSON.stringify(detail));
    const before = await store.getValue(twinKey);
    if (before !== undefined && Buffer.from(before).equals(now)) return;
    await store.commit(
      { person: "gateway", audit: [{ atUs: nowUs(), what: "twin.joined", by: "operator", subject: gateway, detail }] },
      true,
    );
    await store.putValue(twinKey, now);
  } catch {
    // Told by the store itself.
  }
}
