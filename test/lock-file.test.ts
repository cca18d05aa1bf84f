import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

interface LockedPackage {
  resolved?: string;
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const read = (path: string) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), "utf8"));
const locks = ["", "test/", "flows/"];
const packagesOf = (folder: string): Record<string, LockedPackage> => read(`${folder}package-lock.json`).packages;
const nameOf = (path: string) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

describe.each(locks)("the lock file of ./%s", (folder) => {
  test("is that of the manifest beside it, which 'npm ci' insists on", () => {
    const asked = ({ dependencies, devDependencies, optionalDependencies, engines }: Record<string, unknown>) => ({
      dependencies,
      devDependencies,
      optionalDependencies,
      engines,
    });
    expect(asked(packagesOf(folder)[""] as Record<string, unknown>)).toEqual(asked(read(`${folder}package.json`)));
  });

  test("lists every platform's package of every program that brings one, both Linux architectures among them", () => {
    const packages = packagesOf(folder);
    const locked = new Set(Object.keys(packages).map(nameOf));
    const wanted = Object.values(packages).flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}));
    expect(wanted.filter((name) => !locked.has(name))).toEqual([]);

    const onX64 = wanted.filter((name) => /linux.x64/.test(name));
    const onArm64 = onX64.map((name) => name.replace("x64", "arm64"));
    expect(onArm64.filter((name) => !locked.has(name))).toEqual([]);
    if (folder === "") expect(onX64.length).toBeGreaterThan(4);
  });

  test("knows which C library a platform's package is for, so that npm installs one of them", () => {
    const twins = Object.entries(packagesOf(folder)).filter(([path]) => /linux-(x64|arm64)-(gnu|musl)$/.test(path));
    expect(twins.filter(([, { libc }]) => libc === undefined).map(([path]) => path)).toEqual([]);
  });

  test("names no registry", () => {
    const withHost = Object.entries(packagesOf(folder)).filter(([, { resolved }]) => resolved !== undefined);
    expect(withHost.map(([path]) => path)).toEqual([]);
  });
});
