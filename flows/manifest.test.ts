/** What the flow library and Node-RED ask of a package, asked of the tarball that would be published. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderOf, locales, types } from "./build.mjs";

const here = import.meta.dirname;
const read = (path: string) => readFileSync(join(here, path), "utf8");
const manifest = JSON.parse(read("package.json"));
/** A palette is loaded at every start and fetched by hand over slow lines. */
const maxTarballBytes = 300_000;

interface Packed {
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

test("the manifest is one that Node-RED lists: scoped, keyword in lower case, one bundle, the versions it runs on", () => {
  expect(manifest.name).toBe("@hearth/node-red-hearth");
  expect(manifest.keywords).toContain("node-red");
  expect(manifest["node-red"]).toEqual({ version: ">=4.1.0", nodes: { hearth: "dist/hearth.js" } });
  expect(manifest.engines.node).toBe(">=20");
  expect(manifest.license).toBe("Apache-2.0");
  expect(read("LICENSE")).toBe(read("../LICENSE"));
});

test("nothing is installed with it: no dependency, no script at the install, and none of ours is deprecated", () => {
  for (const field of ["dependencies", "optionalDependencies", "peerDependencies", "bundleDependencies"])
    expect(manifest[field]).toBeUndefined();
  expect(Object.keys(manifest.scripts).filter((name) => /install/.test(name))).toEqual([]);
  const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, { deprecated?: string; hasInstallScript?: boolean }> };
  expect(Object.keys(lock.packages).filter((path) => lock.packages[path]?.hasInstallScript)).toEqual([]);
  const own = Object.keys(manifest.devDependencies).map((name) => `node_modules/${name}`);
  expect(own.filter((path) => lock.packages[path]?.deprecated !== undefined)).toEqual([]);
});

test("the tarball has what it needs and no source, test or picture of the house beside it, and is small", () => {
  // npm builds it first, as it would before publishing.
  const out = execFileSync("npm", ["pack", "--dry-run", "--json"], { cwd: here, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const [packed] = JSON.parse(out.slice(out.search(/^[[{]/m))) as Packed[];
  const paths = packed?.files.map(({ path }) => path) ?? [];
  const needed = ["dist/hearth.js", "dist/hearth.html", "dist/package.json", "dist/NOTICES.txt", "README.md", "LICENSE", "package.json"];
  const texts = locales.flatMap((locale) => ["json", "html"].map((ending) => `dist/locales/${locale}/hearth.${ending}`));
  const icons = readdirSync(join(here, "icons")).map((icon) => `dist/icons/${icon}`);
  expect([...needed, ...texts, ...icons].filter((path) => !paths.includes(path))).toEqual([]);
  expect(paths.filter((path) => !/^(dist|examples|pictures)\/|^(README\.md|LICENSE|package\.json)$/.test(path))).toEqual([]);
  expect(paths.filter((path) => /\.test\.|\.ts$|node_modules/.test(path))).toEqual([]);
  expect(packed?.size).toBeLessThan(maxTarballBytes);
});

test("every node has its files, and the page says of each what it does", () => {
  const page = read("README.md");
  for (const type of types) {
    const folder = join(here, "nodes", folderOf(type));
    const files = [
      "node.ts",
      "editor.ts",
      "dialog.html",
      ...locales.flatMap((locale) => [`locales/${locale}/texts.json`, `locales/${locale}/help.md`]),
    ];
    expect(files.filter((file) => !existsSync(join(folder, file)))).toEqual([]);
    expect(page).toContain(`\`${type}\``);
  }
  const folders = readdirSync(join(here, "nodes"), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== "common",
  );
  expect(folders.map(({ name }) => name).sort()).toEqual(types.map(folderOf).sort());
});
