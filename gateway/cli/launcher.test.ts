import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const node24 = realpathSync(fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url)));
const timeout = 100_000;
const launcher = fileURLToPath(new URL("./launcher.mjs", import.meta.url));
const program = `if (process.argv[2] === "wait") { process.on("SIGTERM", () => process.exit(5)); setInterval(() => {}, 1000); }
process.stdout.write(JSON.stringify({ args: process.argv.slice(2), major: process.versions.node.split(".")[0] }));
if (process.argv[2] === "exit") process.exit(7);
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-launcher-"));
  mkdirSync(join(folder, "gateway", "cli"), { recursive: true });
  cpSync(launcher, join(folder, "gateway", "cli", "launcher.mjs"));
  writeFileSync(join(folder, "gateway", "main.ts"), program);
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Loaded first, so that the launcher believes to run elsewhere. */
const pretend = (changes: object) =>
  `data:text/javascript,const c=${encodeURIComponent(JSON.stringify(changes))};for(const k in c)Object.defineProperty(process,k,{value:c[k]});`;
const at = () => join(folder, "gateway", "cli", "launcher.mjs");
const run = (changes: object, ...args: string[]) =>
  spawnSync(node24, ["--import", pretend(changes), at(), ...args], { encoding: "utf8", timeout });
const oldNode = { versions: { node: "20.0.0" } };

/** Puts Node 24 where npm puts the bundled one, as a file of its own. */
function installBundledNode(base: string): void {
  const bin = join(base, `node-${process.platform}-${process.arch}`, "bin");
  mkdirSync(bin, { recursive: true });
  try {
    linkSync(node24, join(bin, "node"));
  } catch {
    cpSync(node24, join(bin, "node"));
  }
}

describe("the launcher", () => {
  test("needs nothing that Node 14 cannot parse", async () => {
    const source = readFileSync(launcher, "utf8");
    const [old, now] = await Promise.all([
      transform(source, { target: "node14", format: "esm" }),
      transform(source, { target: "esnext", format: "esm" }),
    ]);
    expect(old.code).toBe(now.code);
    expect(source).not.toMatch(/from "(?!node:)/);
  });

  test("what Node keeps of the compiled program is its owner's alone, whatever the shell's umask and a folder of an earlier start say", () => {
    const cache = join(folder, "node_modules", ".cache", "hearth");
    mkdirSync(cache, { recursive: true });
    chmodSync(cache, 0o777);
    const { NODE_COMPILE_CACHE: _, ...env } = process.env;
    spawnSync("sh", ["-c", `umask 000; exec "$0" "$1"`, node24, at()], { env, timeout });
    const modes = readdirSync(cache, { recursive: true, encoding: "utf8" }).map((name) => statSync(join(cache, name)).mode & 0o077);
    expect(modes.length).toBeGreaterThan(1);
    expect(new Set([statSync(cache).mode & 0o077, ...modes])).toEqual(new Set([0]));
  });

  test("starts the program at once where Node is new enough", () => {
    const { stdout, status } = run({}, "exit", "--json", "a b");
    expect([JSON.parse(stdout).args, status]).toEqual([["exit", "--json", "a b"], 7]);
  });

  test.each(["here", "hoisted"])("re-executes the bundled Node (%s) with arguments and exit code", (place) => {
    if (place === "here") installBundledNode(join(folder, "node_modules"));
    else {
      const own = join(folder, "node_modules", "@hearth", "gateway");
      cpSync(join(folder, "gateway"), join(own, "dist", "gateway"), { recursive: true });
      writeFileSync(join(own, "dist", "gateway", "main.js"), program);
      writeFileSync(join(own, "package.json"), '{"type":"module"}');
      installBundledNode(join(folder, "node_modules"));
    }
    const file = place === "here" ? at() : join(folder, "node_modules", "@hearth", "gateway", "dist", "gateway", "cli", "launcher.mjs");
    const { stdout, status } = spawnSync(node24, ["--import", pretend(oldNode), file, "exit", "a b"], { encoding: "utf8", timeout });
    expect([JSON.parse(stdout), status]).toEqual([{ args: ["exit", "a b"], major: "24" }, 7]);
  });

  test("the bundled Node is given the memory flag that this one was started with, and no other", () => {
    installBundledNode(join(folder, "node_modules"));
    writeFileSync(join(folder, "gateway", "main.ts"), "console.log(JSON.stringify(process.execArgv))");
    const flags = ["--max-semi-space-size=4", "--import", pretend(oldNode)];
    expect(JSON.parse(spawnSync(node24, [...flags, at()], { encoding: "utf8", timeout }).stdout)).toEqual(["--max-semi-space-size=4"]);
  });

  test("passes a signal on and ends as the program ends", async () => {
    installBundledNode(join(folder, "node_modules"));
    const child = spawn(node24, ["--import", pretend(oldNode), at(), "wait"], { timeout, stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    child.kill("SIGTERM");
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(5);
  });

  test("a bundled Node that is itself too old is refused instead of started for ever", () => {
    const bin = join(folder, "node_modules", `node-${process.platform}-${process.arch}`, "bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync(node24, join(bin, "node"));
    const { stderr, stdout, status } = run(oldNode);
    expect([stdout, status]).toEqual(["", 1]);
    expect(stderr).toMatch(/the installed one is Node 20/);
  });

  test("says in one sentence that the packages are not installed, and makes no folder for them", () => {
    writeFileSync(join(folder, "gateway", "main.ts"), 'import "a-package-that-is-not-there";');
    const { stderr, status } = run({});
    expect([stderr, status]).toEqual([
      "Hearth's packages are not all installed (a-package-that-is-not-there is missing): run 'npm install'.\n",
      1,
    ]);
    expect(existsSync(join(folder, "node_modules"))).toBe(false);
  });

  test.each([
    [{ platform: "win32" }, /this is win32/],
    [{ arch: "arm" }, /64-bit/],
    [{ arch: "ia32", ...oldNode }, /64-bit/],
    [oldNode, /Node 24 or newer, and this is Node 20/],
  ])("refuses %j in one sentence, before anything loads", (changes, sentence) => {
    writeFileSync(join(folder, "gateway", "main.ts"), "process.stdout.write('loaded');");
    const { stdout, stderr, status } = run(changes);
    expect([stdout, status]).toEqual(["", 1]);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
