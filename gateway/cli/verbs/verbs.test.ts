import { Command } from "commander";
import { expect, test } from "vitest";
import { verbs } from "./index.ts";

test("every verb has a name of its own and a line of help; one runs where none is named", () => {
  expect(new Set(verbs.map(({ name }) => name)).size).toBe(verbs.length);
  expect(verbs.filter(({ isDefault }) => isDefault)).toHaveLength(1);
  for (const verb of verbs) {
    const command = new Command(verb.name);
    verb.define(command);
    expect(command.description(), verb.name).not.toBe("");
  }
});
