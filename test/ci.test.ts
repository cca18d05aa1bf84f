import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("../.ci/run", import.meta.url));
const programs = ["bash", "cat", "dirname", "grep", "mktemp", "rm", "tail", "tee", "touch"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-ci-"));
  mkdirSync(join(folder, ".ci"));
  mkdirSync(join(folder, "bin"));
  cpSync(script, join(folder, ".ci", "run"));
  for (const name of programs) {
    const { stdout } = spawnSync("which", [name], { encoding: "utf8" });
    symlinkSync(stdout.trim(), join(folder, "bin", name));
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, body: string): void {
  const file = join(folder, "bin", name);
  writeFileSync(file, `#!/usr/bin/env bash\n${body}\n`);
  chmodSync(file, 0o755);
}

/** Runs the script with an npm that only prints and ends as told, on a machine without apt-get. */
function run(cases: string): { lines: string[]; status: number | null } {
  program("npm", `case "$*" in\n${cases}\nesac`);
  const { stdout, status } = spawnSync("bash", [join(folder, ".ci", "run")], {
    encoding: "utf8",
    env: { PATH: join(folder, "bin"), TMPDIR: folder },
  });
  return { lines: stdout.trim().split("\n"), status };
}

const tests = 'test) echo "12 skipped"; echo "300 passed, 0 failed";;';

describe("the last lines of .ci/run", () => {
  test("are the sum of its steps and of the tests, and what was skipped", () => {
    const { lines, status } = run(tests);
    expect(lines.slice(-2)).toEqual(["13 skipped", "306 passed, 0 failed"]);
    expect(status).toBe(0);
  });

  test.each(["ci", '"ci --prefix test"*', '"ci --prefix flows"*', "install", '"run check"'])("count a failed 'npm %s'", (command) => {
    const { lines, status } = run(`${command}) exit 1;;\n${tests}`);
    expect(lines.at(-1)).toBe("305 passed, 1 failed");
    expect(status).toBe(1);
  });

  test("count failed tests", () => {
    const { lines, status } = run('test) echo "300 passed, 2 failed"; exit 1;;');
    expect(lines.at(-1)).toBe("306 passed, 2 failed");
    expect(status).toBe(1);
  });

  test("count a run of the tests that ended before its last line", () => {
    const { lines, status } = run("test) exit 1;;");
    expect(lines.at(-1)).toBe("5 passed, 1 failed");
    expect(status).toBe(1);
  });

  test.each([
    [`[ -e ${"$0"}.once ] && echo " M package-lock.json"; touch $0.once`, "306 passed, 1 failed"],
    ["exit 128", "306 passed, 1 failed"],
    ['echo " M README.md"', "307 passed, 0 failed"],
  ])("count what an install or a test changed in the checkout, not what was changed before: git: %s", (git, last) => {
    mkdirSync(join(folder, ".git"));
    program("git", git);
    expect(run(tests).lines.at(-1)).toBe(last);
  });
});
