/** Makes gateway and twin known to each other: a key pair each, one MQTT password, exchanged through files that only their owner reads. */

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import { hashPassword, hashSecret, isPassword, isSecretShaped, newSecret } from "../runtime/password.ts";
import { writePrivateFile } from "../runtime/private-file.ts";
import { setAside } from "../runtime/set-aside.ts";
import { gatewayIdPattern } from "./claim.ts";
import type { EnrolledGateway } from "./store/port.ts";

/** The gateway's side: what it signs with, and whom it believes. */
export interface GatewayEnrolment {
  readonly gateway: string;
  readonly password: string;
  readonly twinPublicKey: KeyObject;
  /** Whose certificates the gateway believes besides the machine's own list, PEM. */
  readonly ca?: string;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

export interface TwinEnrolment {
  readonly privateKeyPem: string;
  readonly enrolled: readonly EnrolledGateway[];
  /** Every gateway that has a folder, usable or not. */
  readonly listed: readonly string[];
  /** Gateways whose files can't be used, one sentence each: the twin knows them as before or not at all, and they harm nobody else. */
  readonly refused: readonly string[];
}

export const enrolmentFiles = {
  key: "key.pem",
  twin: "twin-public.pem",
  ca: "ca.pem",
  password: "password",
  gateways: "gateways",
  public: "public.pem",
  hash: "password.hash",
};
const idPattern = new RegExp(gatewayIdPattern);
/** As `newSecret` writes it, or a longer one that somebody chose. */
const secretPattern = /^[\x21-\x7e]{16,}$/;

/**
 * Enrols `gateway`; what is there already and sound is kept, so that it can be called at every start. `gatewayDir` gets the gateway's key, its password
 * and the twin's public key; `twinDir` the twin's key and, under gateways/<id>/, the gateway's public key and password hash. Throws `enrol.bad_id`
 * (operator). Resolves with a sentence for each key that was damaged and made anew.
 */
export async function enrol(options: {
  readonly gateway: string;
  readonly gatewayDir: string;
  readonly twinDir: string;
}): Promise<string[]> {
  const { gateway, gatewayDir, twinDir } = options;
  const repairs: string[] = [];
  const onRepair = (what: string) => void repairs.push(what);
  if (!idPattern.test(gateway)) throw new GatewayError("enrol.bad_id", "operator", `'${gateway}' is no gateway id (a-z, 0-9 and dash).`);
  const known = join(twinDir, enrolmentFiles.gateways, gateway);
  for (const dir of [gatewayDir, twinDir, join(twinDir, enrolmentFiles.gateways), known]) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    // A disk that went read-only refuses even what is so already.
    if ((statSync(dir).mode & 0o777) !== 0o700) chmodSync(dir, 0o700);
  }
  writeWhereOther(join(known, enrolmentFiles.public), publicPem(ensureKey(join(gatewayDir, enrolmentFiles.key), onRepair)));
  writeWhereOther(join(gatewayDir, enrolmentFiles.twin), publicPem(ensureKey(join(twinDir, enrolmentFiles.key), onRepair)));
  const passwordFile = join(gatewayDir, enrolmentFiles.password);
  if (existsSync(passwordFile) && !secretPattern.test(readFileSync(passwordFile, "utf8")))
    onRepair(setAside(passwordFile, "a new password was made and the twin knows it."));
  if (!existsSync(passwordFile)) writePrivateFile(passwordFile, newSecret());
  const password = readFileSync(passwordFile, "utf8");
  const hashFile = join(known, enrolmentFiles.hash);
  const hash = existsSync(hashFile) ? readFileSync(hashFile, "utf8") : "";
  const isOurs = isSecretShaped(password);
  const isKnown = (!isOurs || hash.startsWith("sha256$")) && (await isPassword(password, hash));
  if (!isKnown) writePrivateFile(hashFile, isOurs ? hashSecret(password) : await hashPassword(password));
  return repairs;
}

/** Makes the twin's own key and folders where there are none: of a twin whose gateways all come by claims. Throws as `enrol`; answers its private key. */
export function ensureTwinKey(twinDir: string): KeyObject {
  for (const dir of [twinDir, join(twinDir, enrolmentFiles.gateways)]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const keyFile = join(twinDir, enrolmentFiles.key);
  // A damaged one is never made anew here: every gateway knows the twin by it.
  return existsSync(keyFile) ? readKey(keyFile, createPrivateKey) : ensureKey(keyFile, () => {});
}

/** Reads the gateway's folder. Throws `enrol.incomplete` (operator) where a file is missing or damaged. */
export function loadGatewayEnrolment(gateway: string, gatewayDir: string): GatewayEnrolment {
  const privateKey = readKey(join(gatewayDir, enrolmentFiles.key), createPrivateKey);
  return {
    gateway,
    password: read(join(gatewayDir, enrolmentFiles.password)),
    twinPublicKey: readKey(join(gatewayDir, enrolmentFiles.twin), createPublicKey),
    ...(existsSync(join(gatewayDir, enrolmentFiles.ca)) ? { ca: read(join(gatewayDir, enrolmentFiles.ca)) } : {}),
    sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
  };
}

/** Reads the twin's folder. Throws `enrol.incomplete` (operator) where the twin's own key is missing or damaged. */
export function loadTwinEnrolment(twinDir: string): TwinEnrolment {
  const keyFile = join(twinDir, enrolmentFiles.key);
  readKey(keyFile, createPrivateKey);
  const enrolled: EnrolledGateway[] = [];
  const refused: string[] = [];
  const listed = readdirSync(join(twinDir, enrolmentFiles.gateways));
  for (const gateway of listed) {
    const dir = join(twinDir, enrolmentFiles.gateways, gateway);
    try {
      readKey(join(dir, enrolmentFiles.public), createPublicKey);
      enrolled.push({ gateway, publicKeyPem: read(join(dir, enrolmentFiles.public)), passwordHash: read(join(dir, enrolmentFiles.hash)) });
    } catch (thrown) {
      refused.push(toGatewayError(thrown).message);
    }
  }
  return { privateKeyPem: read(keyFile), enrolled, listed, refused };
}

export function ensureKey(file: string, onRepair: (what: string) => void): KeyObject {
  try {
    if (existsSync(file)) return createPrivateKey(readFileSync(file, "utf8"));
  } catch {
    onRepair(setAside(file, "a new key was made and the other side knows it."));
  }
  const key = generateKeyPairSync("ed25519").privateKey;
  writePrivateFile(file, key.export({ type: "pkcs8", format: "pem" }).toString());
  return key;
}

function publicPem(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
}

function writeWhereOther(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writePrivateFile(file, text);
}

function read(file: string): string {
  try {
    const text = readFileSync(file, "utf8");
    if (text !== "") return text;
  } catch (cause) {
    throw incomplete(file, "missing or not readable", cause);
  }
  throw incomplete(file, "empty");
}

function readKey(file: string, parse: (pem: string) => KeyObject): KeyObject {
  const pem = read(file);
  try {
    return parse(pem);
  } catch (cause) {
    throw incomplete(file, "damaged", cause);
  }
}

function incomplete(file: string, how: string, cause?: unknown): GatewayError {
  return new GatewayError("enrol.incomplete", "operator", `${file} is ${how}: enrol the gateway again.`, { cause, fields: { file } });
}
