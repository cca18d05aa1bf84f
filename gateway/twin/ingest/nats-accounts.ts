/**
 * Accounts at NATS servers that know no list of users: whoever shows a token that the account's key has signed is let in, within the topics that the token
 * names (NATS's decentralised JWTs). So a gateway that enrols needs no change at any server, and one that is revoked is put out by all of them.
 */

import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createAccount, createOperator, createUser, fromSeed, type KeyPair } from "@nats-io/nkeys";
import { connect, jwtAuthenticator } from "@nats-io/transport-node";
import { GatewayError } from "../../../device-drivers/contract/error.ts";
import { writePrivateFile } from "../../runtime/private-file.ts";

export interface NatsAccounts {
  /** The part of a server's settings by which it knows these accounts; `folder` is where the server keeps what it is told of them. */
  serverLines(folder: string): string[];
  /** The password with which a gateway comes to the MQTT listener: good until it is revoked, for its own topics alone. */
  gatewayPassword(gateway: string, publicKey: KeyObject): string;
  /** For a worker: its name and password at the MQTT listener, and how it shows itself to NATS. */
  worker(): { readonly password: string; readonly authenticator: ReturnType<typeof jwtAuthenticator> };
  /** Tells all servers which keys (PEM) have ended. Their connections end with that. @throws GatewayError `twin.no_stream` (world) */
  tellEnded(servers: Omit<NonNullable<Parameters<typeof connect>[0]>, "authenticator">, ended: readonly string[]): Promise<void>;
}

const names = { operator: createOperator, account: createAccount, system: createAccount };
const unlimited = { subs: -1, data: -1, payload: -1 };
const accountLimits = { ...unlimited, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
const tellMs = 10_000;
/** The year 2100. A key that has ended never comes back, and the clocks of who made its token and who ended it may differ. */
const everS = 4_102_444_800;
/** Older than anything that a server has been told: what its settings say counts until the first word. */
const preloadedS = 1;
/** What NATS puts before a user's raw Ed25519 key in its own notation: the letter U, and a checksum behind it. */
const userPrefix = 20 << 3;

/** Makes the keys in `folder` (0600) where there are none. */
export function makeNatsAccounts(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, create] of Object.entries(names)) {
    const file = seedFile(folder, name);
    if (!existsSync(file)) writePrivateFile(file, create().getSeed());
  }
}

/** @throws GatewayError `twin.no_accounts` (operator) where a key is missing or damaged */
export function openNatsAccounts(folder: string, nowS: () => number = () => Math.floor(Date.now() / 1000)): NatsAccounts {
  const [operator, account, system] = [readSeed(folder, "operator"), readSeed(folder, "account"), readSeed(folder, "system")];
  const token = (signer: KeyPair, subject: string, name: string, nats: object, atS = nowS()) =>
    signed(signer, { sub: subject, name, nats }, atS);
  const user = (of: KeyPair, key: string, name: string, more: object) =>
    token(of, key, name, { type: "user", version: 2, ...unlimited, ...more });
  const twinAccount = (ended: readonly string[], atS?: number) => {
    const limits = { ...accountLimits, mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
    const revocations = Object.fromEntries(ended.map((pem) => [userKeyOf(createPublicKey(pem)), everS]));
    return token(operator, account.getPublicKey(), "hearth", { type: "account", version: 2, limits, revocations }, atS);
  };
  return {
    serverLines(store) {
      const ids = { account: account.getPublicKey(), system: system.getPublicKey() };
      const systemAccount = token(operator, ids.system, "system", { type: "account", version: 2, limits: accountLimits }, preloadedS);
      return [
        `operator: ${token(operator, operator.getPublicKey(), "hearth", { type: "operator", version: 2, system_account: ids.system })}`,
        `system_account: ${ids.system}`,
        `resolver: { type: full, dir: "${store}", allow_delete: false, interval: "2m" }`,
        `resolver_preload: { ${ids.system}: ${systemAccount}, ${ids.account}: ${twinAccount([], preloadedS)} }`,
      ];
    },
    gatewayPassword: (gateway, publicKey) =>
      user(account, userKeyOf(publicKey), gateway, {
        ...{ bearer_token: true, allowed_connection_types: ["MQTT"] },
        pub: { allow: ["up.>", "reported", "status"].map((leaf) => `hearth.v1.${gateway}.${leaf}`) },
        sub: { allow: [...["ack", "act", "desired"].map((leaf) => `hearth.v1.${gateway}.${leaf}`), "$MQTT.sub.>"] },
      }),
    worker() {
      const [key, mqttKey] = [createUser(), createUser()];
      const mqtt = { bearer_token: true, allowed_connection_types: ["MQTT"] };
      return {
        password: user(account, mqttKey.getPublicKey(), "twin", mqtt),
        authenticator: jwtAuthenticator(user(account, key.getPublicKey(), "twin", {}), key.getSeed()),
      };
    },
    async tellEnded(servers, ended) {
      const key = createUser();
      const authenticator = jwtAuthenticator(user(system, key.getPublicKey(), "twin", {}), key.getSeed());
      try {
        const connection = await connect({ ...servers, authenticator });
        try {
          const answer = await connection.request("$SYS.REQ.CLAIMS.UPDATE", twinAccount(ended), { timeout: tellMs });
          const { error } = answer.json<{ error?: { description?: string } }>();
          if (error !== undefined) throw new Error(error.description ?? "refused");
        } finally {
          await connection.close();
        }
      } catch (cause) {
        throw new GatewayError("twin.no_stream", "world", "The NATS servers can't be told who may come in no more.", { cause });
      }
    },
  };
}

const seedFile = (folder: string, name: string) => join(folder, `${name}.seed`);

function readSeed(folder: string, name: string): KeyPair {
  const file = seedFile(folder, name);
  try {
    return fromSeed(readFileSync(file));
  } catch (cause) {
    throw new GatewayError("twin.no_accounts", "operator", `${file} (twin.accounts) is missing or damaged.`, { cause, fields: { file } });
  }
}

/** JWT as NATS signs them: algorithm "ed25519-nkey", version 2 (ADR-14). */
function signed(signer: KeyPair, claims: object, iat: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = { ...claims, iat, iss: signer.getPublicKey() };
  const jti = createHash("sha256").update(JSON.stringify(body)).digest("hex");
  const text = `${part({ typ: "JWT", alg: "ed25519-nkey" })}.${part({ jti, ...body })}`;
  return `${text}.${Buffer.from(signer.sign(Buffer.from(text))).toString("base64url")}`;
}

/** A gateway's Ed25519 key as NATS writes a user's: prefix, key and CRC-16/XMODEM (little endian), base32. */
function userKeyOf(publicKey: KeyObject): string {
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const bytes = Buffer.concat([Buffer.from([userPrefix]), raw, Buffer.alloc(2)]);
  bytes.writeUInt16LE(crc16(bytes.subarray(0, -2)), bytes.length - 2);
  return base32(bytes);
}

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021) & 0xffff;
  }
  return crc;
}

/** RFC 4648, without padding. */
function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? []).map((five) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Number.parseInt(five.padEnd(5, "0"), 2)]).join("");
}
