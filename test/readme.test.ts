import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = new URL("../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

/** The npm commands of a page's code: `npm start`, `npm run bench`, `npm test`. */
function npmCommands(text: string): string[] {
  return [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test))\b/g)].map((match) => match[1] ?? match[2] ?? "");
}

describe("the first page", () => {
  test("names only commands that exist", () => {
    const commands = npmCommands(read("README.md"));
    expect(commands.length).toBeGreaterThan(2);
    expect(commands.filter((command) => scripts[command] === undefined)).toEqual([]);
  });

  test("links only to files that exist, and says that this is not a medical device", () => {
    const text = read("README.md");
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? "");
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((link) => !existsSync(new URL(link, root)))).toEqual([]);
    expect(text).toMatch(/not a medical device/i);
  });

  test("fits the house's measure of 120 lines", () => {
    expect(read("README.md").split("\n").length).toBeLessThanOrEqual(121);
  });

  test("a command that does not exist would be seen", () => {
    expect(npmCommands("Run `npm run nonsense` and npm start.").filter((command) => scripts[command] === undefined)).toEqual(["nonsense"]);
  });

  test("every script's file is there", () => {
    const missing = Object.values(scripts)
      .flatMap((script) => [...script.matchAll(/\bnode (\S+\.m?js)/g)].map((match) => match[1] ?? ""))
      .filter((file) => !existsSync(fileURLToPath(new URL(file, root))));
    expect(missing).toEqual([]);
  });
});
