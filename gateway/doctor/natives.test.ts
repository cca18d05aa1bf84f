import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { checkNatives, checkOf, nativeParts } from "./natives.ts";

const end = { code: 1, signal: null, stderr: "" };

describe("a native part", () => {
  test("works here, each of them", async () => {
    const checks = await checkNatives();
    expect(checks.map(({ name }) => name)).toEqual(Object.keys(nativeParts));
    expect(checks.filter(({ state }) => state !== "ok")).toEqual([]);
  });

  test("that ends its process by an illegal instruction is told, and the others are still tried", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hearth-natives-"));
    const child = join(folder, "child.mjs");
    writeFileSync(child, 'if (process.argv[2] === "models") process.kill(process.pid, "SIGILL"); else process.exit(0);');
    const checks = await checkNatives(pathToFileURL(child));
    rmSync(folder, { recursive: true });
    expect(checks.filter(({ state }) => state === "bad").map(({ name }) => name)).toEqual(["models"]);
    expect(checks.find(({ name }) => name === "models")?.says).toMatch(/SIGILL.*processor lacks an instruction/);
    expect(checks).toHaveLength(Object.keys(nativeParts).length);
  });

  test.each([
    ["Error: /lib/libc.so.6: version `GLIBC_2.34' not found (required by x.node)", /needs glibc 2\.34 or newer/],
    ["Error: libstdc++.so.6: version `GLIBCXX_3.4.29' not found", /needs libstdc\+\+ \(GLIBCXX\) 3\.4\.29 or newer/],
    [
      "node:internal/modules/cjs/loader\n\nError: Cannot find module 'better-sqlite3'\n    at x",
      /^[^:]*: Error: Cannot find module 'better-sqlite3' – 'npm ci'/,
    ],
  ])("that can't be loaded says why: %s", (stderr, sentence) => {
    const { state, says } = checkOf("database", { ...end, stderr });
    expect(state).toBe("bad");
    expect(says).toMatch(sentence);
  });

  test("that only the demo needs is a warning", () => {
    expect(checkOf("terminal", end).state).toBe("warning");
  });
});
