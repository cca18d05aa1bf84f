/**
 * A claim lets one gateway enrol at a distant twin, once and until a date. It is a one-time private key together with all that a home needs to find the
 * twin and to know it again: whoever holds it may use it, the twin keeps the public half alone, and there is nothing to guess. Pure texts and signatures.
 */

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from "node:crypto";
import Type, { type Static } from "typebox";
import Value from "typebox/value";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import type { StoredClaim } from "./store/port.ts";

export const gatewayIdPattern = "^[a-z0-9][a-z0-9-]{0,31}$";
/** A claim may name an authority of the twin's own. */
export const maxClaimBytes = 32 * 1024;
const maxKeyBytes = 400;

const Claim = Type.Object(
  {
    hearth_claim: Type.Literal(1),
    id: Type.String({ pattern: "^[\\w-]{16}$" }),
    gateway: Type.String({ pattern: gatewayIdPattern }),
    /** ISO 8601; the twin's clock counts. */
    expires: Type.String({ maxLength: 40 }),
    /** Where it is used: the twin's HTTP. */
    twin: Type.String({ pattern: "^https?://", maxLength: 300 }),
    /** Where frames go from then on, `mqtts://host:port`. */
    broker: Type.String({ pattern: "^mqtts?://", maxLength: 300 }),
    /** The twin's Ed25519 key (SPKI, base64url): its word is believed by this alone. */
    twin_key: Type.String({ maxLength: maxKeyBytes }),
    /** The one-time key (PKCS #8, base64url). */
    key: Type.String({ maxLength: maxKeyBytes }),
    /** Whose certificates are believed besides the machine's own list, PEM. */
    ca: Type.Optional(Type.String({ maxLength: maxClaimBytes })),
  },
  { additionalProperties: false },
);
export type Claim = Static<typeof Claim>;

/** What a home sends to use its claim. */
export const JoinBody = Type.Object(
  {
    claim: Type.String({ minLength: 1, maxLength: 64 }),
    public_key: Type.String({ maxLength: maxKeyBytes, description: "The gateway's Ed25519 key, SPKI, base64url." }),
    password_hash: Type.String({ pattern: "^sha256\\$[\\w-]+\\$[\\w-]+$", maxLength: 128 }),
    claim_signature: Type.String({ maxLength: 128, description: "By the claim's key, base64url." }),
    key_signature: Type.String({ maxLength: 128, description: "By the gateway's key, base64url." }),
  },
  { additionalProperties: false },
);
export type JoinBody = Static<typeof JoinBody>;

/** What the twin answers: `password` where the account is not the gateway's own to choose. */
const Joined = Type.Object({ password: Type.Union([Type.String({ maxLength: 8192 }), Type.Null()]), signature: Type.String() });
type Joined = Static<typeof Joined>;

type Wanted = Pick<JoinBody, "claim" | "public_key" | "password_hash">;

/** @param expiresUs wall time of the twin */
export function makeClaim(
  where: Pick<Claim, "gateway" | "twin" | "broker" | "ca">,
  twinKey: KeyObject,
  expiresUs: number,
): { readonly claim: Claim; readonly stored: StoredClaim } {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const id = randomBytes(12).toString("base64url");
  const claim: Claim = {
    ...{ hearth_claim: 1, id, ...where, expires: new Date(expiresUs / 1000).toISOString() },
    ...{ twin_key: publicText(createPublicKey(twinKey)), key: derText(privateKey.export({ type: "pkcs8", format: "der" })) },
  };
  return { claim, stored: { id, gateway: where.gateway, publicKey: publicText(publicKey), expiresUs } };
}

/** @throws GatewayError `enrol.bad_claim` (operator) */
export function readClaim(text: string): Claim & { readonly twinPublicKey: KeyObject; readonly privateKey: KeyObject } {
  try {
    const claim = JSON.parse(text) as unknown;
    if (text.length <= maxClaimBytes && Value.Check(Claim, claim))
      return { ...claim, twinPublicKey: publicKeyOf(claim.twin_key), privateKey: privateKeyOf(claim.key) };
  } catch (cause) {
    throw badClaim(cause);
  }
  throw badClaim();
}

export function askToJoin(claim: Claim, gatewayKey: KeyObject, passwordHash: string): JoinBody {
  const wanted = { claim: claim.id, public_key: publicText(createPublicKey(gatewayKey)), password_hash: passwordHash };
  const bytes = joinBytes(claim.gateway, wanted);
  return {
    ...wanted,
    ...{ claim_signature: derText(sign(null, bytes, privateKeyOf(claim.key))), key_signature: derText(sign(null, bytes, gatewayKey)) },
  };
}

/** The gateway's key where both signatures are right; undefined where one is not. */
export function keyOfJoin({ gateway, publicKey }: Pick<StoredClaim, "gateway" | "publicKey">, body: JoinBody): KeyObject | undefined {
  try {
    const bytes = joinBytes(gateway, body);
    const key = publicKeyOf(body.public_key);
    const isRight = isSigned(bytes, publicKeyOf(publicKey), body.claim_signature) && isSigned(bytes, key, body.key_signature);
    return isRight ? key : undefined;
  } catch {
    return undefined;
  }
}

/** The twin's word that the gateway is enrolled. */
export function signJoined(gateway: string, wanted: Wanted, password: string | undefined, twinKey: KeyObject): Joined {
  const answer = { password: password ?? null };
  return { ...answer, signature: derText(sign(null, joinedBytes(gateway, wanted, answer.password), twinKey)) };
}

/** The password that the twin chose, if it did. @throws GatewayError `enrol.forged` (world) where this is not the word of the claim's twin */
export function openJoined(gateway: string, wanted: Wanted, answer: unknown, twinPublicKey: KeyObject): string | undefined {
  if (!Value.Check(Joined, answer) || !isSigned(joinedBytes(gateway, wanted, answer.password), twinPublicKey, answer.signature))
    throw new GatewayError("enrol.forged", "world", "What answered is not the twin of this claim: nothing was changed.");
  return answer.password ?? undefined;
}

/** Signed are these lines, UTF-8. */
const joinBytes = (gateway: string, { claim, public_key, password_hash }: Wanted) =>
  Buffer.from(`hearth join 1\n${claim}\n${gateway}\n${public_key}\n${password_hash}\n`);

const joinedBytes = (gateway: string, wanted: Wanted, password: string | null) =>
  Buffer.concat([Buffer.from("hearth joined 1\n"), joinBytes(gateway, wanted), Buffer.from(`${password ?? ""}\n`)]);

const isSigned = (bytes: Uint8Array, key: KeyObject, signature: string) => verify(null, bytes, key, Buffer.from(signature, "base64url"));

const derText = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
const publicText = (key: KeyObject) => derText(key.export({ type: "spki", format: "der" }));
const privateKeyOf = (text: string) => ed25519(createPrivateKey({ key: Buffer.from(text, "base64url"), format: "der", type: "pkcs8" }));
const publicKeyOf = (text: string) => ed25519(createPublicKey({ key: Buffer.from(text, "base64url"), format: "der", type: "spki" }));

function ed25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== "ed25519") throw new Error("not an Ed25519 key");
  return key;
}

function badClaim(cause?: unknown): GatewayError {
  const says = "This is not a claim, or only a part of one: give the whole file that 'hearth twin claim' wrote.";
  return new GatewayError("enrol.bad_claim", "operator", says, cause === undefined ? {} : { cause: toGatewayError(cause) });
}
