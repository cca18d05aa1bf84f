import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Receipt } from "../../gateway/leave/receipts.ts";
import { type HomeProcess, openHomeProcess } from "../crash/home-process.ts";
import { pseudonymsIn } from "../crash/left-behind.ts";
import { openSensors } from "../crash/sensors.ts";

const id = "zq7canary";
const name = "Zq Canary-Näme 7";
const note = "zq7 canary note: 4711.25 after the stairs";
const traces = [id, name, note];

let home: HomeProcess;
let copies: string;
beforeAll(async () => {
  copies = mkdtempSync(join(tmpdir(), "hearth-leave-"));
  home = await openHomeProcess({ devices: { strap: id, clip: "person-b" }, flushS: 2 });
  const config = join(home.folder, "hearth.yaml");
  writeFileSync(config, readFileSync(config, "utf8").replace(`name: ${id}`, `name: "${name}"`));
  writeFileSync(join(home.folder, "tokens.json.damaged"), `{"${id}": `);
  home.start();
  await Promise.all([home.startTwin(), home.untilReady()]);
  expect((await home.hearth(["token", "add", "--role", "patient", "--person", id])).code).toBe(0);
  const sensors = await openSensors({ url: home.mqttUrl, site: "home", passwords: home.passwords, random: Math.random });
  // A run of ventricular beats; somebody closes its alert with words of their own.
  const told = await until(async () => (await alertsOf(id)).find(({ rule }) => rule.startsWith("rhythm.")));
  await home.ask(`/api/v1/alerts/${told.id}/acknowledge`, { by: name, minutes: 5 });
  await home.ask(`/api/v1/alerts/${told.id}/close`, { by: name, reason: note });
  await home.ask(`/api/v1/people/${id}/learning`, { act: "again", by: name });
  await until(async () => isWritten(home.twinFolder, note));
  await until(async () => (await home.get<{ outbox: { depth: { raw: number } } }>("/api/v1/outbox")).outbox.depth.raw === 0);
  await sensors.close();
  await home.end("SIGTERM");
}, 240_000);
afterAll(async () => {
  await home.close();
  rmSync(copies, { recursive: true, force: true });
});

const alertsOf = async (person: string) =>
  (await home.get<{ alerts: { id: string; rule: string; person: string }[] }>("/api/v1/alerts?limit=500")).alerts.filter(
    (alert) => alert.person === person,
  );

async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await sleep(100);
  }
}

/** Every file below the folder that has one of the texts in its content or name. */
function filesWith(folder: string, texts: readonly string[]): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const bytes = readFileSync(file);
      return texts.some((each) => bytes.includes(each) || file.slice(folder.length).includes(each));
    })
    .map((file) => relative(folder, file))
    .sort();
}
const isWritten = (folder: string, text: string) => filesWith(folder, [text]).length > 0;
const keys = (folder: string) => readdirSync(join(folder, "keys")).sort();

test("a leaving that is killed at any moment is finished by the next one, and nothing of the person is left at home", async () => {
  // What there is to be erased.
  const before = filesWith(home.folder, traces).map((file) => file.replace(/-wal$/, ""));
  expect(before).toEqual(expect.arrayContaining(["access.json", "hearth.yaml", "store/hearth.db", "tokens.json.damaged", "twin/twin.db"]));
  const isThere = (path: string) => (folder: string) => existsSync(join(folder, path));
  const moments: readonly ((folder: string) => boolean)[] = [
    isThere("leaving"),
    (folder) => !isThere(`keys/journal-${id}.key`)(folder),
    (folder) => !isThere(`journal/${id}`)(folder),
    (folder) => !readFileSync(join(folder, "store", "hearth.db")).includes(id),
    (folder) => !isThere("tokens.json.damaged")(folder),
    isThere("receipts"),
  ];
  for (const [n, moment] of moments.entries()) {
    const folder = join(copies, String(n));
    cpSync(home.folder, folder, { recursive: true });
    const { code } = await home.hearth(["leave", name, "--yes"], {
      folder,
      async kill(child) {
        while (child.exitCode === null && child.signalCode === null && !moment(folder)) await sleep(1);
        child.kill("SIGKILL");
      },
    });
    const again = await home.hearth(["leave", id, "--yes", "--json"], { folder });
    // Where the first one had come through, there is nobody left to erase.
    if (code !== 0 && n < moments.length - 1) expect([n, again.code, again.stderr]).toEqual([n, 0, ""]);
    const rest = filesWith(folder, traces).filter((file) => !file.startsWith("twin/"));
    // What the twin is owed names whom, until it has answered.
    expect([n, rest.filter((file) => !file.startsWith("leaving/"))]).toEqual([n, ["store/hearth.db"]]);
    expect([n, filesWith(join(folder, "store"), [name, note])]).toEqual([n, []]);
    expect([n, keys(folder), existsSync(join(folder, "journal", id))]).toEqual([n, ["journal-person-b.key"], false]);
    rmSync(folder, { recursive: true });
  }
}, 240_000);

