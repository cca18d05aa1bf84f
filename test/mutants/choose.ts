/** Which faults a run plants: so many a folder, from the product's own files. */

import { draw } from "./draw.ts";
import { folderOf, isJudged } from "./folders.ts";
import { apply, type Mutant, plant } from "./plant.ts";
import type { Reach } from "./reach.ts";
import { parse } from "./syntax.ts";

const isSource = (file: string) => !/\.test\.tsx?$|\.d\.ts$|(^|\/)testdata\/|^test\/|^vitest\.config/.test(file);

/** @param words folders and files; none = all folders that are judged */
export function choose(
  sources: ReadonlyMap<string, string>,
  reach: Reach,
  words: readonly string[],
  perFolder: number,
  seed: number,
): Mutant[] {
  const isAsked = (file: string) =>
    words.length === 0 ? isJudged(file) : words.some((word) => file === word || file.startsWith(`${word}/`));
  const files = [...sources.keys()].filter((file) => isSource(file) && isAsked(file) && reach.isProduct(file)).sort();
  const isWhole = ({ file, edit }: Mutant) => parse(file, apply(sources.get(file) ?? "", edit)) !== undefined;
  return [...Map.groupBy(files, folderOf).values()].flatMap((inFolder) =>
    draw(
      inFolder.flatMap((file) => plant(file, sources.get(file) ?? "")),
      perFolder,
      seed,
      isWhole,
    ),
  );
}
