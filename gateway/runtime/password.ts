/** Passwords: random ones are made, hashes are checked in constant time. Never keeps or logs a password. */

import { createHash, randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** Stretching protects guessable passwords at about 1 MiB and 3 ms a check; a secret of our own making has 144 random bits and needs none. */
const COST = 1024;
const BLOCK = 8;
const LANES = 1;
const HASH_BYTES = 32;
const secretPattern = /^[\w-]{24}$/;

/** A new secret: 24 characters, 144 bits. */
export const newSecret = (random: (sizeBytes: number) => Uint8Array = randomBytes): string => Buffer.from(random(18)).toString("base64url");

/** True for a text that `newSecret` may have written. */
export const isSecretShaped = (text: string): boolean => secretPattern.test(text);

/** For what `newSecret` made: `sha256$salt$hash`, base64url. Its check costs microseconds, so that nobody can be kept out by many of them. */
export function hashSecret(secret: string, salt: Uint8Array = randomBytes(16)): string {
  return ["sha256", Buffer.from(salt).toString("base64url"), digestOf(Buffer.from(secret), salt).toString("base64url")].join("$");
}

/** For what people chose: `scrypt$cost$block$lanes$salt$hash`, base64url. */
export async function hashPassword(password: Uint8Array | string, salt: Uint8Array = randomBytes(16)): Promise<string> {
  const hash = await derive(Buffer.from(password), salt, COST);
  return ["scrypt", COST, BLOCK, LANES, Buffer.from(salt).toString("base64url"), hash.toString("base64url")].join("$");
}

/** Answers at once for a hash of `hashSecret`; undefined for any other. */
export function isSecret(password: Uint8Array | string, stored: string): boolean | undefined {
  const [kind, salt, hash] = stored.split("$");
  if (kind !== "sha256" || salt === undefined || hash === undefined) return undefined;
  const expected = Buffer.from(hash, "base64url");
  const actual = digestOf(Buffer.from(password), Buffer.from(salt, "base64url"));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** False for a wrong password and for a hash in another shape. */
export async function isPassword(password: Uint8Array | string, stored: string): Promise<boolean> {
  const [kind, cost, block, lanes, salt, hash] = stored.split("$");
  if (kind === "sha256") return isSecret(password, stored) ?? false;
  if (kind !== "scrypt" || Number(block) !== BLOCK || Number(lanes) !== LANES || salt === undefined || hash === undefined) return false;
  const costN = Number(cost);
  if (!Number.isInteger(costN) || costN < 2 || costN > 1 << 17) return false;
  const expected = Buffer.from(hash, "base64url");
  const actual = await derive(Buffer.from(password), Buffer.from(salt, "base64url"), costN);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function digestOf(secret: Uint8Array, salt: Uint8Array): Buffer {
  return createHash("sha256").update(salt).update(secret).digest();
}

function derive(password: Uint8Array, salt: Uint8Array, cost: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: cost, r: BLOCK, p: LANES, maxmem: 256 * BLOCK * cost };
    scrypt(password, salt, HASH_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
