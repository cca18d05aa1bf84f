// `npm test`: runs vitest with the bundled Node and ends with the counts alone on the last line. Plain JavaScript, because npm may start it with an older Node.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const bundled = join(root, "node_modules", ".bin", "node");
const node = existsSync(bundled) ? bundled : process.execPath;
const folder = mkdtempSync(join(tmpdir(), "hearth-test-"));
const report = join(folder, "report.json");

/**
 * Counts of a vitest JSON report. A file that fails without a failed test (it did not load, or its beforeAll threw) counts as one failure.
 * @param {{numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests?: number, success: boolean, testResults: {status: string, assertionResults: {status: string}[]}[]}} results
 */
export function countsOf(results) {
  const unloaded = results.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + unloaded,
    skipped: results.numPendingTests + (results.numTodoTests || 0),
    isSuccess: results.success && results.numFailedTests + unloaded === 0,
  };
}

function runVitest() {
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  if (!existsSync(vitest)) {
    process.stderr.write("The test runner is not installed: run 'npm install', without --omit=dev.\n");
    rmSync(folder, { recursive: true });
    process.exitCode = 1;
    return;
  }
  const args = [vitest, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...process.argv.slice(2)];
  const child = spawn(node, args, { cwd: root, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code) => {
    let counts = { passed: 0, failed: 1, skipped: 0, isSuccess: false };
    if (existsSync(report)) counts = countsOf(JSON.parse(readFileSync(report, "utf8")));
    rmSync(folder, { recursive: true, force: true });
    if (counts.isSuccess && code !== 0) counts = { ...counts, failed: counts.failed + 1, isSuccess: false };
    if (counts.skipped > 0) process.stdout.write(`${counts.skipped} skipped\n`);
    process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
    process.exitCode = counts.isSuccess ? 0 : 1;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) runVitest();
