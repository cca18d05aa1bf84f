/** The whole product in a network and file systems of its own: whatever calls out of the house, or leaves something outside of its home, is seen. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readyPalette } from "../../gateway/flows/palette-folder.ts";
import { whyNoNodeRed } from "../flows/programs.ts";
import type { Report } from "./inside.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const person = "/home/person";
const home = `${person}/house`;

/** Runs a command in a fresh room with a bare environment, as a newcomer's shell has it. */
function inRoom(command: (room: string) => readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const room = mkdtempSync(join(tmpdir(), "hearth-room-"));
  const env = { PATH: process.env.PATH ?? "", HOME: person, HEARTH_HOME: home };
  const args = ["--net", "--mount", "--pid", "--fork", "--kill-child", join(root, "test/silence/room.sh"), room, ...command(room)];
  const { status, stdout, stderr, error } = spawnSync("unshare", args, { cwd: root, env, encoding: "utf8", maxBuffer: 1 << 28 });
  rmSync(room, { recursive: true, force: true });
  return { status, stdout: stdout ?? "", stderr: error?.message ?? stderr };
}

function whyNoRoom(): string | undefined {
  if (process.platform !== "linux") return "rooms want Linux";
  if (process.getuid?.() !== 0) return "rooms want root";
  const { status, stderr } = inRoom(() => ["true"]);
  return status === 0 ? undefined : `a room can't be opened here: ${stderr.trim()}`;
}

const why = whyNoRoom();
if (why !== undefined) process.stderr.write(`silence: skipped, ${why}\n`);

function runInside(what: "everything" | "planted"): Report {
  const { status, stdout, stderr } = inRoom((room) => [
    "sh",
    "-c",
    'mkdir -p "$HOME" && cd "$0" && exec node_modules/.bin/node test/silence/inside.ts "$@"',
    root,
    room,
    what,
  ]);
  if (status !== 0) throw new Error(`the run in the room ended with ${status}:\n${stderr}`);
  return JSON.parse(stdout) as Report;
}

/** Places of the table of docs/written.md, as absolute paths. */
function knownPlaces(): string[] {
  const page = readFileSync(join(root, "docs/written.md"), "utf8");
  return [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, place = ""]) =>
    place.startsWith("$HEARTH_HOME/")
      ? place.replace("$HEARTH_HOME", home)
      : place.startsWith("~/")
        ? place.replace("~", person)
        : join(root, place),
  );
}

test.skipIf(why !== undefined)(
  "the room sees a look-up, a call, a datagram, a call by IPv6 and files left behind, and nothing where there is nothing",
  () => {
    const { noticed, written } = runInside("planted");
    expect(noticed.planted?.lookups).toContain("telemetry.example A");
    expect(noticed.planted?.packets).toBeGreaterThanOrEqual(2);
    expect(noticed.planted?.withoutRoute).toBeGreaterThanOrEqual(1);
    expect(noticed.planted?.farEnds).toContain("tcp 198.51.100.7:443");
    expect(noticed.nothing).toEqual({ lookups: [], packets: 0, withoutRoute: 0, farEnds: [] });
    expect(written).toEqual(["/dev/shm/maker", `${person}/.cache/maker/device-id`, "/tmp/maker.log"]);
  },
);

const noFlows = whyNoNodeRed();
if (why === undefined && noFlows !== undefined) process.stderr.write(`silence: without 'npm run flows', ${noFlows}\n`);

test.skipIf(why !== undefined)(
  "demo, own home, flows and every verb look up no name, call nobody and write only where the page says",
  async () => {
    // What it makes of its sources lies in the checkout, and is made once.
    if (noFlows === undefined)
      await readyPalette(join(root, "flows"), { say: () => {}, signal: new AbortController().signal, env: process.env });
    const { noticed, written } = runInside("everything");
    const quiet = { lookups: [], packets: 0, withoutRoute: 0, farEnds: [] };
    expect(noticed).toEqual(Object.fromEntries(Object.keys(noticed).map((name) => [name, quiet])));
    expect(Object.keys(noticed)).toHaveLength(noFlows === undefined ? 7 : 6);
    const places = knownPlaces();
    expect(written.filter((file) => !places.some((place) => file.startsWith(place)))).toEqual([]);
    // A place that nobody writes to has no business on the page.
    expect(places.filter((place) => !written.some((file) => file.startsWith(place)))).toEqual([]);
  },
);
