/** Opens the database file; one that can't be trusted is set aside whole and a new one begun. Never deletes or overwrites a file. */

import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { moveDatabase, readBothEnds } from "../runtime/sound-sqlite.ts";
import { type Database, isCorrupt, openDatabase } from "./database.ts";
import { migrate } from "./migrations.ts";

const fileName = "hearth.db";
const suspectName = "hearth.db.suspect";
const asideStart = `${fileName}.corrupt-`;

/** True for the name of a file that was set aside here. */
export const isSetAside = (name: string): boolean => name.startsWith(asideStart);

/**
 * @param wallUs wall clock, for the name of a file that is set aside.
 * @param onRepair told in one sentence when that happens.
 * @param isUnwritable nothing can be written now: no index of the log is made beside the file.
 */
export function openFile(dir: string, wallUs: number, onRepair: (what: string) => void, isUnwritable = false): Database {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, fileName);
  try {
    return openSound(path, existsSync(join(dir, suspectName)), isUnwritable);
  } catch (error) {
    if (!isCorrupt(error) && !(error instanceof DamagedPage)) throw error;
    const aside = `${asideStart}${new Date(wallUs / 1000).toISOString().replaceAll(/[:.]/g, "-")}`;
    moveDatabase(path, join(dir, aside));
    rmSync(join(dir, suspectName), { force: true });
    onRepair(
      `the database could not be read (${error instanceof Error ? error.message : error}); it stands aside as ${aside}, a new one was begun`,
    );
    return openSound(path, false, isUnwritable);
  }
}

/** After SQLite met a damaged page: the next opening reads the whole file before it trusts it. */
export function suspect(dir: string): void {
  try {
    writeFileSync(join(dir, suspectName), "");
  } catch {
    // On a full disk the damaged page itself is what is told.
  }
}

function openSound(path: string, isSuspect: boolean, isUnwritable: boolean): Database {
  const db = openDatabase(path, isUnwritable);
  try {
    migrate(db);
    readBothEnds(db);
    if (isSuspect) {
      const verdict = db.pragma("quick_check(1)", { simple: true });
      if (verdict !== "ok") throw new DamagedPage(String(verdict));
      rmSync(path.replace(fileName, suspectName), { force: true });
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

class DamagedPage extends Error {}
