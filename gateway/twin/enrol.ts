/** Makes gateway and twin known to each other: a key pair each, one MQTT password, exchanged through files that only their owner reads. */

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { hashPassword, isPassword, newSecret } from "../ops/password.ts";

/** The gateway's side: what it signs with, and whom it believes. */
export interface GatewayEnrolment {
  readonly gateway: string;
  readonly password: string;
  readonly twinPublicKey: KeyObject;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

/** A gateway as the twin knows it. */
export interface EnrolledGateway {
  readonly gateway: string;
  readonly publicKeyPem: string;
  /** As `hashPassword` writes it. */
  readonly passwordHash: string;
}

export interface TwinEnrolment {
  readonly privateKeyPem: string;
  readonly enrolled: readonly EnrolledGateway[];
}

const files = {
  key: "key.pem",
  twin: "twin-public.pem",
  password: "password",
  gateways: "gateways",
  public: "public.pem",
  hash: "password.hash",
};
const idPattern = /^[a-z0-9][a-z0-9-]{0,31}$/;

/**
 * Enrols `gateway`; what is there already is kept, so that it can be called at every start. `gatewayDir` gets the gateway's key, its password and the
 * twin's public key; `twinDir` the twin's key and, under gateways/<id>/, the gateway's public key and password hash. Throws `enrol.bad_id` (operator).
 */
export async function enrol(options: { readonly gateway: string; readonly gatewayDir: string; readonly twinDir: string }): Promise<void> {
  const { gateway, gatewayDir, twinDir } = options;
  if (!idPattern.test(gateway)) throw new GatewayError("enrol.bad_id", "operator", `'${gateway}' is no gateway id (a-z, 0-9 and dash).`);
  const known = join(twinDir, files.gateways, gateway);
  for (const dir of [gatewayDir, twinDir, join(twinDir, files.gateways), known]) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    chmodSync(dir, 0o700);
  }
  writeWhereOther(join(known, files.public), publicPem(ensureKey(join(gatewayDir, files.key))));
  writeWhereOther(join(gatewayDir, files.twin), publicPem(ensureKey(join(twinDir, files.key))));
  const passwordFile = join(gatewayDir, files.password);
  if (!existsSync(passwordFile)) writePrivate(passwordFile, newSecret());
  const password = readFileSync(passwordFile, "utf8");
  const hashFile = join(known, files.hash);
  const isKnown = existsSync(hashFile) && (await isPassword(password, readFileSync(hashFile, "utf8")));
  if (!isKnown) writePrivate(hashFile, await hashPassword(password));
}

/** Reads the gateway's folder. Throws `enrol.incomplete` (operator). */
export function loadGatewayEnrolment(gateway: string, gatewayDir: string): GatewayEnrolment {
  const privateKey = createPrivateKey(read(join(gatewayDir, files.key)));
  return {
    gateway,
    password: read(join(gatewayDir, files.password)),
    twinPublicKey: createPublicKey(read(join(gatewayDir, files.twin))),
    sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
  };
}

/** Reads the twin's folder. Throws `enrol.incomplete` (operator). */
export function loadTwinEnrolment(twinDir: string): TwinEnrolment {
  const privateKeyPem = read(join(twinDir, files.key));
  const enrolled = readdirSync(join(twinDir, files.gateways)).map((gateway) => {
    const dir = join(twinDir, files.gateways, gateway);
    return { gateway, publicKeyPem: read(join(dir, files.public)), passwordHash: read(join(dir, files.hash)) };
  });
  return { privateKeyPem, enrolled };
}

function ensureKey(file: string): KeyObject {
  if (!existsSync(file)) writePrivate(file, generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  return createPrivateKey(readFileSync(file, "utf8"));
}

function publicPem(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
}

function writeWhereOther(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writePrivate(file, text);
}

/** Whole or not at all, 0600. */
function writePrivate(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new GatewayError("enrol.incomplete", "operator", `${file} is missing or not readable: enrol the gateway again.`, {
      cause,
      fields: { file },
    });
  }
}
