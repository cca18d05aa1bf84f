import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildPalette, folderOf, locales, types } from "./build.mjs";

const out = mkdtempSync(join(tmpdir(), "hearth-palette-"));
beforeAll(() => buildPalette(out));
afterAll(() => rmSync(out, { recursive: true }));
const read = (...path: string[]) => readFileSync(join(out, ...path), "utf8");

test("one file registers every type of the list, and what the dialogs ask is asked with the right to change flows", () => {
  const registered: string[] = [];
  const posts: unknown[][] = [];
  const RED = {
    nodes: { registerType: (type: string) => registered.push(type) },
    httpAdmin: { post: (...given: unknown[]) => posts.push(given) },
    auth: { needsPermission: (permission: string) => permission },
  };
  createRequire(import.meta.url)(join(out, "hearth.js"))(RED);
  expect(registered).toEqual(types);
  expect(posts.map(([path, permission]) => [path, permission])).toEqual([
    ["/hearth-gateway/test", "flows.write"],
    ["/hearth-stream-out/check", "flows.write"],
  ]);
});

test("every type has a dialog, and in every language a help text and the keys that any language has", () => {
  const dialogs = read("hearth.html");
  const keysOf = (value: object, path = ""): string[] =>
    Object.entries(value).flatMap(([key, inner]) => (typeof inner === "object" ? keysOf(inner, `${path}${key}.`) : `${path}${key}`));
  const keys = locales.map((locale) => keysOf(JSON.parse(read("locales", locale, "hearth.json"))));
  for (const each of keys) expect(each).toEqual(keys[0]);
  for (const type of types) {
    expect(dialogs).toContain(`data-template-name="${type}"`);
    expect(keys[0]).toContain(`${folderOf(type)}.label`);
    for (const locale of locales) {
      const help = new RegExp(`data-help-name="${type}">([^]*?)</script>`).exec(read("locales", locale, "hearth.html"))?.[1];
      expect(help?.trim().length).toBeGreaterThan(200);
    }
  }
});

test("every key that dialogs and code name is in the texts, and every icon is there", () => {
  const texts = JSON.parse(read("locales", "en-US", "hearth.json"));
  const has = (key: string) => typeof key.split(".").reduce((at, part) => at?.[part], texts) === "string";
  const dialogs = read("hearth.html");
  const inDialogs = [...dialogs.matchAll(/data-i18n="(?:\[\w+\])?([^"]+)"/g)].map(([, key = ""]) => key);
  const folders = ["common", ...types.map(folderOf)].join("|");
  const inCode = [...`${dialogs}\n${read("hearth.js")}`.matchAll(new RegExp(`"((?:${folders})\\.[a-z][\\w.-]*)"`, "g"))].map(
    ([, key = ""]) => key,
  );
  expect(inDialogs.length).toBeGreaterThan(10);
  expect(inCode.length).toBeGreaterThan(10);
  expect([...inDialogs, ...inCode].filter((key) => !has(key))).toEqual([]);
  const icons = [...dialogs.matchAll(/icon: "([^"]+)"/g)].map(([, icon = ""]) => icon);
  expect(icons).toHaveLength(types.length - 1);
  expect(icons.filter((icon) => !readdirSync(join(out, "icons")).includes(icon))).toEqual([]);
});

test("the licences of what is bundled go with it", () => {
  const notices = read("NOTICES.txt");
  for (const name of ["mqtt", "mqtt-packet", "cbor-x"]) expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+, \\S+`, "m"));
  expect(notices.match(/permission is hereby granted|redistribution and use|apache license/gi)?.length).toBeGreaterThanOrEqual(3);
});
