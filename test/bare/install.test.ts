import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Demo, processesOf, startDemo } from "../browser/demo-process.ts";
import { changesIn, cloneInto, machinesOwn, reasonAgainstInstalls, registryEnvironment } from "./fresh-clone.ts";

const reason = reasonAgainstInstalls();
if (reason !== undefined) console.log(`The test of a bare machine is skipped: ${reason}.`);

const machines = [
  { npm: "10.9.9", clone: "a clone ü", about: "a path with a space and an umlaut", umask: "022", hasHome: true, isTrimmed: false },
  { npm: "11.21.2", clone: "clone", about: "no HOME, umask 077, trimmed", umask: "077", hasHome: false, isTrimmed: true },
] as const;

let folder: string;
let bin: string;

/** A PATH of two programs: no compiler, no Python, no make, no git, no ps, no udevadm. */
function emptyPath(): void {
  mkdirSync(bin);
  for (const name of ["node", "sh"]) symlinkSync(machinesOwn(name), join(bin, name));
}

/** Makes `npm` in that PATH the wanted version. */
function useNpm(version: string): void {
  const prefix = join(folder, `npm-${version}`);
  execFileSync(machinesOwn("npm"), ["install", "--prefix", prefix, "--ignore-scripts", `npm@${version}`], { cwd: folder, stdio: "ignore" });
  const program = join(bin, "npm");
  writeFileSync(program, `#!/bin/sh\nexec node "${join(prefix, "node_modules", "npm", "bin", "npm-cli.js")}" "$@"\n`);
  chmodSync(program, 0o755);
}

/** Megabytes of the files of a folder, each link counted as itself. */
function sizeMB(path: string): number {
  const bytes = (at: string): number => {
    const { size } = lstatSync(at);
    return size + (lstatSync(at).isDirectory() ? readdirSync(at).reduce((sum, name) => sum + bytes(join(at, name)), 0) : 0);
  };
  return bytes(path) / 2 ** 20;
}

const saidMB = (clone: string) => Number(/install is about (\d+) MB/.exec(readFileSync(join(clone, "README.md"), "utf8"))?.[1]);

beforeAll(() => {
  if (reason !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), "hearth-bare-"));
  bin = join(folder, "bin");
  emptyPath();
});
afterAll(() => {
  if (reason === undefined) rmSync(folder, { recursive: true, force: true });
});

// The steps of each npm build on each other: what one installs the next one starts.
describe.skipIf(reason !== undefined).each(machines)("npm $npm on a bare machine ($about)", (machine) => {
  let clone: string;
  let home: string;
  let env: NodeJS.ProcessEnv;
  let demo: Demo | undefined;

  const npm = (...args: string[]) =>
    spawnSync(join(bin, "sh"), ["-c", `umask ${machine.umask}; exec npm "$@"`, "npm", ...args], { cwd: clone, env, encoding: "utf8" });

  beforeAll(() => {
    clone = join(folder, machine.clone);
    home = join(folder, `home-${machine.npm}`);
    mkdirSync(home);
    useNpm(machine.npm);
    cloneInto(clone);
    // Without HOME npm would read the settings of the user whose machine this is.
    const noSettings = { npm_config_userconfig: join(home, "npmrc") };
    env = { ...registryEnvironment(), ...noSettings, PATH: bin, LANG: "C", ...(machine.hasHome ? { HOME: home } : {}) };
  }, 180_000);
  afterAll(async () => {
    await demo?.interrupt();
    rmSync(clone, { recursive: true, force: true });
  }, 120_000);

  test("has neither compiler nor Python nor git", () => {
    const found = ["cc", "gcc", "g++", "make", "python", "python3", "git", "ps", "udevadm"].filter(
      (name) => spawnSync("sh", ["-c", `command -v ${name}`], { env: { PATH: bin } }).status === 0,
    );
    expect(found).toEqual([]);
    expect(npm("--version").stdout.trim()).toBe(machine.npm);
  });

  test("npm install works, warns of no setting, and changes nothing in the checkout", () => {
    const { status, stderr } = npm("install");
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    // An older Node is warned of packages that want a newer one: they get the one that comes with the install.
    const warnings = stderr.split("\n").filter((line) => /warn/i.test(line) && !line.includes("EBADENGINE"));
    expect(warnings).toEqual([]);
    expect(changesIn(clone)).toBe("");
  }, 300_000);

  test("npm ci takes the lock file as it is", () => {
    const { status, stderr } = npm("ci", "--dry-run");
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("the install is as large as the first page says", () => {
    expect(sizeMB(join(clone, "node_modules")) / saidMB(clone)).toBeCloseTo(1, 1);
  });

  if (machine.isTrimmed)
    test("hearth doctor --trim leaves less than half, and all that is native still works", () => {
      const before = sizeMB(join(clone, "node_modules"));
      const { status, stdout } = npm("run", "--silent", "hearth", "--", "doctor", "--trim", "--json");
      expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, ok: true, not_needed: [] });
      expect(sizeMB(join(clone, "node_modules"))).toBeLessThan(before / 2);
      expect(changesIn(clone)).toBe("");
    });

  test("npm start raises the demo's alert, and Ctrl-C leaves no process and no change in the checkout", async () => {
    const args = ["-c", `umask ${machine.umask}; exec npm start`];
    demo = await startDemo(home, { start: { command: join(bin, "sh"), args, cwd: clone, env } });
    await expect.poll(() => demo?.output(), { timeout: 240_000, interval: 500 }).toMatch(/ALERT high rhythm\.vt: DEMO Person A/);
    await demo.interrupt();
    expect(processesOf(home)).toEqual([]);
    expect(changesIn(clone)).toBe("");
  }, 400_000);

  if (machine.isTrimmed)
    test("npm ci brings back what was trimmed", () => {
      expect(npm("ci").status).toBe(0);
      expect(sizeMB(join(clone, "node_modules")) / saidMB(clone)).toBeCloseTo(1, 1);
    }, 300_000);
});
