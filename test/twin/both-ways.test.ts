/** A whole home with the twin beside it: what is said of an alert on one side is in force on the other. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const main = fileURLToPath(new URL("../../gateway/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hearth-both-"));
const ports = ["HTTP", "MQTT", "TWIN", "TWIN_MQTT"].map((name) => [`HEARTH__PORTS__${name}`, "0"]);
const env = { ...process.env, ...Object.fromEntries(ports), HEARTH_HOME: folder };
const patience = { timeout: 60_000, interval: 50 };

let home: ChildProcess;
let said = "";

beforeAll(async () => {
  execFileSync(process.execPath, [main, "init", "--json"], { env, stdio: "ignore" });
  home = spawn(process.execPath, [main, "run"], { env, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [home.stdout, home.stderr])
    stream?.on("data", (bytes) => {
      said += bytes;
    });
  while (!said.includes("#code=")) {
    if (home.exitCode !== null) throw new Error(`the gateway ended:\n${said}`);
    await sleep(20);
  }
}, 120_000);

afterAll(async () => {
  if (home.exitCode === null) {
    home.kill("SIGTERM");
    await once(home, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const read = <Value>(name: string) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Value;

type Row = Readonly<Record<string, unknown>>;
interface Answer {
  readonly status: number;
  readonly alerts?: readonly Row[];
  readonly act?: { readonly id: string; readonly state: string };
  readonly condition?: { readonly alert: string };
}

/** Asks one side as the home's admin; undefined where it does not answer yet. */
async function ask(side: "http" | "twin", method: string, path: string, body?: object): Promise<Answer | undefined> {
  const headers = { authorization: `Bearer ${read<{ admin: string }>("tokens.json").admin}`, "content-type": "application/json" };
  const url = `http://127.0.0.1:${read<Record<string, number>>("ports.json")[side]}/api/v1/${path}`;
  const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) }).catch(() => undefined);
  return answer === undefined ? undefined : { status: answer.status, ...((await answer.json()) as Omit<Answer, "status">) };
}
const alertAt = async (side: "http" | "twin", id: string) =>
  (await ask(side, "GET", side === "http" ? "alerts" : "people/person-a/alerts"))?.alerts?.find((alert) => alert.id === id);
const raise = async (rule: string): Promise<string> => {
  const raised = await ask("http", "PUT", `people/person-a/conditions/${rule}`, { title: "The door is open" });
  const id = raised?.condition?.alert ?? "";
  await expect.poll(() => alertAt("twin", id), patience).toBeDefined();
  return id;
};

test("acknowledged at the twin is acknowledged at home, by the name of who pressed; acknowledged at home is so at the twin", async () => {
  const first = await raise("flow.one");
  const pressed = await ask("twin", "POST", `alerts/${first}/acknowledge`, { by: "Carer B", minutes: 15 });
  expect(pressed).toMatchObject({ act: { alert: first } });
  await expect.poll(() => alertAt("http", first), patience).toMatchObject({ state: "acknowledged", acknowledged_by: "Carer B" });
  await expect.poll(() => alertAt("twin", first), patience).toMatchObject({ state: "acknowledged", acknowledged_by: "Carer B" });
  const act = async () => (await ask("twin", "GET", `acts/${pressed?.act?.id}`))?.act?.state;
  await expect.poll(act, patience).toBe("done");

  const second = await raise("flow.two");
  expect(await ask("http", "POST", `alerts/${second}/acknowledge`, { by: "Carer C" })).toMatchObject({ status: 200 });
  await expect.poll(() => alertAt("twin", second), patience).toMatchObject({ state: "acknowledged", acknowledged_by: "Carer C" });
}, 120_000);
