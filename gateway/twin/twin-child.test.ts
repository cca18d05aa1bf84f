import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { siblingUrl } from "../runtime/spawn.ts";
import { enrol } from "./enrol.ts";
import type { TwinChildAnswer, TwinChildStart, TwinTold } from "./twin-child.ts";

let dir: string;
let child: ChildProcess | undefined;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "hearth-twin-child-"));
  await enrol({ gateway: "demo", gatewayDir: join(dir, "gateway"), twinDir: join(dir, "twin") });
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

async function start(more: Partial<TwinChildStart> = {}): Promise<TwinChildAnswer> {
  child = fork(siblingUrl(import.meta.url, "twin-child"));
  const tokens = [{ token: "t", gateway: "demo", role: "admin" as const }];
  const message: TwinChildStart = {
    dir: join(dir, "data"),
    enrolmentDir: join(dir, "twin"),
    httpPort: 0,
    mqttPort: 0,
    tokens,
    names: [],
    logLevel: "silent",
    ...more,
  };
  child.send(message);
  const [answer] = await once(child, "message");
  return answer as TwinChildAnswer;
}

test("the process starts, answers, and ends when its parent lets go", async () => {
  const answer = await start();
  if (answer.kind !== "ready") throw new Error(answer.message);
  const { gateways } = await (
    await fetch(`http://127.0.0.1:${answer.ports.http}/api/v1/gateways`, { headers: { authorization: "Bearer t" } })
  ).json();
  expect(gateways).toMatchObject([{ id: "demo", connected: false, frames: 0 }]);
  child?.disconnect();
  expect(await once(child as ChildProcess, "exit")).toEqual([0, null]);
});

test("a token that the parent no longer names opens nothing more, its open live stream included", async () => {
  const answer = await start();
  if (answer.kind !== "ready") throw new Error(answer.message);
  const ask = (token: string, path = "gateways") =>
    fetch(`http://127.0.0.1:${answer.ports.http}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
  const live = (await ask("t", "live")).body!.getReader();
  await live.read();
  child?.send({ tokens: [{ token: "other", gateway: "demo", role: "admin" }], names: [] } satisfies TwinTold);
  while (!(await live.read()).done);
  expect([(await ask("t")).status, (await ask("other")).status]).toEqual([401, 200]);
});

test("its figures are this machine's own programs'; through a proxy a token is asked for", async () => {
  const answer = await start();
  if (answer.kind !== "ready") throw new Error(answer.message);
  const ask = async (headers: Record<string, string>) => (await fetch(`http://127.0.0.1:${answer.ports.http}/metrics`, { headers })).status;
  const proxied = { "x-forwarded-for": "203.0.113.9" };
  expect([await ask({}), await ask(proxied), await ask({ ...proxied, authorization: "Bearer t" })]).toEqual([200, 401, 200]);
});

test("what a stop sends to the whole group leaves it to its parent", async () => {
  const answer = await start();
  if (answer.kind !== "ready") throw new Error(answer.message);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) child?.kill(signal);
  const got = await fetch(`http://127.0.0.1:${answer.ports.http}/api/v1/gateways`);
  expect(got.status).toBe(401);
  child?.disconnect();
  expect(await once(child as ChildProcess, "exit")).toEqual([0, null]);
});

test("a parent that is gone while it starts ends it too", async () => {
  const starting = start();
  child?.disconnect();
  starting.catch(() => {});
  expect(await once(child as ChildProcess, "exit")).toEqual([0, null]);
});

test("a busy port is told to the parent by its code, and the process ends", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  for (const busy of [{ httpPort: port }, { mqttPort: port }]) {
    expect(await start(busy)).toMatchObject({
      kind: "failed",
      code: "twin.port_busy",
      fault: "operator",
      message: expect.stringContaining(String(port)),
    });
    await once(child as ChildProcess, "exit");
  }
  await new Promise<void>((resolve) => server.close(() => resolve()));
});
