/** `npm run test:mutants`: plants faults, one at a time, in a copy of the tree, and prints which share of them the tests notice. */

import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { choose } from "./choose.ts";
import { floor, goal, leftOut } from "./folders.ts";
import { hunt, type Verdict } from "./hunt.ts";
import { createReach } from "./reach.ts";
import { isAboveFloor, planted, survivors, table } from "./report.ts";
import { createRunner } from "./runner.ts";
import { copyTree, readSources } from "./work-tree.ts";

const usage = `npm run test:mutants -- [FOLDER or FILE]... [--per-folder N] [--seed N] [--quick] [--list]
  Without a folder: all of the house but ${leftOut.join(", ")}.
  --per-folder N  faults a folder (24)      --seed N  draws others (1)
  --quick         asks the unit tests only  --list    shows the faults and plants none`;

const root = resolve(import.meta.dirname, "..", "..");

function options() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      "per-folder": { type: "string", default: "24" },
      seed: { type: "string", default: "1" },
      quick: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const [perFolder, seed] = [Number(values["per-folder"]), Number(values.seed)];
  if (!Number.isInteger(perFolder) || perFolder < 1 || !Number.isInteger(seed)) throw new Error("N is a whole number");
  const { quick, list, help } = values;
  return { words: positionals.map((word) => word.replace(/^\.\/|\/+$/g, "")), perFolder, seed, quick, list, help };
}

async function main(): Promise<number> {
  const { words, perFolder, seed, quick, list, help } = options();
  if (help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const sources = readSources(root);
  const reach = createReach(sources);
  const mutants = choose(sources, reach, words, perFolder, seed);
  if (mutants.length === 0) throw new Error(`nothing can be planted in ${words.join(", ")}`);
  if (list) {
    process.stdout.write(`${mutants.map(planted).join("\n")}\n${mutants.length} faults, seed ${seed}\n`);
    return 0;
  }
  const tree = copyTree(root);
  const runner = createRunner(tree);
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    runner.stop();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  const verdicts: Verdict[] = [];
  try {
    const write = (file: string, text: string) => writeFileSync(join(tree.root, file), text);
    const asked = hunt({ mutants, sources, reach, runner, write, isQuick: quick, isStopped: () => isStopped });
    for await (const step of asked) {
      process.stdout.write(`${step.words}\n`);
      if (step.verdict !== undefined) verdicts.push(step.verdict);
    }
  } catch (error) {
    if (!isStopped) throw error;
  } finally {
    runner.stop();
    tree.remove();
  }
  process.stdout.write(`\n${survivors(verdicts)}${table(verdicts)}\nfloor ${floor * 100} %, goal ${goal * 100} %, seed ${seed}\n`);
  if (isStopped) process.stdout.write(`stopped after ${verdicts.length} of ${mutants.length}\n`);
  return isStopped ? 130 : verdicts.length > 0 && isAboveFloor(verdicts) ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  return 2;
});
