import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connect } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";

const main = fileURLToPath(new URL("../../gateway/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hearth-revoke-"));
const ports = ["HTTP", "MQTT", "TWIN", "TWIN_MQTT"].map((name) => [`HEARTH__PORTS__${name}`, "0"]);
const env = { ...process.env, ...Object.fromEntries(ports), HEARTH_HOME: folder };

interface Made {
  readonly role_tokens: readonly { readonly id: string; readonly role: string; readonly persons: string[]; readonly token: string }[];
  readonly device: { readonly user: string; readonly password: string };
}

let made: Made;
let gateway: ChildProcess | undefined;
let printed = "";
let logged = "";

/** Exit code, what it printed, and its words for people. */
const hearth = async (...args: string[]) =>
  promisify(execFile)(process.execPath, [main, ...args], { env }).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );

async function start(): Promise<void> {
  rmSync(join(folder, "ports.json"), { force: true });
  printed = "";
  const child = spawn(process.execPath, [main, "run"], { env, stdio: ["ignore", "pipe", "pipe"] });
  gateway = child;
  child.stdout.on("data", (bytes) => {
    printed += bytes;
  });
  child.stderr.on("data", (bytes) => {
    logged += bytes;
  });
  while (!printed.includes("#code=")) {
    if (child.exitCode !== null) throw new Error(`the gateway ended:\n${logged}`);
    await sleep(20);
  }
}

async function stop(): Promise<void> {
  const child = gateway;
  gateway = undefined;
  if (child === undefined || child.exitCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

const portOf = (name: string) => (JSON.parse(readFileSync(join(folder, "ports.json"), "utf8")) as Record<string, number>)[name];
const ask = (path: string, token: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${portOf("http")}/api/v1/${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });
const tokenOf = (role: string) => made.role_tokens.find((each) => each.role === role)!;

beforeAll(async () => {
  made = JSON.parse((await hearth("init", "--json")).stdout) as Made;
  await start();
}, 120_000);

afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

// One story of one home: each step goes on where the last one ended.
test("a new home has a patient's and a caregiver's token for its first person, and keeps no secret of them", async () => {
  expect(made.role_tokens.map(({ role, persons }) => [role, persons])).toEqual([
    ["patient", ["person-a"]],
    ["caregiver", ["person-a"]],
  ]);
  expect(Object.keys(JSON.parse(readFileSync(join(folder, "tokens.json"), "utf8")))).toEqual(["admin"]);
  const kept = ["access.json", "tokens.json", "hearth.yaml"].map((file) => readFileSync(join(folder, file), "utf8")).join();
  for (const { token } of made.role_tokens) {
    expect(kept).not.toContain(token);
    const { people } = (await (await ask("people", token)).json()) as { people: { id: string }[] };
    expect(people.map(({ id }) => id)).toEqual(["person-a"]);
  }
});

test("the printed code opens a session once, 'hearth sign-in' prints another, and the list names them", async () => {
  const enter = async (code: string) => {
    const body = JSON.stringify({ code });
    return fetch(`http://127.0.0.1:${portOf("http")}/api/v1/session`, { method: "POST", body });
  };
  const [, code = ""] = /#code=([\w-]+)/.exec(printed) ?? [];
  expect([(await enter(code)).status, (await enter(code)).status]).toEqual([200, 401]);
  const shown = await hearth("sign-in", "--role", "caregiver", "--json");
  const { session } = (await (await enter((JSON.parse(shown.stdout) as { code: string }).code)).json()) as {
    session: { persons: string[] };
  };
  expect(session.persons).toEqual(["person-a"]);
  const { stdout } = await hearth("token", "list");
  expect(stdout.match(/^session-/gm)).toHaveLength(2);
  expect(stdout).toMatch(/^admin .*everybody +in tokens\.json/m);
});

test("revoking a device closes its connection and refuses it from then on", async () => {
  const client = connect(`mqtt://127.0.0.1:${portOf("mqtt")}`, {
    username: made.device.user,
    password: made.device.password,
    reconnectPeriod: 50,
  });
  client.on("error", () => {});
  const next = (event: "connect" | "close" | "error") => new Promise<unknown>((resolve) => client.once(event, resolve as () => void));
  await next("connect");
  const [closed, refused] = [next("close"), next("error")];
  expect(await hearth("revoke", "chest-strap")).toMatchObject({ code: 0 });
  await closed;
  expect(String(await refused)).toMatch(/refused|not authorized/i);
  await client.endAsync(true);
  await expect.poll(() => logged).toMatch(/"account":"chest-strap".*an account of the broker was revoked/);
});

test("revoking a token ends its open live stream and refuses it from then on", async () => {
  const { id, token } = tokenOf("caregiver");
  const reader = (await ask("live", token)).body!.getReader();
  await reader.read();
  expect(await hearth("revoke", id)).toMatchObject({ code: 0 });
  while (!(await reader.read()).done);
  expect((await ask("people", token)).status).toBe(401);
  expect(logged).toMatch(new RegExp(`"token":"${id}".*a token was revoked`));
  expect(await hearth("revoke", id)).toMatchObject({ code: 1, stderr: expect.stringContaining("hearth token list") });
});

test("revoking the admin's own token leaves this machine's verbs a new one", async () => {
  const { admin } = JSON.parse(readFileSync(join(folder, "tokens.json"), "utf8")) as { admin: string };
  expect(await hearth("revoke", "admin")).toMatchObject({ code: 0 });
  expect((await ask("people", admin)).status).toBe(401);
  expect(await hearth("status")).toMatchObject({ code: 0 });
});

test("without a gateway that runs it is revoked in the home's files", async () => {
  await stop();
  const { id, token } = tokenOf("patient");
  expect((await hearth("revoke", id)).stdout).toContain("from the next start on");
  await start();
  expect((await ask("people", token)).status).toBe(401);
});

test("a home that was made before goes on with its tokens, for everybody, until one is bound", async () => {
  await stop();
  const file = join(folder, "tokens.json");
  const { admin } = JSON.parse(readFileSync(file, "utf8")) as { admin: string };
  writeFileSync(file, JSON.stringify({ admin, caregiver: "old-caregiver", patient: "old-patient", integrator: "old-program" }));
  await start();
  const persons = async (token: string) => ((await (await ask("status", token)).json()) as { persons: unknown }).persons;
  for (const token of ["old-caregiver", "old-patient", "old-program"]) expect(await persons(token)).toBeNull();
  const onTwin = async (token: string) =>
    (await fetch(`http://127.0.0.1:${portOf("twin")}/api/v1/people`, { headers: { authorization: `Bearer ${token}` } })).status;
  expect(await onTwin("old-caregiver")).toBe(200);
  expect(await hearth("token", "bind", "caregiver", "--person", "person-a")).toMatchObject({ code: 0 });
  expect(await persons("old-caregiver")).toEqual(["person-a"]);
  await expect.poll(() => onTwin("old-caregiver")).toBe(401);
  expect(Object.keys(JSON.parse(readFileSync(file, "utf8")))).toEqual(["admin", "patient", "integrator"]);
  expect(existsSync(`${file}.damaged`)).toBe(false);
});
