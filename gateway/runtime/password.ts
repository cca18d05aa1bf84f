/** Passwords: random ones are made, hashes are checked in constant time. Never keeps or logs a password. */

import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** Stretching protects guessable passwords; these are 144 random bits, so the cost is kept low (about 1 MiB and 3 ms a check). */
const COST = 1024;
const BLOCK = 8;
const LANES = 1;
const HASH_BYTES = 32;

/** A new secret: 24 characters, 144 bits. */
export const newSecret = (random: (sizeBytes: number) => Uint8Array = randomBytes): string => Buffer.from(random(18)).toString("base64url");

/** `scrypt$cost$block$lanes$salt$hash`, base64url. */
export async function hashPassword(password: Uint8Array | string, salt: Uint8Array = randomBytes(16)): Promise<string> {
  const hash = await derive(Buffer.from(password), salt, COST);
  return ["scrypt", COST, BLOCK, LANES, Buffer.from(salt).toString("base64url"), hash.toString("base64url")].join("$");
}

/** False for a wrong password and for a hash in another shape. */
export async function isPassword(password: Uint8Array | string, stored: string): Promise<boolean> {
  const [kind, cost, block, lanes, salt, hash] = stored.split("$");
  if (kind !== "scrypt" || Number(block) !== BLOCK || Number(lanes) !== LANES || salt === undefined || hash === undefined) return false;
  const costN = Number(cost);
  if (!Number.isInteger(costN) || costN < 2 || costN > 1 << 17) return false;
  const expected = Buffer.from(hash, "base64url");
  const actual = await derive(Buffer.from(password), Buffer.from(salt, "base64url"), costN);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function derive(password: Uint8Array, salt: Uint8Array, cost: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: cost, r: BLOCK, p: LANES, maxmem: 256 * BLOCK * cost };
    scrypt(password, salt, HASH_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
