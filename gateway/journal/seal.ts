/** Keys and AES-256-GCM. One random key per lane, one derived key per segment; a nonce is never used twice with a key. Never prints a key. */

import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from "node:crypto";
import { join } from "node:path";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { FilePort } from "../runtime/file-port.ts";
import { writePrivateFile } from "../runtime/private-file.ts";

export const keyBytes = 32;

export interface Seal {
  /** Seals `parts` as one body; the header bytes are authenticated with it. */
  close(serial: number, head: Uint8Array, parts: readonly Uint8Array[]): { body: Uint8Array; tag: Uint8Array };
  /** Undefined when the key, the header or the body is not the one that was sealed. */
  open(serial: number, head: Uint8Array, body: Uint8Array, tag: Uint8Array): Uint8Array | undefined;
}

/** NIST SP 800-38D §8.2.1: the nonce is a counter that only rises under one key; the key is the lane's, spread by the segment's salt. */
export function createSeal(laneKey: Uint8Array, salt: Uint8Array): Seal {
  // Of a key as bytes Node finds out anew at each seal what it is, by two errors with their stacks: three times as dear.
  const key = createSecretKey(new Uint8Array(hkdfSync("sha256", laneKey, salt, "hearth journal segment", keyBytes)));
  const nonceOf = (serial: number) => {
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setBigUint64(4, BigInt(serial));
    return nonce;
  };
  return {
    close(serial, head, parts) {
      const cipher = createCipheriv("aes-256-gcm", key, nonceOf(serial));
      cipher.setAAD(head);
      const sealed = parts.map((part) => cipher.update(part));
      cipher.final();
      return { body: sealed.length === 1 && sealed[0] !== undefined ? sealed[0] : Buffer.concat(sealed), tag: cipher.getAuthTag() };
    },
    open(serial, head, body, tag) {
      const decipher = createDecipheriv("aes-256-gcm", key, nonceOf(serial), { authTagLength: 16 });
      decipher.setAAD(head);
      decipher.setAuthTag(tag);
      const plain = decipher.update(body);
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      return plain;
    },
  };
}

export function keyPath(keysDir: string, lane: string): string {
  return join(keysDir, `journal-${lane}.key`);
}

/** The lane's key, or undefined when it has none (never written, or forgotten). Throws `journal.key_bad` on a file of the wrong length. */
export function loadKey(files: FilePort, keysDir: string, lane: string): Uint8Array | undefined {
  const path = keyPath(keysDir, lane);
  if (!files.exists(path)) return undefined;
  const key = files.read(path);
  if (key.length === keyBytes) return key;
  throw new GatewayError("journal.key_bad", "operator", `the key file of lane ${lane} has ${key.length} bytes instead of ${keyBytes}`, {
    fields: { lane },
  });
}

/** The lane's key, made and made durable on first use (file 0600, folder 0700). */
export function ensureKey(files: FilePort, keysDir: string, lane: string, randomBytes: (count: number) => Uint8Array): Uint8Array {
  const present = loadKey(files, keysDir, lane);
  if (present !== undefined) return present;
  const key = randomBytes(keyBytes);
  files.makeFolder(keysDir, 0o700);
  writePrivateFile(keyPath(keysDir, lane), key, files);
  return key;
}
