/** A copy of the tree in a temporary folder, in which faults are planted; the checkout itself is only read. */

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative, sep } from "node:path";

const leftOut = new Set(["node_modules", ".git", "dist", "coverage", ".data", ".cache", ".hearth"]);

export interface WorkTree {
  readonly root: string;
  /** Where the tests put their temporary files. */
  readonly temporary: string;
  readonly logFile: string;
  readonly remove: () => void;
}

/** @param from root of the checkout, changes that are not committed included */
export function copyTree(from: string): WorkTree {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "hearth-mutants-"));
  const root = join(folder, "tree");
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  cpSync(from, root, { recursive: true, filter: (path) => path === from || !leftOut.has(basename(path)) });
  for (const place of ["", "test"]) linkPackages(join(from, place, "node_modules"), join(root, place, "node_modules"));
  return {
    root,
    temporary,
    logFile: join(folder, "vitest.log"),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

/** A folder of its own with a link to each package, so that what the tools keep beside the packages is kept in the copy. */
function linkPackages(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from))
    if (!name.startsWith(".") || name === ".bin") symlinkSync(realpathSync(join(from, name)), join(to, name));
}

/** Path with slashes → text of every TypeScript file. */
export function readSources(root: string): Map<string, string> {
  const sources = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = relative(root, join(entry.parentPath, entry.name)).split(sep);
    if (!entry.isFile() || !/\.tsx?$/.test(entry.name) || path.some((part) => leftOut.has(part))) continue;
    sources.set(path.join("/"), readFileSync(join(root, ...path), "utf8"));
  }
  return sources;
}
