/**
 * Erases a person from a home that nobody has open: the key of their record first, then the record, the store, and what was set aside. Every step can be
 * done again, so that a second run finishes what a kill interrupted.
 */

import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { accessFile, forgetPerson } from "../access/access-file.ts";
import { openJournalCore } from "../journal/journal-core.ts";
import { systemFiles } from "../runtime/file-port.ts";
import { writePrivateFile } from "../runtime/private-file.ts";
import { shippedPayloads } from "../semantic/payload-codec.ts";
import { erasePerson } from "../store/erase-person.ts";
import { namesIn } from "./json-folder.ts";
import { type Leaving, openLeavings } from "./leavings.ts";
import { openReceipts, type Receipt } from "./receipts.ts";
import { remainders, type Sent } from "./remains.ts";
import { textWithout } from "./settings.ts";

export interface ErasedHome {
  /** The folder with hearth.yaml and what stands beside it. */
  readonly homeDir: string;
  /** Journal, store and keys: the home itself, or the demo's part of it. */
  readonly dataDir: string;
  readonly configFile: string;
  readonly hasTwin: boolean;
  /** Who has been told things: kinds of channels. */
  readonly sent: Sent;
  readonly wallMs: () => number;
}

const unworn = "unassigned";

/**
 * Throws the errors of journal and store, and the system's; what was done by then stays done.
 *
 * @param onDamage told in one sentence of what was found damaged of others, and set aside.
 */
export function eraseFromHome(home: ErasedHome, decided: Leaving, onDamage: (what: string) => void): Receipt {
  const leavings = openLeavings(home.dataDir);
  const { person, name, receipt } = decided;
  let leaving = decided;
  // What a run before this one found and erased counts too.
  const found = (counts: Readonly<Record<string, number>>) => {
    const kept = { ...leaving.found };
    for (const [what, count] of Object.entries(counts)) kept[what] = Math.max(kept[what] ?? 0, count);
    leaving = { ...leaving, found: kept };
    leavings.put(leaving);
  };
  leaveSettings(home.configFile, person);
  found(countRecord(home.dataDir, person));
  forgetRecord(home.dataDir, person).forEach(onDamage);
  const wallUs = home.wallMs() * 1000;
  const { counts, owed, damaged } = erasePerson(join(home.dataDir, "store"), {
    ...{ person, name, receipt, wallUs, isAbout: (payload) => isAbout(payload, person) },
    request: home.hasTwin ? shippedPayloads.toOutbox({ kind: "leave", person, timeUs: wallUs }) : undefined,
  });
  damaged.forEach(onDamage);
  found(counts);
  found({ "tokens and sessions": forgetPerson(accessFile(home.dataDir), person) });
  found(removeLeftovers(home, [person, name]));
  const written: Receipt = {
    id: receipt,
    decided_at: leaving.decidedAt,
    finished_at: new Date(home.wallMs()).toISOString(),
    erased: Object.entries(leaving.found).flatMap(([what, count]) => (count === 0 ? [] : [{ what, count }])),
    twin: { state: owed === undefined ? "none" : "owed" },
    remains: remainders(home, leaving),
  };
  openReceipts(home.dataDir).put(written);
  if (owed === undefined) leavings.remove(receipt);
  else leavings.put({ ...leaving, owed, name: "", found: {} });
  return written;
}

/** Rewrites hearth.yaml where it names the person. Throws the system's error where it can't be written. */
export function leaveSettings(configFile: string, person: string): void {
  if (!existsSync(configFile)) return;
  const text = readFileSync(configFile, "utf8");
  const rest = textWithout(text, person);
  if (rest !== text) writePrivateFile(configFile, rest);
}

function countRecord(dataDir: string, person: string): Record<string, number> {
  const count = (lane: string) => {
    const folder = join(dataDir, "journal", lane);
    return existsSync(folder) ? readdirSync(folder, { recursive: true }).filter((file) => /\.seg/.test(String(file))).length : 0;
  };
  const keys = namesIn(join(dataDir, "keys")).filter((file) => file.startsWith(`journal-${person}.key`));
  return {
    "keys of the record": keys.length,
    "segments of the record": count(person),
    "segments of what devices sent while nobody wore them": count(unworn),
  };
}

/** The person's lane with its key; and what devices sent while nobody was said to wear them, for it may be theirs. */
function forgetRecord(dataDir: string, person: string): readonly string[] {
  const core = openJournalCore({
    ...{ dir: join(dataDir, "journal"), keysDir: join(dataDir, "keys"), bootId: "", randomBytes },
    files: systemFiles(),
  });
  try {
    for (const lane of [person, unworn]) core.forget(lane);
    return core.opened.damaged;
  } finally {
    core.close();
  }
}

/** What can't be read may be about them: then it counts where their id stands in it. */
function isAbout(payload: Uint8Array, person: string): boolean {
  try {
    const said = shippedPayloads.decode(payload);
    return said.kind === "leave" ? said.person === person : shippedPayloads.peopleOf(said).includes(person);
  } catch {
    return Buffer.from(payload).includes(person);
  }
}

/** Demos that are over, and files that were set aside as damaged with the person in them. */
function removeLeftovers({ homeDir, dataDir }: ErasedHome, names: readonly string[]): Record<string, number> {
  const demos = ["demo", "demo.previous"]
    .map((folder) => join(homeDir, folder))
    .filter((folder) => folder !== dataDir && existsSync(folder));
  for (const folder of demos) rmSync(folder, { recursive: true, force: true });
  const aside = [...new Set([homeDir, dataDir])].flatMap((folder) =>
    namesIn(folder)
      .filter((file) => /\.damaged(-\d+)?$/.test(file))
      .map((file) => join(folder, file))
      .filter((file) => names.some((each) => readFileSync(file).includes(each))),
  );
  for (const file of aside) rmSync(file, { force: true });
  return { "demos that are over": demos.length, "files set aside as damaged": aside.length };
}
