/** `hearth simulate` as its user types it: a home is made and run, and a virtual strap plays into it with an account of its own. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../crash/home-inside.ts";

const main = fileURLToPath(new URL("../../gateway/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hearth-simulate-"));
const free = { HEARTH__PORTS__HTTP: "0", HEARTH__PORTS__MQTT: "0", HEARTH__PORTS__TWIN: "0", HEARTH__PORTS__TWIN_MQTT: "0" };
const children: ChildProcess[] = [];

function hearth(...args: string[]) {
  const env = { ...process.env, ...free, HEARTH__TWIN__EMBEDDED: "true", HEARTH_HOME: folder };
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  const said = { text: "" };
  for (const pipe of [child.stdout, child.stderr])
    pipe.on("data", (bytes: Buffer) => {
      said.text += bytes.toString();
    });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { child, said, ended };
}

beforeAll(async () => {
  expect(await hearth("init").ended).toBe(0);
  const run = hearth("run");
  await until(() => existsSync(join(folder, "ports.json")) && run.said.text.includes("Hearth runs"), "the home runs");
});

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

test("a virtual strap is added, worn and heard; it says what it sends, and ends with Ctrl-C", async () => {
  const { child, said, ended } = hearth("simulate", "my-strap", "--add", "--person", "person-a");
  await until(() => /connected; [\d,]+ samples measured, \d+ batches taken/.test(said.text), "a status line tells of taken batches");
  const { http } = JSON.parse(readFileSync(join(folder, "ports.json"), "utf8")) as { http: number };
  const { admin } = JSON.parse(readFileSync(join(folder, "tokens.json"), "utf8")) as { admin: string };
  const answer = await fetch(`http://127.0.0.1:${http}/api/v1/streams`, { headers: { authorization: `Bearer ${admin}` } });
  const { streams } = (await answer.json()) as { streams: { device: string; person: string; last_sample_at: string | null }[] };
  expect(streams).toMatchObject([{ device: "my-strap", person: "person-a", last_sample_at: expect.any(String) }]);
  child.kill("SIGINT");
  expect(await ended).toBe(0);
  expect(said.text).toMatch(/connected; .* It has ended\.\n$/);
});

test("without a password it says the ways to one, and a device that the home does not have is not made unasked", async () => {
  const known = hearth("simulate", "my-strap");
  expect(await known.ended).toBe(1);
  expect(known.said.text).toMatch(/HEARTH_DEVICE_PASSWORD.*--new-password/);
  const unknown = hearth("simulate", "other");
  expect(await unknown.ended).toBe(1);
  expect(unknown.said.text).toContain("--add");
  const renewed = hearth("simulate", "my-strap", "--new-password");
  await until(() => renewed.said.text.includes("connected;"), "the new password is taken");
  renewed.child.kill("SIGINT");
  expect(await renewed.ended).toBe(0);
});

test("a body is as many devices as it has sensors, each with an account of its own; a fault that there is none is refused before anything is made", async () => {
  const wrong = hearth("simulate", "body", "--add", "--person", "person-a", "--record", "cmu-02_01", "--fault", "mood@head");
  expect(await wrong.ended).toBe(2);
  expect(wrong.said.text).toMatch(/--fault mood@head: KIND\[=AMOUNT\]@PLACEMENT .*drift \(degrees a minute, 20\)/);
  const sensors = ["--sensors", "pelvis,head", "--fault", "loss=0.2@head", "drift=10@pelvis"];
  const { child, said, ended } = hearth("simulate", "body", "--add", "--person", "person-a", "--record", "cmu-02_01", ...sensors);
  await until(
    () => ["pelvis", "head"].every((at) => new RegExp(`body-${at}: connected; [\\d,]+ samples measured, [1-9]`).test(said.text)),
    "status lines tell of taken batches of both",
  );
  child.kill("SIGINT");
  expect(await ended).toBe(0);
  expect(said.text).toMatch(/body-pelvis, body-head play CMU .*body-head: connected; .* It has ended\.\n$/s);
});
