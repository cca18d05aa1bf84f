/** Every grant that opens something now, with the hash of its secret: found by secret, kept in access.json, told when it ends. */

import { timingSafeEqual } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { newSecret } from "../runtime/password.ts";
import { type AccessEntry, createAccessWriter, readAccess } from "./access-file.ts";
import { digestOf, type Grant } from "./grant.ts";

export interface GrantBookOptions {
  readonly clock: Clock;
  /** access.json; without it everything lives in memory. */
  readonly path?: string;
  /** Told in one sentence when access.json was damaged and set aside; without it a damaged file throws. */
  readonly onRepair?: (what: string) => void;
}

interface Known {
  readonly grant: Grant;
  readonly digest: Buffer;
  /** In plain: a token of tokens.json, which access.json doesn't keep. */
  readonly given?: string;
}

interface GrantBook {
  all(): readonly Known[];
  /** Throws `access.unknown` (operator). */
  one(id: string): Known;
  /** Whom a secret belongs to; a session counts as used. */
  find(secret: string): Grant | undefined;
  put(known: Known): void;
  /** Puts a grant with a new secret, which is answered and not kept. */
  create(grant: Grant): Promise<{ readonly grant: Grant; readonly token: string }>;
  end(id: string): void;
  /** Rejects with `access.unwritable` (world). */
  save(): Promise<void>;
  /** A word and some letters that no other grant has. */
  freshId(word: string): string;
  /** Called when the grant ends or is put anew; returns its cancel. */
  onEnd(id: string, fn: () => void): () => void;
  close(): void;
}

/** A browser that has not asked for so long is signed out. */
const sessionIdleMs = 30 * 86_400_000;
const dayMs = 86_400_000;
const sweepMs = 60_000;

export function openGrantBook({ clock, path, onRepair }: GrantBookOptions): GrantBook {
  const known = new Map<string, Known>();
  const watchers = new Map<string, Set<() => void>>();
  const write = path === undefined ? async () => {} : createAccessWriter(path);
  const nowMs = () => Math.round(clock.wallUs() / 1000);
  for (const { sha256, ...grant } of path === undefined ? [] : readAccess(path, onRepair))
    known.set(grant.id, { grant: grant as Grant, digest: Buffer.from(sha256, "base64url") });

  const save = () => write([...known.values()].flatMap(({ grant, digest, given }) => (given === undefined ? entryOf(grant, digest) : [])));
  const tell = (id: string) => {
    for (const fn of [...(watchers.get(id) ?? [])]) fn();
  };
  const end = (id: string) => {
    known.delete(id);
    tell(id);
  };
  const isExpired = ({ usedMs }: Grant) => usedMs !== undefined && nowMs() - usedMs >= sessionIdleMs;
  // Once a day is enough, and what cannot be written now is written another day.
  const use = (each: Known): Grant => {
    const { grant } = each;
    if (grant.usedMs === undefined || nowMs() - grant.usedMs < dayMs) return grant;
    const used = { ...grant, usedMs: nowMs() };
    known.set(grant.id, { ...each, grant: used });
    save().catch(() => {});
    return used;
  };
  const stopSweep = clock.every(sweepMs, () => {
    const over = [...known.values()].filter(({ grant }) => isExpired(grant));
    for (const { grant } of over) end(grant.id);
    if (over.length > 0) save().catch(() => {});
  });
  const put = (each: Known) => {
    known.set(each.grant.id, each);
    tell(each.grant.id);
  };

  return {
    ...{ put, end, save, close: stopSweep },
    all: () => [...known.values()].filter(({ grant }) => !isExpired(grant)),
    one(id) {
      const found = known.get(id);
      if (found !== undefined) return found;
      throw new GatewayError("access.unknown", "operator", "No token or session has this id.", { fields: { field: "id" } });
    },
    find(secret) {
      const digest = digestOf(secret);
      let found: Known | undefined;
      // Every one is compared, so that the time taken shows nothing of a secret.
      for (const each of known.values()) if (timingSafeEqual(each.digest, digest)) found = each;
      return found === undefined || isExpired(found.grant) ? undefined : use(found);
    },
    async create(grant) {
      const token = newSecret();
      put({ grant, digest: digestOf(token) });
      await save();
      return { grant, token };
    },
    freshId(word) {
      const letters = newSecret()
        .toLowerCase()
        .replaceAll(/[^a-z0-9]/g, "");
      const id = `${word}-${letters.slice(0, 5)}`;
      return known.has(id) ? this.freshId(word) : id;
    },
    onEnd(id, fn) {
      const own = watchers.get(id) ?? new Set();
      watchers.set(id, own.add(fn));
      return () => {
        own.delete(fn);
        if (own.size === 0) watchers.delete(id);
      };
    },
  };
}

function entryOf(grant: Grant, digest: Buffer): AccessEntry {
  const { persons, createdMs = 0, ...rest } = grant;
  return { ...rest, createdMs, ...(persons === undefined ? {} : { persons: [...persons] }), sha256: digest.toString("base64url") };
}
