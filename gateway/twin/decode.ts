/** Bytes of frames back to what they say, in their order: the twin's own decoder for files. It checks no signature; that is done where frames arrive. */

import { decodeCborSequence } from "../semantic/cbor.ts";
import { type Frame, frameOf } from "../semantic/frame.ts";
import { decodePayload } from "../semantic/payload-codec.ts";
import type { TwinPayload } from "../semantic/payloads/index.ts";

/** Frames of a CBOR sequence (RFC 8742), as NAME.sem and NAME.strips hold them: one after the other, nothing between. */
export function readFrames(bytes: Uint8Array): Frame[] {
  return decodeCborSequence(bytes).map(frameOf);
}

/** Payloads of a CBOR sequence of frames, in order. @throws GatewayError `semantic.*` */
export function decodeFrames(bytes: Uint8Array): TwinPayload[] {
  return readFrames(bytes).map(({ p }) => decodePayload(p));
}
