/** The accounts of the home's broker: a 0600 file of hashes, checked slowly once and quickly after. There is no anonymous account. */

import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { hashPassword, hashSecret, isSecretShaped, newSecret } from "../runtime/password.ts";
import { createPasswordChecks } from "../runtime/password-checks.ts";
import { writePrivateFileLater } from "../runtime/private-file.ts";
import { setAside } from "../runtime/set-aside.ts";
import { isWellFormed, type Principal, type Role } from "./acl.ts";

interface Account extends Principal {
  hash: string;
}

/** "busy": nothing was checked; see password-checks.ts. */
type Verdict = Principal | "wrong" | "busy";

export interface Credentials {
  /** Checks a name and password from `address`; never rejects. */
  verify(user: string | undefined, password: Uint8Array | undefined, address: string): Promise<Verdict>;
  /** Creates or replaces an account and returns its new secret, which is not kept. @throws GatewayError `ingest.bad_account` */
  issue(principal: Principal, secret?: string): Promise<string>;
  /** Removes an account; its connections are closed through `onRevoke`. */
  revoke(user: string): Promise<void>;
  has(user: string): boolean;
  list(): readonly Principal[];
  /** Called with the name of every account that was removed or got another password; returns its cancel. */
  onRevoke(fn: (user: string) => void): () => void;
}

interface CredentialsOptions {
  /** The account file; without it the accounts live in memory. */
  readonly path?: string;
  readonly clock: Clock;
  /** Told in one sentence when the file was damaged and set aside; without it a damaged file rejects. */
  readonly onRepair?: (what: string) => void;
}

/** Opens the account file, or starts an empty one. A damaged one is replaced by its copy. @throws GatewayError `ingest.bad_credentials` */
export async function openCredentials({ path, clock, onRepair }: CredentialsOptions): Promise<Credentials> {
  const accounts = new Map((path === undefined ? [] : await openAccounts(path, onRepair)).map((account) => [account.user, account]));
  const listeners = new Set<(user: string) => void>();
  const checks = createPasswordChecks(clock);
  let writing: Promise<void> = Promise.resolve();

  const save = () => {
    if (path === undefined) return Promise.resolve();
    const text = `${JSON.stringify({ v: 1, accounts: [...accounts.values()] }, null, 2)}\n`;
    writing = writing
      .catch(() => undefined)
      .then(() => writeSecretFile(path, text))
      .then(() => writeSecretFile(copyOf(path), text));
    return writing;
  };
  /** Accounts of earlier versions have stretched hashes of random secrets, too. */
  const quicken = (account: Account, password: Uint8Array) => {
    const secret = Buffer.from(password).toString();
    if (account.hash.startsWith("sha256$") || !isSecretShaped(secret)) return;
    account.hash = hashSecret(secret);
    save().catch(() => undefined);
  };
  const drop = (user: string) => {
    for (const fn of listeners) fn(user);
  };

  return {
    async verify(user, password, address) {
      if (user === undefined || password === undefined) return "wrong";
      const account = accounts.get(user);
      const verdict = await checks.check(user, account?.hash, password, address);
      if (verdict === "busy") return "busy";
      if (verdict === "wrong" || account === undefined || accounts.get(user) !== account) return "wrong";
      quicken(account, password);
      return account;
    },
    async issue(principal, chosen) {
      if (!isWellFormed(principal)) {
        const names = "names match [a-z0-9][a-z0-9-]{0,31}; up, ack, desired, reported and status are reserved";
        throw new GatewayError(
          "ingest.bad_account",
          "operator",
          `the account "${principal.user}" has a name that cannot stand in a topic: ${names}`,
        );
      }
      const secret = chosen ?? newSecret();
      const hash = chosen === undefined ? hashSecret(secret) : await hashPassword(chosen);
      const isReplaced = accounts.has(principal.user);
      accounts.set(principal.user, { ...principal, hash });
      await save();
      if (isReplaced) drop(principal.user);
      return secret;
    },
    async revoke(user) {
      if (!accounts.delete(user)) return;
      drop(user);
      await save();
    },
    has: (user) => accounts.has(user),
    list: () => [...accounts.values()].map(({ hash: _hash, ...principal }) => principal),
    onRevoke(fn) {
      listeners.add(fn);
      return () => void listeners.delete(fn);
    },
  };
}

/** Beside the account file, with the same content: one damaged file must not shut every sensor out. */
const copyOf = (path: string) => `${path}.copy`;

async function openAccounts(path: string, onRepair?: (what: string) => void): Promise<Account[]> {
  try {
    return await readAccounts(path);
  } catch (thrown) {
    if (onRepair === undefined) throw thrown;
    const fromCopy = existsSync(copyOf(path)) ? await readAccounts(copyOf(path)).catch(() => undefined) : undefined;
    const lost = "no sensor can log in until each has a new password (hearth init --device ID).";
    onRepair(setAside(path, fromCopy === undefined ? lost : "its copy is used, and no account is lost."));
    if (fromCopy !== undefined) await writeSecretFile(path, `${JSON.stringify({ v: 1, accounts: fromCopy }, null, 2)}\n`);
    return fromCopy ?? [];
  }
}

async function readAccounts(path: string): Promise<Account[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new GatewayError("ingest.bad_credentials", "operator", `the account file ${path} cannot be read`, { cause: error });
  });
  if (text === undefined) return [];
  const bad = (why: string) => new GatewayError("ingest.bad_credentials", "operator", `the account file ${path} is not usable: ${why}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw bad("it is not JSON");
  }
  const rows = typeof parsed === "object" && parsed !== null && "accounts" in parsed ? parsed.accounts : undefined;
  if (!Array.isArray(rows)) throw bad('it has no list "accounts"');
  return rows.map((row: Account, i) => {
    const isRole = (["device", "integrator", "bridge", "gateway"] satisfies Role[]).includes(row?.role);
    if (!isRole || typeof row.user !== "string" || typeof row.hash !== "string" || !isWellFormed(row))
      throw bad(`accounts[${i}] is not an account`);
    return row;
  });
}

async function writeSecretFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writePrivateFileLater(path, text);
}
