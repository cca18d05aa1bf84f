/** Lanes that their key no longer opens are set aside with it, so that one person's damaged key file stops nobody, not even its own person. */

import { join } from "node:path";
import type { FilePort } from "../runtime/file-port.ts";
import { createSeal, keyBytes, keyPath } from "./seal.ts";
import { listLanes, listSegments } from "./segment-catalog.ts";
import { parseSegmentHeader, scanFrames } from "./segment-format.ts";

interface LaneFolders {
  readonly files: FilePort;
  /** Folder of the lanes. */
  readonly dir: string;
  readonly keysDir: string;
}

/** Moves each such lane's folder to `<lane>.unreadable` and its key to `<key>.damaged`. `onDamage` is told in one sentence per lane. */
export function setUnreadableAside({ files, dir, keysDir }: LaneFolders, onDamage: (what: string) => void): void {
  for (const lane of listLanes(files, dir)) {
    const why = whyUnreadable({ files, dir, keysDir }, lane);
    if (why === undefined) continue;
    const aside = freeName(files, join(dir, `${lane}${unreadable}`));
    files.rename(join(dir, lane), aside);
    files.syncFolder(dir);
    const key = keyPath(keysDir, lane);
    if (files.exists(key)) files.rename(key, freeName(files, `${key}${damaged}`));
    if (files.exists(keysDir)) files.syncFolder(keysDir);
    onDamage(
      `${key} ${why}: the journal of ${lane} until now can't be read and stands aside as ${aside}; a new one was begun. If a copy of the key exists, put both back while the gateway is off.`,
    );
  }
}

/** What `setUnreadableAside` kept of a lane, for those who forget it. */
export function asideOf({ files, dir, keysDir }: LaneFolders, lane: string): string[] {
  const named = (folder: string, start: string) =>
    files
      .list(folder)
      .filter((name) => name.startsWith(start))
      .map((name) => join(folder, name));
  return [...named(keysDir, `journal-${lane}.key${damaged}`), ...named(dir, `${lane}${unreadable}`)];
}

const unreadable = ".unreadable";
const damaged = ".damaged";

function freeName(files: FilePort, path: string): string {
  let free = path;
  for (let n = 2; files.exists(free); n++) free = `${path}-${n}`;
  return free;
}

/** Undefined where the newest sealed group opens, or where nothing was sealed yet. A key of another user or on a bad sector is as lost as a damaged one. */
function whyUnreadable({ files, dir, keysDir }: LaneFolders, lane: string): string | undefined {
  const path = keyPath(keysDir, lane);
  let key: Uint8Array | undefined;
  try {
    key = files.exists(path) ? files.read(path) : undefined;
  } catch (error) {
    return `can't be read (${(error as NodeJS.ErrnoException).code ?? "no reason given"})`;
  }
  for (const segment of listSegments(files, join(dir, lane)).reverse()) {
    const bytes = files.read(segment);
    const parsed = parseSegmentHeader(bytes);
    if (parsed === undefined || !parsed.header.isSealed) continue;
    const { value: frame } = scanFrames(bytes, parsed.header, parsed.endByte).next();
    if (frame === undefined) continue;
    if (key === undefined) return "is missing";
    if (key.length !== keyBytes) return `has ${key.length} bytes instead of ${keyBytes}`;
    const plain = createSeal(key, parsed.header.salt).open(frame.serial, frame.head, frame.body, frame.tag);
    return plain === undefined ? "is not the key that sealed it" : undefined;
  }
  return key === undefined || key.length === keyBytes ? undefined : `has ${key.length} bytes instead of ${keyBytes}`;
}
