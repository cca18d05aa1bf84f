/** What a leaving can't erase, each with its reason. It looks for the person's name and id in the files of the home, and repeats neither. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { Leaving } from "./leavings.ts";
import type { Remainder } from "./receipts.ts";

/** Through what others have been told. */
export interface Sent {
  /** Names of the channels in hearth.yaml. */
  readonly channels: readonly string[];
  /** Address of a distant twin. */
  readonly distantTwin?: string;
}

/** A file that is larger is not searched. */
const mostSearchedBytes = 64 << 20;
/** Their content is searched by nobody: sealed, or rid of the person by its own means. */
const own = /^(journal|store|keys|twin|leaving|receipts|demo[^/]*\/(journal|store|keys|twin|leaving|receipts))\//;

export function remainders({ homeDir, sent }: { readonly homeDir: string; readonly sent: Sent }, { person, name }: Leaving): Remainder[] {
  return [
    ...found(homeDir, [person, name]),
    ...sent.channels.map((channel) => ({
      where: `what the channel ${channel} has sent`,
      why: "messages lie with those who got them (mailboxes, phones, another server): ask them to delete them",
    })),
    { where: "other programs on the home's broker", why: "Node-RED, Home Assistant and their like keep what they have read" },
    ...(sent.distantTwin === undefined
      ? []
      : [{ where: "copies that the distant twin's machine makes", why: "its backups and logs are its operator's" }]),
    { where: "exports, recordings and replays", why: "files that somebody has made outside of this home, or under another name" },
    {
      where: "backups and file-system snapshots",
      why: "copies of this folder that another program has made have all that it had then, the keys too",
    },
    {
      where: "the disk itself",
      why: "flash memory and file systems keep overwritten and deleted blocks for a while; only a disk that is encrypted as a whole rules that out",
    },
    { where: "the system's log", why: "Hearth's lines name ids, never values; where they go is the system's setting" },
    { where: "the devices", why: "a sensor may hold samples that it has not sent yet: set it back before somebody else wears it" },
    { where: "browsers", why: "a page that is open shows what it had until it is loaded anew" },
  ];
}

/** Files of the home that still have a name or an id in them, by line where they are text. */
function found(homeDir: string, names: readonly string[]): Remainder[] {
  // As a word: an id may be as short as "a".
  const words = new RegExp(
    `(?<![\\p{L}\\p{N}-])(${names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|")})(?![\\p{L}\\p{N}-])`,
    "gu",
  );
  const isNamed = (text: string) => text.search(words) >= 0;
  return readdirSync(homeDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !own.test(relative(homeDir, file)) && statSync(file).size <= mostSearchedBytes)
    .flatMap((file) => {
      const path = relative(homeDir, file);
      const lines = readFileSync(file, "utf8").split("\n");
      const numbers = lines.flatMap((line, i) => (isNamed(line) ? [i + 1] : []));
      if (path === "hearth.yaml" && numbers.length > 0) return [{ where: `hearth.yaml, line ${numbers.join(", ")}`, why: yours }];
      return numbers.length > 0 || isNamed(path) ? [{ where: path.replaceAll(words, "…"), why: notOurs }] : [];
    });
}

const yours = "the name or id stands in a comment, a title or a channel, which are yours to change";
const notOurs = "the name or id stands in it, and Hearth did not make it";
