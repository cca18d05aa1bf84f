/** Who imports whom: which tests can notice a fault in a file, the nearest first. */

import { posix } from "node:path";
import { importsOf } from "../architecture.ts";

export interface Reach {
  /** Unit tests that load the file, by their distance in imports, then by name. */
  readonly tests: (file: string) => string[];
  /** Whether something besides tests and measurements loads the file, so that a fault in it is one of the product. */
  readonly isProduct: (file: string) => boolean;
}

const isTest = (file: string) => file.endsWith(".test.ts") || file.startsWith("test/") || file.startsWith("gateway/bench/");

/** @param sources path → text of every TypeScript file of the tree */
export function createReach(sources: ReadonlyMap<string, string>): Reach {
  const importers = new Map<string, Set<string>>();
  for (const [file, source] of sources)
    for (const target of targetsOf(file, source)) {
      if (!importers.has(target)) importers.set(target, new Set());
      importers.get(target)?.add(file);
    }
  const tests = (file: string): string[] => {
    const distances = new Map([[file, 0]]);
    for (const [at, distance] of distances)
      for (const importer of importers.get(at) ?? []) if (!distances.has(importer)) distances.set(importer, distance + 1);
    const near = (test: string) => (posix.dirname(test) === posix.dirname(file) ? 0 : 1);
    return [...distances]
      .filter(([test]) => test.endsWith(".test.ts") && !test.startsWith("test/"))
      .sort(([a, far], [b, further]) => near(a) - near(b) || far - further || (a < b ? -1 : 1))
      .map(([test]) => test);
  };
  const isProduct = (file: string) => {
    const by = [...(importers.get(file) ?? [])];
    return by.length === 0 || by.some((importer) => !isTest(importer));
  };
  return { tests, isProduct };
}

/** Imports, and the files that are named beside their starter: workers and children. Types are not loaded. */
function targetsOf(file: string, source: string): string[] {
  const siblings = [...source.matchAll(/siblingUrl\(import\.meta\.url, "([^"]+)"\)/g)].map((match) => `./${match[1]}.ts`);
  const urls = [...source.matchAll(/new URL\("(\.[^"]+\.tsx?)", import\.meta\.url\)/g)].map((match) => String(match[1]));
  const imported = importsOf(source).filter(({ target, isType }) => target.startsWith(".") && !isType);
  return [...imported.map(({ target }) => target), ...siblings, ...urls].map((target) => posix.join(posix.dirname(file), target));
}
