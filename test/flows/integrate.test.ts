/** Pastes every line of docs/integrate.md into a shell, in front of a home that runs. */

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Message } from "../../gateway/alert/channels/channel.ts";
import { webhookChannel } from "../../gateway/alert/channels/webhook.ts";
import { openFlowsAtHome, root } from "./programs.ts";

const page = readFileSync(join(root, "docs/integrate.md"), "utf8");
/** What is to be done with a block and what it says then; the block. */
const blocks = [...page.matchAll(/<!-- (\w+)(?: "([^"]+)")? -->\n\n```sh\n([\s\S]*?)\n```/g)].map(
  ([, kind = "", says = "", code = ""]) => ({ kind, says, code }),
);
const of = (kind: string) => blocks.filter((block) => block.kind === kind);
const has = (command: string) => spawnSync(command, ["--help"]).error === undefined;
const missing = ["curl", "jq", "openssl", "mosquitto_sub"].filter((command) => !has(command));
const why = missing.length === 0 ? "" : ` – skipped: ${missing.join(", ")} is not on this machine`;

const home = openFlowsAtHome();
let env: NodeJS.ProcessEnv;

/** `npm run hearth -s -- …` is the launcher with this very Node. */
const hearth = (line: string) => {
  const words = [...line.replace("npm run hearth -s -- ", "").matchAll(/"([^"]*)"|\S+/g)];
  return home.hearth(...words.map(([word, quoted]) => quoted ?? word));
};

beforeAll(async () => {
  const [addToken = "", addCarer = "", addAccount = ""] = of("makes")[0]?.code.split("\n") ?? [];
  const [, password = ""] = /password "([^"]+)"/.exec(hearth(addAccount)) ?? [];
  await home.startGateway();
  const [token, carer] = [addToken, addCarer].map((line) => hearth(line).split("\n")[0]);
  const { ports } = await home.ask<{ ports: { http: number; mqtt: number } }>("status");
  const set = {
    HEARTH: `http://127.0.0.1:${ports.http}`,
    MQTT_PORT: String(ports.mqtt),
    TOKEN: token,
    CARER_TOKEN: carer,
    MQTT_PASSWORD: password,
  };
  for (const name of Object.keys(set)) expect(of("sets")[0]?.code, name).toContain(`${name}=`);
  env = { ...process.env, ...set };
});
afterAll(() => home.close());

test("every block of the page that a shell runs is one of the kinds that are tried here, and its links lead to files", () => {
  expect(blocks.length).toBe([...page.matchAll(/```sh/g)].length);
  expect(blocks.length).toBeGreaterThan(11);
  for (const [, link = ""] of page.matchAll(/\]\((?!https?:)([^)#]+)/g)) expect(existsSync(join(root, "docs", link)), link).toBe(true);
});

test.skipIf(why !== "").each(of("pastes"))(`pasted, the block that answers $says does${why}`, ({ says, code }) => {
  const { stdout, status } = spawnSync("sh", ["-c", code], { env, encoding: "utf8" });
  expect([status, JSON.stringify(JSON.parse(stdout))]).toEqual([0, expect.stringContaining(says)]);
  if (says !== "http.not_found") expect(stdout).not.toContain('"code":"http.');
});

test.skipIf(why !== "").each(of("follows"))(`pasted, the block that goes on says $says${why}`, async ({ says, code }) => {
  const child = spawn("sh", ["-c", `exec ${code}`], { env });
  try {
    let printed = "";
    child.stderr.on("data", (bytes) => (printed += bytes));
    for await (const bytes of child.stdout) {
      printed += bytes;
      if (printed.includes(says)) break;
    }
    expect(printed).toContain(says);
  } finally {
    child.kill();
  }
});

test.skipIf(why !== "")(`a receiver that pastes the page's line gets the signature that the webhook carries${why}`, async () => {
  const got: { headers: Record<string, unknown>; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    got.push({ headers: request.headers, body });
    response.end("{}");
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const secret = "a secret of the household";
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const alert = { id: "a1", person: "person-a", rule: "rhythm.vt", priority: "high", mode: "real" };
  const message = { stepId: "a1/raised/5", why: "raised", title: "", body: "", lock: "Hearth: urgent", alert } as never as Message;
  await webhookChannel({ url, secret }).send(message, new AbortController().signal);
  server.close();
  const [{ headers, body } = { headers: {}, body: "" }] = got;
  const given = {
    WEBHOOK_ID: String(headers["webhook-id"]),
    WEBHOOK_TIMESTAMP: String(headers["webhook-timestamp"]),
    BODY: body,
    SECRET: secret,
  };
  const { stdout } = spawnSync("sh", ["-c", of("signs")[0]?.code ?? ""], { env: { ...env, ...given }, encoding: "utf8" });
  expect(`v1,${stdout.trim()}`).toBe(headers["webhook-signature"]);
});
