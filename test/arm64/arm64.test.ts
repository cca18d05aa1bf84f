import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cloneInto, machinesOwn, reasonAgainstInstalls } from "../bare/fresh-clone.ts";
import { type Demo, processesOf, startDemo } from "../browser/demo-process.ts";
import { type Emulated, emulate, reasonAgainstEmulation } from "./emulated.ts";

const reason = reasonAgainstInstalls() ?? reasonAgainstEmulation();
if (reason !== undefined) console.log(`The test on arm64 is skipped: ${reason}.`);

const records = ["firmware-sim/excerpts/mitdb-205", "firmware-sim/excerpts/bidmc-23"];
const launcher = "gateway/cli/launcher.mjs";

let folder: string;
let clone: string;
let arm64: Emulated;
let demo: Demo | undefined;

beforeAll(() => {
  if (reason !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), "hearth-arm64-"));
  clone = join(folder, "clone");
  cloneInto(clone);
  execFileSync(machinesOwn("npm"), ["ci", "--os=linux", "--cpu=arm64", "--libc=glibc"], { cwd: clone, stdio: "ignore" });
  arm64 = emulate(folder, clone);
}, 300_000);

afterAll(async () => {
  await demo?.interrupt();
  if (reason === undefined) rmSync(folder, { recursive: true, force: true });
}, 120_000);

/** The files of a replay; what a summary says of the time that it took is not of the recording. */
function replayed(out: string): Record<string, string> {
  const files = readdirSync(out).sort();
  return Object.fromEntries(
    files.map((name) => {
      const bytes = readFileSync(join(out, name));
      if (!name.endsWith(".summary.json")) return [name, bytes.toString("base64")];
      const { model_ms: _, wall_s: __, ...summary } = JSON.parse(bytes.toString());
      return [name, JSON.stringify(summary)];
    }),
  );
}

describe.skipIf(reason !== undefined)("on an emulated arm64 (Cortex-A72)", () => {
  test("it is that processor, in children too", () => {
    const script = "process.stdout.write(process.arch + require('child_process').execFileSync(process.execPath, ['-p', 'process.arch']))";
    expect(execFileSync(arm64.node, ["-e", script], { env: arm64.env, encoding: "utf8" })).toBe("arm64arm64\n");
  });

  test("every native part loads and works", () => {
    const env = { ...arm64.env, HEARTH_HOME: join(folder, "no-home") };
    const { checks } = JSON.parse(execFileSync(arm64.node, [launcher, "doctor", "--json"], { cwd: clone, env, encoding: "utf8" }));
    expect(checks).toContainEqual(expect.objectContaining({ name: "system", says: expect.stringContaining("arm64") }));
    expect(checks.filter(({ state }: { state: string }) => state === "bad")).toEqual([]);
  }, 300_000);

  test("a replay writes the same bytes as on x64", () => {
    const replay = (node: string, env: NodeJS.ProcessEnv, out: string) =>
      execFileSync(node, [launcher, "replay", ...records, "--out", out], { cwd: clone, env, stdio: "ignore" });
    const [here, there] = [join(folder, "x64"), join(folder, "arm64")];
    replay(process.execPath, process.env, here);
    replay(arm64.node, arm64.env, there);
    const files = replayed(here);
    expect(Object.keys(files).length).toBeGreaterThan(12);
    expect(readFileSync(join(here, "mitdb-205.alerts.ndjson"), "utf8")).toContain("rhythm.vt");
    expect(replayed(there)).toEqual(files);
  }, 400_000);

  test("the demo raises its alert, and Ctrl-C leaves no process", async () => {
    const home = join(folder, "home");
    mkdirSync(home);
    demo = await startDemo(home, { start: { command: arm64.node, args: [launcher, "start"], cwd: clone, env: arm64.env } });
    await expect.poll(() => demo?.output(), { timeout: 300_000, interval: 500 }).toMatch(/ALERT high rhythm\.vt: DEMO Person A/);
    await demo.interrupt();
    expect(processesOf(home)).toEqual([]);
  }, 600_000);
});
