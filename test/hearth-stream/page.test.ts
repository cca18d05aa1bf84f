import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { hearthStream } from "../../device-drivers/hearth-stream/driver.ts";
import { decodeBatch, encodeBatch } from "../../device-drivers/hearth-stream/frame.ts";
import { parseMeta } from "../../device-drivers/hearth-stream/meta.ts";
import { metaRows } from "../../device-drivers/hearth-stream/meta-fields.ts";
import { accessWords, helpWords } from "../../gateway/alert/device-help.ts";
import { causeWords } from "../../gateway/alert/device-words.ts";

const folder = new URL("../../device-drivers/hearth-stream/", import.meta.url);
const pageFile = new URL("README.md", folder);
const page = readFileSync(pageFile, "utf8");
const example = (name: string) => readFileSync(new URL(`examples/${name}`, folder), "utf8").trimEnd();

/** The page's blocks of code by the file that the line before names. */
const blocks = new Map([...page.matchAll(/<!-- examples\/(\S+) -->\n```\w+\n([\s\S]*?)\n```/g)].map((match) => [match[1] ?? "", match[2]]));

const table = (rows: readonly (readonly string[])[]) => {
  const [head = []] = rows;
  const widths = head.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`);
  return [lines[0], `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...lines.slice(1)].join("\n");
};
/** What stands between two marks of the page. With HEARTH_WRITE_PAGE=1 the page is brought up to date instead. */
const marked = (mark: string, expected: string) => {
  const [begin, end] = [`<!-- ${mark} -->\n`, `<!-- /${mark} -->`];
  const text = readFileSync(pageFile, "utf8");
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  expect(from, mark).toBeGreaterThan(begin.length);
  if (process.env.HEARTH_WRITE_PAGE === "1") writeFileSync(pageFile, `${text.slice(0, from)}\n${expected}\n\n${text.slice(to)}`);
  return readFileSync(pageFile, "utf8").slice(from).split(end)[0]?.trim();
};

test("every block of code that is a file stands on the page as it is, and every file stands there", () => {
  const files = readdirSync(new URL("examples/", folder));
  expect(files.length).toBeGreaterThan(4);
  expect([...blocks.keys()].sort()).toEqual(files.sort());
  for (const file of files) expect(blocks.get(file), file).toBe(example(file));
});

test("the table of the descriptor's fields is the schema's", () => {
  const rows = metaRows().map(({ field, type, isRequired, byDefault, says }) => [
    `\`${field}\``,
    type,
    isRequired ? "needed" : byDefault === undefined ? "–" : byDefault.replaceAll('"', "`"),
    says,
  ]);
  const expected = table([["field", "type", "default", "what"], ...rows]);
  expect(marked("descriptor", expected)).toBe(expected);
});

test("the table of mistakes has every code that the driver and the doors give, in the words in which they are answered", () => {
  const sources = readdirSync(folder).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  const code = sources.map((file) => readFileSync(new URL(file, folder), "utf8")).join("\n");
  const codes = [...new Set([...code.matchAll(/"(driver\.[a-z_]+)"/g)].map((match) => match[1] ?? ""))].sort();
  expect(codes.length).toBeGreaterThan(15);
  const rows = [...codes, ...Object.keys(accessWords)].map((each) => [
    `\`${each}\``,
    causeWords({ code: each }),
    helpWords({ code: each }),
  ]);
  expect(rows.filter(([, reason, help]) => reason?.includes("driver.") || help === "")).toEqual([]);
  const expected = table([["code", "what was wrong", "what to do"], ...rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")))]);
  expect(marked("mistakes", expected)).toBe(expected);
});

test("the bytes on the page are the batch on the page, and both name the descriptor on the page", () => {
  const meta = new TextEncoder().encode(example("ecg.meta"));
  const bytes = Buffer.from(
    example("ecg.raw.hex")
      .split("\n")
      .map((line) => line.split("#")[0])
      .join("")
      .replaceAll(/\s/g, ""),
    "hex",
  );
  const byHand = decodeBatch(new Uint8Array(bytes));
  const json = decodeBatch(new TextEncoder().encode(example("ecg.raw")));
  expect(byHand).toEqual(json);
  if (byHand.kind !== "batch") throw new Error(byHand.reason);
  expect(byHand.batch.metaHash).toBe(createHash("sha256").update(meta).digest("hex").slice(0, 16));
  expect(parseMeta(meta, "strap", "ecg").kind).toBe("meta");
  // Shorter by nothing, longer by nothing: also what the house's own encoder says of it.
  expect(decodeBatch(encodeBatch(byHand.batch))).toEqual(byHand);
});

test("the page's own descriptor and batch become samples", () => {
  const driver = hearthStream.create({}, "chest-strap");
  const stamps = { timeUs: 1e9, monotonicUs: 1e9, wallUs: 1e9, wallQuality: "fake" } as const;
  const push = (channel: string, name: string) =>
    driver.push({ link: "mqtt", device: "chest-strap", channel, bytes: new TextEncoder().encode(example(name)), stamps });
  push("ecg/meta", "ecg.meta");
  const [block] = push("ecg/raw", "ecg.raw");
  expect(block).toMatchObject({ firstIndex: 1750, count: 4, deviceTimeUs: 7e6 });
  expect([...(block?.channels[0] ?? [])]).toEqual([0, 100, -100, 1200]);
});

test("every key of the batch's schema has its row, and links lead to files", () => {
  const cddl = readFileSync(new URL("testdata/hearth-stream-1.cddl", folder), "utf8");
  const keys = [...cddl.matchAll(/^ {2}\??\s*"(\w+)":/gm)].map((match) => match[1] ?? "");
  expect(keys.length).toBeGreaterThan(9);
  for (const key of keys) expect(page, key).toMatch(new RegExp(`^\\| \`${key}\` `, "m"));
  for (const [, link = ""] of page.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) expect(existsSync(new URL(link, folder)), link).toBe(true);
});
