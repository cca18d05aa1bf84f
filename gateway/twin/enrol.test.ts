import { createPublicKey, verify } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isPassword } from "../runtime/password.ts";
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

test.each([
  "gateway/key.pem",
  "gateway/password",
  "gateway/twin-public.pem",
  "twin/key.pem",
  "twin/gateways/demo/public.pem",
  "twin/gateways/demo/password.hash",
])("%s, empty or garbled, is made anew and told where it can't be made from the rest, and both sides agree again", async (file) => {
  for (const harm of [(path: string) => truncateSync(path, 0), (path: string) => writeFileSync(path, "\0\0\0\0")]) {
    await run();
    const whole = readFileSync(join(dir, file), "utf8");
    harm(join(dir, file));
    const repairs = await run();
    // The hash is salted, so it differs each time; it is made again from the password, which is whole.
    if (!file.endsWith(".hash") && readFileSync(join(dir, file), "utf8") !== whole)
      expect(repairs.join()).toContain(`${join(dir, file)} was damaged`);
    const { password, sign, twinPublicKey } = loadGatewayEnrolment("demo", join(dir, "gateway"));
    const { enrolled, privateKeyPem, refused } = loadTwinEnrolment(join(dir, "twin"));
    expect(refused).toEqual([]);
    const bytes = new Uint8Array([7]);
    expect(verify(null, bytes, createPublicKey(enrolled[0]?.publicKeyPem ?? ""), sign(bytes))).toBe(true);
    expect(await isPassword(password, enrolled[0]?.passwordHash ?? "")).toBe(true);
    expect(twinPublicKey.equals(createPublicKey(privateKeyPem))).toBe(true);
  }
});

test("one gateway's damaged file keeps nobody else out of the twin, and is named", async () => {
  await run();
  await enrol({ gateway: "other", gatewayDir: join(dir, "other"), twinDir: join(dir, "twin") });
  truncateSync(join(dir, "twin", "gateways", "other", "public.pem"), 0);
  const { enrolled, refused } = loadTwinEnrolment(join(dir, "twin"));
  expect(enrolled.map(({ gateway }) => gateway)).toEqual(["demo"]);
  expect(refused).toEqual([expect.stringContaining(join("other", "public.pem"))]);
});
