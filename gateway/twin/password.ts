/** Hashes of the gateways' MQTT passwords. Never keeps or logs a password. */

import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** Secrets of 192 random bits need no stretching; a low cost keeps memory and start-up small. */
const cost = 1024;
const hashBytes = 32;

/** `scrypt$salt$hash`, base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `scrypt$${salt.toString("base64url")}$${(await derive(password, salt)).toString("base64url")}`;
}

/** False for a wrong password and for a hash of another shape. */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const [kind, salt, hash] = stored.split("$");
  if (kind !== "scrypt" || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, "base64url");
  const actual = await derive(password, Buffer.from(salt, "base64url"));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function derive(password: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, hashBytes, { N: cost, r: 8, p: 1, maxmem: 256 * 8 * cost }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
