/** Bytes of frames back to what they say, in their order: the twin's own decoder for files. It checks no signature; that is done where frames arrive. */

import { decodeCborSequence } from "../semantic/cbor.ts";
import { type Frame, frameOf } from "../semantic/frame.ts";
import { decodePayload } from "../semantic/payload-codec.ts";
import type { TwinPayload } from "../semantic/payloads/index.ts";
import { partsOf } from "../semantic/payloads/window.ts";

/** Frames of a CBOR sequence (RFC 8742), as NAME.sem and NAME.strips hold them: one after the other, nothing between. */
export function readFrames(bytes: Uint8Array): Frame[] {
  return decodeCborSequence(bytes).map(frameOf);
}

/** What the frames of a CBOR sequence say, in order. @throws GatewayError `semantic.*` */
export function decodeFrames(bytes: Uint8Array): TwinPayload[] {
  return readFrames(bytes).flatMap(({ p }) => partsOf(decodePayload(p)));
}
