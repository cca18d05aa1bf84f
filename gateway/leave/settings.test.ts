import { expect, test } from "vitest";
import { parseConfig } from "../config/load.ts";
import { sampleConfig } from "../config/sample.ts";
import { configWithout, textWithout } from "./settings.ts";

const people = ["person-a", "person-b"].map((id) => ({ id, name: `Name of ${id}`, profile: {} }));
const devices = people.map(({ id }) => ({
  ...{ id: `strap-${id}`, title: "Strap", driver: "hearth-stream", link: { kind: "mqtt" as const }, options: {} },
  ...{ wornBy: id, placement: "chest" },
}));
const read = (text: string) => parseConfig(text, { file: "x", env: {}, secret: () => "s3cret-value" });

test("one of two people leaves the settings: their device is worn by nobody, and every other line and comment stays", () => {
  const text = sampleConfig({ people, devices });
  const rest = textWithout(text, "person-a");
  const config = read(rest);
  expect(config.people.map(({ id }) => id)).toEqual(["person-b"]);
  expect(config.devices.map(({ id, wornBy }) => [id, wornBy])).toEqual([
    ["strap-person-a", undefined],
    ["strap-person-b", "person-b"],
  ]);
  const lines = (whole: string) =>
    whole
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  const gone = lines(text).filter((line) => !lines(rest).includes(line));
  expect(gone).toEqual(["- id: person-a", "name: Name of person-a", "wornBy: person-a"]);
  expect(configWithout(read(text), ["person-a"])).toEqual(config);
});

test("the last one may leave, a secret stays a name, and a text that names nobody is not written anew", () => {
  const text = `${sampleConfig({ people: people.slice(0, 1), devices: devices.slice(0, 1) }).replace(/^channels: \[\]$/m, "channels:\n  - { kind: webhook, name: w, url: http://127.0.0.1:1/, token: !secret   hook }")}`;
  const rest = textWithout(text, "person-a");
  expect(read(rest).people).toEqual([]);
  expect(rest).toContain("!secret hook");
  expect(rest).not.toContain("s3cret-value");
  expect(rest).not.toContain("wornBy: person-a");
  expect(textWithout(rest, "person-a")).toBe(rest);
  expect(textWithout("people: []   # odd   spacing\n", "person-a")).toBe("people: []   # odd   spacing\n");
});

test("a bridge tells no longer of somebody who has left", () => {
  const bridge =
    "bridges:\n  home-assistant:\n    url: mqtt://127.0.0.1\n    people:\n      - id: person-a\n        shares: numbers # agreed\n      - id: person-b\n";
  const text = `${sampleConfig({ people })}\n${bridge}`;
  const rest = textWithout(text, "person-a");
  expect(rest).not.toContain("person-a\n        shares");
  const config = read(rest);
  expect(config.bridges).toMatchObject({ "home-assistant": { people: [{ id: "person-b", shares: "alerts" }] } });
  expect(configWithout(read(text), ["person-a"])).toEqual(config);
  expect(read(textWithout(rest, "person-b")).bridges).toMatchObject({ "home-assistant": { people: [] } });
});
