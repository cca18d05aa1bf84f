/**
 * Epoch and numbers of the outbox: no pair (epoch, n) is ever given to two different rows, not after a crash, a power cut or a restored copy.
 *
 * The database and a companion file `outbox.epoch` beside it both hold {epoch, generation, reserved}. The generation rises at every open, block and
 * close, in the database first (synchronous=FULL), then in the companion (new file, fsync, rename). So in one life of the file the database is never
 * behind its companion; a restored database is. The companion also holds its own inode and birth time, which a copied companion does not have.
 * Missing, behind or foreign: a new epoch begins and the rows that wait are numbered from 1 in it. Ids are reserved in blocks, and an opening
 * after a crash goes on behind the block, so numbers whose transaction a power cut took away are not given again.
 */

import { type BigIntStats, existsSync, fstatSync, readFileSync, statSync } from "node:fs";
import { type FilePort, systemFiles } from "../runtime/file-port.ts";
import { writePrivateFile } from "../runtime/private-file.ts";
import { type Database, toStoreError } from "./database.ts";

interface Lineage {
  readonly epoch: string;
  readonly generation: number;
  /** Highest id that may have been given out. */
  readonly reserved: number;
}

export interface EpochKeeper {
  epoch(): string;
  /** n = id − base. */
  base(): number;
  /** First id for the next rows; raises the reservation so that `count` ids are covered. Not inside a transaction. */
  reserve(count: number): number;
  /** Ids below this are given out. */
  advance(nextId: number): void;
  /** Exact numbers for a clean end. */
  close(): void;
}

export interface EpochOptions {
  readonly db: Database;
  readonly companionPath: string;
  /** A disk that tells what it was asked, for tests. */
  readonly files?: FilePort;
  readonly epochBytes: () => Uint8Array;
  readonly smallestId: () => number | undefined;
  /** Runs `write` as one transaction with synchronous=FULL. */
  readonly durably: (write: () => void) => void;
  /** The first saving may be refused by the disk and follow later. */
  readonly mayWait: boolean;
  /** Told once when a new epoch begins over rows of an older one. */
  readonly onRenewed: (why: string) => void;
  /** Told once when the database is new although its companion is not. */
  readonly onLost: () => void;
}

const blockIds = 10_000;

export function openEpoch(options: EpochOptions): EpochKeeper {
  const { db, companionPath, files = systemFiles() } = options;
  const readMeta = db.prepare("SELECT value FROM meta WHERE key = ?").pluck();
  const writeMeta = db.prepare("INSERT INTO meta(key, value) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value");
  const stored = storedLineage((key) => readMeta.get(key));
  const companion = readCompanion(companionPath);
  let base = Number(readMeta.get("outbox_base") ?? 0);
  let lineage: Lineage;
  let nextId: number;
  let isSaved = false;

  function save(next: Lineage): void {
    options.durably(() => {
      for (const [key, value] of Object.entries(next)) writeMeta.run(`outbox_${key}`, value);
      writeMeta.run("outbox_base", base);
    });
    writeCompanion(companionPath, next, files);
    lineage = next;
    isSaved = true;
  }

  const reserved = Math.max(stored?.reserved ?? 0, companion?.lineage.reserved ?? 0);
  const broken = whyBroken(stored, companion);
  nextId = reserved + 1;
  if (stored !== undefined && broken === undefined) {
    lineage = stored;
  } else {
    base = (options.smallestId() ?? nextId) - 1;
    lineage = { epoch: Buffer.from(options.epochBytes()).toString("hex"), generation: 0, reserved };
    if (stored !== undefined && broken !== undefined) options.onRenewed(broken);
    if (stored === undefined && companion !== undefined) options.onLost();
  }
  lineage = { epoch: lineage.epoch, reserved, generation: Math.max(stored?.generation ?? 0, companion?.lineage.generation ?? 0) + 1 };
  try {
    save(lineage);
  } catch (error) {
    // On a full disk a home opens all the same: no row gets a number before this has been saved.
    if (!options.mayWait || toStoreError(error).kind !== "world") throw error;
  }

  return {
    epoch: () => lineage.epoch,
    base: () => base,
    reserve(count) {
      const lastId = nextId + count - 1;
      if (!isSaved || lastId > lineage.reserved) save({ ...lineage, generation: lineage.generation + 1, reserved: lastId + blockIds });
      return nextId;
    },
    advance(next) {
      nextId = next;
    },
    close() {
      save({ ...lineage, generation: lineage.generation + 1, reserved: nextId - 1 });
    },
  };
}

function storedLineage(meta: (key: string) => unknown): Lineage | undefined {
  const epoch = meta("outbox_epoch");
  if (typeof epoch !== "string") return undefined;
  return { epoch, generation: Number(meta("outbox_generation")), reserved: Number(meta("outbox_reserved")) };
}

interface Companion {
  readonly lineage: Lineage;
  readonly isOwnFile: boolean;
}

function whyBroken(stored: Lineage | undefined, companion: Companion | undefined): string | undefined {
  if (stored === undefined) return "the database is new";
  if (companion === undefined) return "outbox.epoch is missing or unreadable";
  if (!companion.isOwnFile) return "outbox.epoch is a copy";
  if (companion.lineage.epoch !== stored.epoch) return "outbox.epoch belongs to another database";
  if (companion.lineage.generation > stored.generation) return "the database is older than outbox.epoch";
  return undefined;
}

function readCompanion(path: string): Companion | undefined {
  if (!existsSync(path)) return undefined;
  const fields = /^1 ([0-9a-f]{16}) (\d{1,15}) (\d{1,15}) (\d+):(\d+)\n$/.exec(readFileSync(path, "latin1"));
  if (fields === null) return undefined;
  const [, epoch = "", generation, reserved, inode, birthNs] = fields;
  const stat = statSync(path, { bigint: true });
  const isOwnFile = inode === `${stat.ino}` && (birthNs === "0" || birthNs === `${stat.birthtimeNs}`);
  return { lineage: { epoch, generation: Number(generation), reserved: Number(reserved) }, isOwnFile };
}

function writeCompanion(path: string, lineage: Lineage, files: FilePort): void {
  replaceCompanion(path, lineage, (stat) => stat.birthtimeNs, files);
  // Some file systems tell the time of the last change as birth, which no file can hold about itself: there the inode must do.
  if (readCompanion(path)?.isOwnFile !== true) replaceCompanion(path, lineage, () => 0n, files);
}

function replaceCompanion(path: string, lineage: Lineage, birthNsOf: (stat: BigIntStats) => bigint, files: FilePort): void {
  const { epoch, generation, reserved } = lineage;
  writePrivateFile(
    path,
    (fd) => {
      const stat = fstatSync(fd, { bigint: true });
      return `1 ${epoch} ${generation} ${reserved} ${stat.ino}:${birthNsOf(stat)}\n`;
    },
    files,
  );
}
