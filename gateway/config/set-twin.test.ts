import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseConfig } from "./load.ts";
import { sampleConfig } from "./sample.ts";
import { withTwinAt } from "./set-twin.ts";

const at = { embedded: false, url: "mqtts://twin.example.org:8883" } as const;
const changed = (text: string, more: { name?: string } = {}) => {
  const after = withTwinAt(text, { ...at, ...more });
  const before = new Set(text.split("\n"));
  return { twin: parse(after).twin, added: after.split("\n").filter((line) => !before.has(line)) };
};

test("of the file that 'hearth init' writes two lines change, and it is a file that runs", () => {
  const text = sampleConfig();
  expect(changed(text).added).toEqual(["  url: mqtts://twin.example.org:8883", "  embedded: false"]);
  expect(parseConfig(withTwinAt(text, at), { file: "hearth.yaml", env: {} }).twin).toMatchObject(at);
});

test.each([
  ["no section yet", "version: 1", ["", "", "twin:", "  embedded: false", "  url: mqtts://twin.example.org:8883"]],
  [
    "a twin of before",
    "twin:\n    url: mqtts://old # ours\n    embedded: false\nlog: {}\n",
    ["    url: mqtts://twin.example.org:8883 # ours"],
  ],
  ["a flush of its own", "twin:\n  flushS: 30\n", ["  embedded: false", "  url: mqtts://twin.example.org:8883"]],
])("with %s the rest stays as it is", (_, text, added) => {
  expect(changed(text).added.sort()).toEqual([...added].sort());
  expect(changed(text).twin).toMatchObject(at);
});

test("the name under which the twin knows it is written where it is another one, and changed with the next twin", () => {
  const first = withTwinAt("version: 1\n", { ...at, name: "home-a" });
  expect(parse(withTwinAt(first, { ...at, name: "home-b" })).twin).toEqual({ ...at, name: "home-b" });
  expect(() => withTwinAt(first, at)).toThrow(expect.objectContaining({ code: "config.not_ours" }));
});

test.each(["twin: { embedded: true }\n", "twin:\n", "twin: []\n"])("%j is left to its operator", (text) => {
  expect(() => withTwinAt(text, at)).toThrow(expect.objectContaining({ code: "config.not_ours" }));
});
