/** The replay's gateway: its name, epoch and key come from a published seed, so that the same input gives the same bytes. Never a home's key. */

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";

const seed = createHash("sha256").update("hearth replay").digest();
/** RFC 8410: the fixed PKCS#8 header before an Ed25519 seed. */
const pkcs8Header = Buffer.from("302e020100300506032b657004220420", "hex");

const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Header, seed]), format: "der", type: "pkcs8" });

export const replayGateway: {
  readonly id: string;
  readonly epoch: Uint8Array;
  readonly publicKey: KeyObject;
  sign(bytes: Uint8Array): Uint8Array;
} = {
  id: "replay",
  epoch: new Uint8Array(createHash("sha256").update("hearth replay epoch").digest().subarray(0, 8)),
  publicKey: createPublicKey(privateKey),
  sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
};
