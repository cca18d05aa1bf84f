/** Two machines' worth of one: a twin alone and a home that joins it, both as their people start them. */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const main = fileURLToPath(new URL("../../gateway/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hearth-far-"));
const started: ChildProcess[] = [];
const poll = <Value>(look: () => Value) => expect.poll(look, { timeout: 60_000, interval: 100 });

afterAll(async () => {
  for (const child of started)
    if (child.exitCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const envOf = (name: string) => ({
  ...process.env,
  ...Object.fromEntries(["HTTP", "MQTT", "MQTTTLS", "TWIN", "TWINMQTT"].map((port) => [`HEARTH__PORTS__${port}`, "0"])),
  HEARTH_HOME: join(folder, name),
});

/** Runs a verb to its end; `code` is the GatewayError's where it failed. */
async function hearth(name: string, ...args: string[]): Promise<{ answer: Record<string, unknown>; error: string }> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...args, "--json"], { env: envOf(name), cwd: folder });
    return { answer: JSON.parse(stdout) as Record<string, unknown>, error: "" };
  } catch (thrown) {
    return { answer: {}, error: (thrown as { stderr: string }).stderr };
  }
}

function start(name: string, verb: string) {
  const child = spawn(process.execPath, [main, verb], { env: envOf(name), stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (bytes) => {
      said += bytes;
    });
  return { child, said: () => said };
}

const readJson = (name: string, file: string) => JSON.parse(readFileSync(join(folder, name, file), "utf8")) as Record<string, unknown>;

async function gatewayAtTwin(): Promise<Record<string, unknown> | undefined> {
  const url = `http://127.0.0.1:${readJson("twin", "ports.json").twin}/api/v1/gateways`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${readJson("twin", "tokens.json").admin}` } });
  return ((await answer.json()) as { gateways?: Record<string, unknown>[] }).gateways?.[0];
}

test("a home joins a distant twin with its claim, its frames arrive; revoked it is out, and a new claim lets it in again", async () => {
  expect((await hearth("twin", "twin", "claim", "home-a")).error).toContain("twin.reach");
  const twin = start("twin", "twin");
  await poll(twin.said).toContain("The twin runs");
  const { answer: claim } = await hearth("twin", "twin", "claim", "home-a");
  expect(claim).toMatchObject({ gateway: "home-a", file: join(folder, "home-a.claim") });
  await hearth("home", "init");
  expect((await hearth("home", "twin", "join", "nowhere.claim")).error).toContain("hearth twin claim");
  expect((await hearth("home", "twin", "join", "home-a.claim")).answer).toMatchObject({ gateway: "home-a" });
  expect((await hearth("home", "twin", "join", "home-a.claim")).error).toContain("has been used");

  const gateway = start("home", "run");
  await poll(gateway.said).toContain("#code=");
  await poll(gatewayAtTwin).toMatchObject({
    id: "home-a",
    connected: true,
    frames: expect.any(Number),
    last_heartbeat_at: expect.any(String),
  });
  await hearth("twin", "twin", "claim", "home-a");
  expect((await hearth("home", "twin", "join", "home-a.claim")).error).toContain("stop it");

  expect((await hearth("twin", "twin", "revoke", "home-a")).answer).toEqual({ gateway: "home-a", revoked: true });
  await poll(async () => (await hearth("twin", "twin", "gateways")).answer).toMatchObject({
    gateways: [],
    acts: [{ what: "revoked" }, { what: "claimed" }, { what: "joined", by: "gateway" }, { what: "claimed" }],
  });
  await poll(gatewayAtTwin).toBeUndefined();
  gateway.child.kill("SIGTERM");
  await once(gateway.child, "exit");
  expect((await hearth("home", "twin", "join", "home-a.claim")).error).toContain("no such claim");

  await hearth("twin", "twin", "claim", "home-a");
  expect((await hearth("home", "twin", "join", "home-a.claim")).error).toBe("");
  const again = start("home", "run");
  await poll(again.said).toContain("#code=");
  await poll(gatewayAtTwin).toMatchObject({ id: "home-a", connected: true });
});
