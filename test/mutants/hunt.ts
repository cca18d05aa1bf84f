/** Plants one fault after the other and asks the tests: those that load the file, the nearest first, then some of the whole house. */

import { folderOf, folders } from "./folders.ts";
import { apply, type Mutant } from "./plant.ts";
import type { Reach } from "./reach.ts";
import type { Failure, Runner } from "./runner.ts";

export interface Verdict {
  readonly mutant: Mutant;
  /** Undefined for a fault that no test has noticed. */
  readonly noticedBy: Failure | undefined;
}

export interface Step {
  readonly words: string;
  readonly verdict?: Verdict;
}

export interface HuntOptions {
  readonly mutants: readonly Mutant[];
  readonly sources: ReadonlyMap<string, string>;
  readonly reach: Reach;
  readonly runner: Runner;
  /** Writes into the copy of the tree. */
  readonly write: (file: string, text: string) => void;
  /** Unit tests only. */
  readonly isQuick: boolean;
  readonly isStopped: () => boolean;
  /** How long tests may take beyond five times what they took without a fault. */
  readonly limitMs?: number;
}

/** So many unit tests are asked about a fault; further ones are far from the file. */
const unitTests = 24;
const wholeRunMs = 30 * 60_000;

export async function* hunt(options: HuntOptions): AsyncGenerator<Step> {
  const { mutants, sources, reach, runner, write, isQuick, isStopped, limitMs = 60_000 } = options;
  const durationMs = new Map<string, number>();
  const red = new Set<string>();
  let changed: string[] = [];

  const run = async (files: readonly string[], timeoutMs: number) => {
    if (isStopped()) throw new Error("stopped");
    const outcome = await runner.run({ files, changed }, timeoutMs);
    changed = [];
    return outcome;
  };

  /** Runs tests without a fault: what fails then can notice none. */
  const learn = async (asked: readonly string[]): Promise<string[]> => {
    const fresh = asked.filter((file) => !durationMs.has(file) && !red.has(file));
    const failures: string[] = [];
    for (let files = fresh; files.length > 0 && !isStopped(); files = files.filter((file) => !red.has(file))) {
      const { failure, durations } = await run(files, wholeRunMs);
      for (const [file, ms] of Object.entries(durations)) durationMs.set(file, ms);
      if (failure === undefined) break;
      if (failure.file === undefined) throw new Error(`the tests fail without a fault: ${failure.what}`);
      red.add(failure.file);
      failures.push(`left out, it fails without a fault: ${failure.file} › ${failure.what}`);
    }
    return failures;
  };

  const ask = async (asked: readonly string[]): Promise<Failure | undefined> => {
    const files = asked.filter((file) => !red.has(file));
    if (files.length === 0) return undefined;
    const usualMs = files.reduce((sum, file) => sum + (durationMs.get(file) ?? 0), 0);
    return (await run(files, limitMs + 5 * usualMs)).failure;
  };

  const near = (file: string) => reach.tests(file).slice(0, unitTests);
  const plant = (file: string, text: string) => {
    write(file, text);
    changed.push(file);
  };

  let done = 0;
  for (const [folder, inFolder] of Map.groupBy(mutants, ({ file }) => folderOf(file))) {
    const unit = [...new Set(inFolder.flatMap(({ file }) => near(file)))];
    const names = isQuick ? [] : (folders.find((line) => line.folder === folder)?.system ?? []);
    const system = names.map((name) => `test/${name}.test.ts`);
    yield { words: `\n${folder}: ${unit.length} unit tests, first without a fault` };
    for (const words of await learn(unit)) yield { words };
    for (const mutant of inFolder) {
      if (isStopped()) return;
      const source = sources.get(mutant.file) ?? "";
      plant(mutant.file, apply(source, mutant.edit));
      let noticedBy = await ask(near(mutant.file));
      if (noticedBy === undefined && system.length > 0) {
        plant(mutant.file, source);
        for (const words of await learn(system)) yield { words };
        plant(mutant.file, apply(source, mutant.edit));
        noticedBy = await ask(system);
        // What a failed test of the whole house has left running ends here.
        if (noticedBy !== undefined) runner.stop();
      }
      plant(mutant.file, source);
      if (isStopped()) return;
      done += 1;
      const end = noticedBy === undefined ? "SURVIVED" : `noticed by ${[noticedBy.file ?? [], noticedBy.what].flat().join(" › ")}`;
      yield { words: `${done}/${mutants.length} ${mutant.file}:${mutant.line} ${mutant.operator}: ${end}`, verdict: { mutant, noticedBy } };
    }
  }
}
