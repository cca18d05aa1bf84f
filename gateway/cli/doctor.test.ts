import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const launcher = fileURLToPath(new URL("./launcher.mjs", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-doctor-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const doctor = (home: string, ...args: string[]) =>
  spawnSync(process.execPath, [launcher, "doctor", ...args], { encoding: "utf8", env: { ...process.env, HEARTH_HOME: home } });

test("hearth doctor prints one JSON value, finds this machine fit and makes no home", () => {
  const home = join(folder, "home");
  const { status, stdout } = doctor(home, "--json");
  const { ok, checks, not_needed, removed } = JSON.parse(stdout);
  expect([status, ok]).toEqual([0, true]);
  expect(checks.map((check: { name: string }) => check.name)).toEqual(
    expect.arrayContaining(["system", "database", "models", "disk", "ports"]),
  );
  expect(Array.isArray(not_needed)).toBe(true);
  expect(removed).toBeUndefined();
  expect(existsSync(home)).toBe(false);
});

test("hearth doctor says in words what keeps Hearth from running, and ends with 1", () => {
  writeFileSync(join(folder, "file"), "");
  const { status, stdout } = doctor(join(folder, "file", "home"));
  expect(status).toBe(1);
  expect(stdout).toMatch(/^BAD {5} home .*is no folder/m);
  expect(stdout).toMatch(/^Hearth cannot run here: home\.$/m);
});