test("somebody leaves a home that runs while its twin is away: the twin erases them when it is back, and no byte of them is left anywhere", async () => {
  await home.endTwin("kill");
  home.start();
  await home.untilReady();
  const config = join(home.folder, "hearth.yaml");
  expect(await home.post(`/api/v1/people/${id}/leave`, { confirm: "somebody else" })).toBe(400);
  writeFileSync(config, `${readFileSync(config, "utf8")}\n# ${name} had the strap since spring.\n`);
  const sensors = await openSensors({ url: home.mqttUrl, site: "home", passwords: home.passwords, random: Math.random });
  const left = await home.hearth(["leave", name, "--yes", "--json"]);
  expect([left.code, left.stderr]).toEqual([0, ""]);
  const receipt = JSON.parse(left.stdout) as Receipt;
  expect(receipt.twin.state).toBe("owed");
  const counts = Object.fromEntries(receipt.erased.map(({ what, count }) => [what, count]));
  expect(counts).toMatchObject({
    people: 1,
    "keys of the record": 1,
    wearings: 1,
    "words about what is usual": 1,
    "tokens and sessions": 1,
    "files set aside as damaged": 1,
  });
  for (const what of ["alerts", "events", "states", "audit rows", "segments of the record"])
    expect([what, counts[what]! > 0]).toEqual([what, true]);
  const lines = readFileSync(config, "utf8").split("\n");
  expect(receipt.remains[0]).toMatchObject({ where: `hearth.yaml, line ${lines.findIndex((line) => line.includes(name)) + 1}` });
  writeFileSync(config, lines.filter((line) => !line.includes(name)).join("\n"));

  // Whoever stays is watched on, and the device that was worn is worn by nobody.
  const seen = await until(async () => {
    const { people } = await home.get<{ people: { id: string; heart_rate_bpm: number | null }[] }>("/api/v1/people");
    return people.every((person) => person.heart_rate_bpm !== null) && people;
  });
  expect(seen.map((person) => person.id)).toEqual(["person-b"]);
  const { devices } = await home.get<{ devices: { id: string; person: string | null }[] }>("/api/v1/devices");
  expect(devices.map((device) => [device.id, device.person])).toEqual(
    expect.arrayContaining([
      ["strap", null],
      ["clip", "person-b"],
    ]),
  );
  expect([...new Set(filesWith(home.folder, traces).map((file) => file.split("/")[0]))]).toEqual(["leaving", "store", "twin"]);

  await home.startTwin();
  const answered = await until(async () => {
    const one = await home.get<Receipt>(`/api/v1/receipts/${receipt.id}`);
    return one.twin.state === "erased" && one;
  });
  expect(answered.remains.map(({ where }) => where)).toContain("the disk itself");
  await sensors.close();
  await home.end("SIGTERM");
  const { names } = pseudonymsIn(home.folder)!;
  expect(filesWith(home.folder, [...traces, names.person(id), names.name(id)])).toEqual([]);
  // The twin knows whoever stays by another name.
  const theirs = ["person-b", names.person("person-b")];
  expect(filesWith(home.folder, theirs)).toEqual(expect.arrayContaining(["hearth.yaml", "store/hearth.db", "twin/twin.db"]));
  expect(keys(home.folder).filter((key) => key.includes(id))).toEqual([]);

  home.start();
  await home.untilReady();
  expect((await home.get<{ people: { id: string }[] }>("/api/v1/people")).people.map((person) => person.id)).toEqual(["person-b"]);
  const verified = await home.hearth(["alerts", "verify", "--json"]);
  expect(JSON.parse(verified.stdout)).toMatchObject({ whole: true, broken_at: null, erased: counts["audit rows"] });

  // The last one may leave too.
  expect((await home.hearth(["leave", "person-b", "--yes"])).stdout).toContain("Twin: it has erased everything and said so.");
  expect((await home.get<{ people: object[] }>("/api/v1/people")).people).toEqual([]);
  await home.end("SIGTERM");
  expect(filesWith(home.folder, ["person-b"])).toEqual([]);
}, 240_000);
