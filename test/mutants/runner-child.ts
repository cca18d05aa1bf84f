/** A warm Vitest in a process of its own: told which test files to run, it says what failed first. Arguments: none; the working directory is the tree. */

import { relative, resolve } from "node:path";
import { BaseSequencer, createVitest, type TestModule, type TestSpecification } from "vitest/node";
import type { Answer, Failure, Order } from "./runner.ts";

/** In the order in which the files were asked for. */
class AsAsked extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    return specifications;
  }
}

let failure: Failure | undefined;
const tell = (answer: Answer) => process.send?.(answer);
const pathOf = (module: TestModule) => relative(process.cwd(), module.moduleId);
const fail = (first: Failure) => {
  if (failure !== undefined) return;
  failure = first;
  tell({ kind: "failing", failure: first });
};

const vitest = await createVitest(
  {
    root: process.cwd(),
    watch: false,
    bail: 1,
    passWithNoTests: true,
    reporters: [
      {
        onTestCaseResult: (test) => {
          if (test.result().state === "failed") fail({ file: pathOf(test.module), what: test.name });
        },
        onTestModuleEnd: (module) => {
          if (module.errors().length > 0) fail({ file: pathOf(module), what: "does not load" });
        },
      },
    ],
  },
  { server: { watch: null } },
  { stdout: process.stderr },
);
vitest.config.sequence.sequencer = AsAsked;
await vitest.standalone();
await vitest.globTestSpecifications();

const durationOf = (module: TestModule): [string, number] => {
  const { duration, collectDuration, prepareDuration } = module.diagnostic();
  return [pathOf(module), duration + collectDuration + prepareDuration];
};

async function run({ files, changed }: Order): Promise<void> {
  failure = undefined;
  for (const file of changed) vitest.invalidateFile(resolve(file));
  const specifications = files.flatMap((file) => vitest.getModuleSpecifications(resolve(file)));
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  if (unhandledErrors.length > 0) fail({ what: "an error that nothing caught" });
  tell({ kind: "done", found: specifications.length, failure, durations: Object.fromEntries(testModules.map(durationOf)) });
}

process.on("message", (order: Order) => {
  run(order).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
});
process.on("disconnect", () => process.exit(1));
tell({ kind: "ready" });
