import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { choose } from "./choose.ts";
import { folders } from "./folders.ts";
import { hunt, type Verdict } from "./hunt.ts";
import { type Mutant, plant } from "./plant.ts";
import { createReach } from "./reach.ts";
import { isAboveFloor, survivors, table } from "./report.ts";
import { createRunner, marked, type Runner } from "./runner.ts";
import { copyTree, readSources, type WorkTree } from "./work-tree.ts";

const house = resolve(import.meta.dirname, "..", "..");
let home: string;
let tree: WorkTree;
let runner: Runner;

/** A tree with one product file, one that only tests use, and a test. */
const files = {
  "gateway/rules/rule.ts": [
    "export const isHigh = (rate: number) => rate > 120;",
    "export const isLow = (rate: number) => rate < 40;",
    "export function upTo(end: number): number {",
    "  let n = 0;",
    "  while (n !== end)",
    "    n += 1;",
    "  return n;",
    "}",
  ],
  "gateway/rules/main.ts": ['import "./rule.ts";', 'import "./words.ts";'],
  "gateway/rules/words.ts": ["export const isRead = false;"],
  "gateway/rules/faked.ts": ["export const fake = 1 + 2;"],
  "gateway/rules/rule.test.ts": [
    'import { expect, test } from "vitest";',
    'import { fake } from "./faked.ts";',
    'import { isHigh, upTo } from "./rule.ts";',
    'test("120 is not high", () => { expect([119, 120, 121].map(isHigh)).toEqual([false, false, true]); expect(fake).toBe(3); });',
    'test("counts", () => { expect(upTo(3)).toBe(3); });',
  ],
  "gateway/rules/red.test.ts": [
    'import { test } from "vitest";',
    'import "./rule.ts";',
    'test("never holds", () => { throw new Error("red"); });',
  ],
};

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "hearth-planted-"));
  for (const [file, lines] of Object.entries(files)) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), lines.join("\n"));
  }
  writeFileSync(join(home, "package.json"), '{ "type": "module" }');
  symlinkSync(join(house, "node_modules"), join(home, "node_modules"));
  tree = copyTree(home);
  runner = createRunner(tree);
});
afterEach(() => {
  runner.stop();
  tree.remove();
  rmSync(home, { recursive: true, force: true });
});

async function ask(isAsked: (mutant: Mutant) => boolean, limitMs?: number): Promise<{ words: string[]; verdicts: Verdict[] }> {
  const sources = readSources(home);
  const reach = createReach(sources);
  const mutants = ["gateway/rules/rule.ts", "gateway/rules/words.ts"]
    .flatMap((file) => plant(file, sources.get(file) ?? ""))
    .filter(isAsked);
  const write = (file: string, text: string) => writeFileSync(join(tree.root, file), text);
  const words: string[] = [];
  const verdicts: Verdict[] = [];
  const options = { mutants, sources, reach, runner, write, isQuick: true, isStopped: () => false };
  for await (const step of hunt(limitMs === undefined ? options : { ...options, limitMs })) {
    words.push(step.words);
    if (step.verdict !== undefined) verdicts.push(step.verdict);
  }
  return { words, verdicts };
}

describe("a hunt", () => {
  test("tells what a test notices from what none does, asks no test that is red anyway, and leaves the checkout alone", async () => {
    const { words, verdicts } = await ask(({ operator }) => /boundary|switch/.test(operator));
    expect(verdicts.map(({ mutant, noticedBy }) => [mutant.file, mutant.after, noticedBy])).toEqual([
      [
        "gateway/rules/rule.ts",
        "export const isHigh = (rate: number) => rate >= 120;",
        { file: "gateway/rules/rule.test.ts", what: "120 is not high" },
      ],
      ["gateway/rules/rule.ts", "export const isLow = (rate: number) => rate <= 40;", undefined],
      ["gateway/rules/words.ts", "export const isRead = true;", undefined],
    ]);
    expect(words).toContain("left out, it fails without a fault: gateway/rules/red.test.ts › never holds");
    expect(isAboveFloor(verdicts)).toBe(false);
    expect(isAboveFloor(verdicts.slice(0, 1))).toBe(true);
    expect(table(verdicts)).toMatch(/gateway\/rules +1 of 3 +33 % +BELOW THE FLOOR/);
    expect(survivors(verdicts)).toContain("    + export const isLow = (rate: number) => rate <= 40;");
    expect(survivors(verdicts)).not.toContain("isHigh");
    for (const [file, lines] of Object.entries(files)) expect(readFileSync(join(home, file), "utf8")).toBe(lines.join("\n"));
  });

  test("takes a test that never ends as one that notices, ends it, and goes on", async () => {
    const endless = await ask(({ operator, line }) => line === 6 && operator === "arithmetic", 1_000);
    expect(endless.verdicts.map(({ noticedBy }) => noticedBy)).toEqual([{ what: "a time-out" }]);
    const wrong = await ask(({ operator, line }) => line === 5 && operator === "equality");
    expect(wrong.verdicts.map(({ noticedBy }) => noticedBy?.what)).toEqual(["counts"]);
  });
});

test("a runner that is stopped at work leaves no process, whatever the tests were doing", async () => {
  writeFileSync(join(tree.root, "gateway/rules/rule.test.ts"), 'import { test } from "vitest"; test("hangs", () => { for (;;) {} });');
  const running = runner.run({ files: ["gateway/rules/rule.test.ts"], changed: [] }, 60_000);
  // Vitest, and the process in which the test hangs.
  await expect.poll(() => marked(tree.root).length, { timeout: 60_000 }).toBeGreaterThan(1);
  runner.stop();
  expect(await running).toEqual({ failure: { what: "the end of the test process" }, durations: {} });
  await expect.poll(() => marked(tree.root)).toEqual([]);
});

test("faults are chosen in the product's own files: not in tests, nor in what only tests use", () => {
  const sources = readSources(home);
  const chosen = choose(sources, createReach(sources), [], 100, 1);
  expect(new Set(chosen.map(({ file }) => file))).toEqual(new Set(["gateway/rules/rule.ts", "gateway/rules/words.ts"]));
  expect(choose(sources, createReach(sources), ["gateway/rules/words.ts"], 100, 1)).toHaveLength(1);
  expect(choose(sources, createReach(sources), ["gateway/rul"], 100, 1)).toEqual([]);
});

test("a folder that nobody has entered is judged, and one that is left out only where it is named", () => {
  const sources = new Map(["gateway/new/a.ts", "gateway/web/b.ts"].map((file) => [file, "export const a = 1;"]));
  const chosen = (...words: string[]) => choose(sources, createReach(sources), words, 100, 1).map(({ file }) => file);
  expect(chosen()).toEqual(["gateway/new/a.ts"]);
  expect(chosen("gateway/web")).toEqual(["gateway/web/b.ts"]);
});

test("every folder with a line of its own is there, and so is every test that is named", () => {
  const sources = readSources(house);
  const missing = folders.flatMap(({ folder, system }) => [
    ...([...sources.keys()].some((file) => file.startsWith(`${folder}/`)) ? [] : [folder]),
    ...system.map((name) => `test/${name}.test.ts`).filter((file) => !sources.has(file)),
  ]);
  expect(missing).toEqual([]);
});
