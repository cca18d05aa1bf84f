import { createPublicKey, verify } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isPassword } from "../ops/password.ts";
import { openDesired, signDesired } from "../semantic/desired.ts";
import { enrol, loadGatewayEnrolment, loadTwinEnrolment } from "./enrol.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "hearth-enrol-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const run = (gateway = "demo") => enrol({ gateway, gatewayDir: join(dir, "gateway"), twinDir: join(dir, "twin") });

test("each side gets what it needs of the other, and nothing of it is readable by others", async () => {
  await run();
  const gateway = loadGatewayEnrolment("demo", join(dir, "gateway"));
  const { enrolled, privateKeyPem } = loadTwinEnrolment(join(dir, "twin"));
  const account = enrolled[0];
  const bytes = new Uint8Array([1, 2, 3]);
  expect(enrolled.map(({ gateway: id }) => id)).toEqual(["demo"]);
  expect(verify(null, bytes, createPublicKey(account?.publicKeyPem ?? ""), gateway.sign(bytes))).toBe(true);
  expect(await isPassword(gateway.password, account?.passwordHash ?? "")).toBe(true);
  const signed = signDesired("demo", { version: 1, settings: {} }, (await import("node:crypto")).createPrivateKey(privateKeyPem));
  expect(openDesired("demo", new TextEncoder().encode(JSON.stringify(signed)), gateway.twinPublicKey)).toEqual(signed);
  const files = readdirSync(dir, { recursive: true, withFileTypes: true });
  expect(files.filter((file) => file.isFile())).toHaveLength(6);
  for (const file of files) expect(statSync(join(file.parentPath, file.name)).mode & 0o077).toBe(0);
});

test("a second time changes nothing, and what is lost on one side is given again", async () => {
  await run();
  const before = loadGatewayEnrolment("demo", join(dir, "gateway"));
  await run();
  rmSync(join(dir, "twin", "gateways", "demo", "password.hash"));
  await run();
  expect(loadGatewayEnrolment("demo", join(dir, "gateway")).password).toBe(before.password);
  expect(await isPassword(before.password, loadTwinEnrolment(join(dir, "twin")).enrolled[0]?.passwordHash ?? "")).toBe(true);
});

test("a name that is no id is refused, a missing file is named", async () => {
  await expect(run("../x")).rejects.toMatchObject({ code: "enrol.bad_id", kind: "operator" });
  expect(() => loadGatewayEnrolment("demo", join(dir, "nowhere"))).toThrow(expect.objectContaining({ code: "enrol.incomplete" }));
});
