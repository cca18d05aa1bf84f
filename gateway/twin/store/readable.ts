import type { PayloadCodec } from "../../semantic/payload-codec.ts";
import type { AnyPayload } from "../../semantic/payloads/kind.ts";

/** What a frame that was kept as it came says; undefined where this version can't read it either. */
export function readable(payload: Uint8Array, codec: PayloadCodec): AnyPayload | undefined {
  try {
    return codec.decode(payload);
  } catch {
    return undefined;
  }
}
