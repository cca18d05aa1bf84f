import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { houseRules } from "./house-rules.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folders = ["device-drivers", "models", "gateway", "firmware-sim", "flows", "deploy", "test"];

const sources = new Map(
  folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /(?<!\.d)\.(tsx?|mjs)$/.test(entry.name) && !/node_modules|\/flows\/dist/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .map((file) => [file, readFileSync(join(root, file), "utf8")]),
);

test("no function is too long without a reason, and nothing is exported that nobody imports", () => {
  expect(sources.size).toBeGreaterThan(400);
  expect(houseRules(sources)).toEqual([]);
});

describe("the rules see what is planted", () => {
  const lines = (count: number) => "  x++;\n".repeat(count);
  const says = (files: Record<string, string>) => houseRules(new Map(Object.entries(files)));

  test("a function of 81 lines, a factory of 151, and the reason beside one", () => {
    const plain = `function run(x) {\n${lines(79)}}\n`;
    expect(says({ "gateway/a.ts": plain })).toEqual(["gateway/a.ts:1 run has 81 lines; 80 are allowed"]);
    expect(says({ "gateway/a.ts": `function run(x) {\n${lines(78)}}\n` })).toEqual([]);
    expect(says({ "gateway/a.ts": `function createRun(x) {\n${lines(149)}}\n` })).toEqual([
      "gateway/a.ts:1 createRun has 151 lines; 150 are allowed",
    ]);
    expect(says({ "gateway/a.ts": `const run = (x) => {\n${lines(79)}};\n` })).toEqual(["gateway/a.ts:1 run has 81 lines; 80 are allowed"]);
    expect(says({ "gateway/a.ts": `/** Long: one table, read from top to bottom. */\n${plain}` })).toEqual([]);
    expect(says({ "gateway/a.test.ts": plain })).toEqual([]);
  });

  test("an export without a user, of whatever kind, and none that has one", () => {
    const exporter = "export const a = 1;\nexport interface B {}\nexport function c() {}\n";
    expect(says({ "gateway/a.ts": exporter })).toEqual(["a", "B", "c"].map((name) => `gateway/a.ts exports ${name}, which nobody imports`));
    expect(says({ "gateway/a.ts": exporter, "gateway/b.ts": 'import { a, type B, c as d } from "./a.ts";' })).toEqual([]);
    expect(says({ "gateway/a.ts": exporter, "test/b.test.ts": 'import * as all from "../gateway/a.ts";' })).toEqual([]);
    expect(says({ "gateway/a.ts": exporter, "gateway/b.ts": 'const { a } = await import("./a.ts");' })).toEqual([]);
    const one = says({ "gateway/a.ts": exporter, "gateway/b.ts": 'const x = (await import("./a.ts")).a;' });
    expect(one).toHaveLength(2);
    const apart = says({ "gateway/a.ts": "export const { b: c, d } = x;", "gateway/b.ts": 'import { c } from "./a.ts";' });
    expect(apart).toEqual(["gateway/a.ts exports d, which nobody imports"]);
  });
});
