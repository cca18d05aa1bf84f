import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { excerptPath } from "../../firmware-sim/excerpts/excerpt.ts";
import { sampleConfig } from "../../gateway/config/sample.ts";

const main = fileURLToPath(new URL("../../gateway/main.ts", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-verbs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function hearth(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"], env: { HEARTH_HOME: folder } });
  const said = { out: "", err: "" };
  child.stdout.on("data", (text) => {
    said.out += text;
  });
  child.stderr.on("data", (text) => {
    said.err += text;
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...said })));
}

describe("a hearth.yaml that is wrong", () => {
  const run = async (text: string) => {
    writeFileSync(join(folder, "hearth.yaml"), text);
    return hearth("run");
  };
  const lineOf = (text: string, part: string) => text.split("\n").findIndex((line) => line.includes(part)) + 1;

  test.each([
    ["a value out of its range", "commitMs", /commitMs: .*/, "commitMs: -5"],
    ["a word where a number belongs", "commitMs", /commitMs: .*/, "commitMs: soon"],
    ["a key that nobody knows", "comitMs", /commitMs: .*/, "comitMs: 50"],
  ])("%s ends with 1, and the message names file, line and key", async (_what, key, from, to) => {
    const text = sampleConfig().replace(from, to);
    const { code, out, err } = await run(text);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("hearth.yaml");
    expect(err).toMatch(new RegExp(`\\b${lineOf(text, to)}\\b`));
    expect(err).toContain(key);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test("a line that is no YAML is named", async () => {
    const text = `${sampleConfig()}\npeople: [ {`;
    const { code, err } = await run(text);
    expect(code).toBe(1);
    expect(err).toMatch(/hearth\.yaml.*\d+/);
  });
});

describe("wrong use", () => {
  test.each([
    ["an unknown verb", ["fly"], /no verb 'fly'.*Usage: hearth/s],
    ["an unknown flag", ["replay", "x", "--out", "y", "--fast"], /unknown option '--fast'.*Usage: hearth replay/s],
    ["a missing flag", ["replay", "x"], /--out.*Usage: hearth replay/s],
    ["seconds that are none", ["replay", "x", "--out", "y", "--from", "soon"], /--from wants seconds/],
    ["a driver that nobody knows", ["replay", "x", "--out", "y", "--driver", "abacus"], /abacus.*xsens-mti/],
    ["a task that nobody knows", ["eval", "palmistry", "--data", "x"], /palmistry.*qrs/],
  ])("%s ends with 2 and says what would be right", async (_what, args, says) => {
    const { code, out, err } = await hearth(...args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(says);
  });

  test("help is no error", async () => {
    const { code, out } = await hearth("--help");
    expect(code).toBe(0);
    expect(out).toContain("replay");
  });
});

describe("replay of records of which some are damaged", () => {
  const damaged = () => {
    const path = join(folder, "damaged");
    writeFileSync(`${path}.hea`, readFileSync(`${excerptPath("mitdb-205")}.hea`, "utf8").replaceAll("mitdb-205", "damaged"));
    writeFileSync(`${path}.dat`, readFileSync(`${excerptPath("mitdb-205")}.dat`).subarray(0, 1000));
    return path;
  };

  test("names them, does the others, ends with 1, and prints one JSON value", async () => {
    const missing = join(folder, "missing");
    const { code, out, err } = await hearth("replay", damaged(), missing, excerptPath("mitdb-205"), "--out", join(folder, "out"), "--json");
    expect(code).toBe(1);
    const answer = JSON.parse(out);
    expect(answer.records).toMatchObject([{ record: "mitdb-205" }]);
    expect(answer.failed).toMatchObject([
      { path: expect.stringContaining("damaged"), code: "recording.truncated" },
      { path: missing, code: "recording.not_found" },
    ]);
    expect(err).toContain("damaged.dat");
    expect(err).toContain("missing");
    expect(readdirSync(join(folder, "out")).length).toBe(8);
  });

  test("that are all readable ends with 0, and people get a sentence a record", async () => {
    const { code, out, err } = await hearth("replay", excerptPath("mitdb-205"), "--out", join(folder, "out"));
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^mitdb-205: \d+ s, \d+ beats, .*rhythm\.vt/);
  });

  test("two of one name are not written over each other", async () => {
    const twice = await hearth("replay", excerptPath("mitdb-205"), `${excerptPath("mitdb-205")}.hea`, "--out", join(folder, "out"));
    expect(twice.code).toBe(2);
    expect(twice.err).toMatch(/both named "mitdb-205"/);
  });
});

test("--version says the version and nothing else", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  expect(await hearth("--version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
});

describe("hearth replay", () => {
  test.each([
    ["a place where the system makes no folder", () => "/proc/none/here"],
    [
      "a file",
      () => {
        writeFileSync(join(folder, "file"), "");
        return join(folder, "file");
      },
    ],
  ])("with --out at %s ends before anything is played", async (_what, out) => {
    const { code, err } = await hearth("replay", excerptPath("mitdb-205"), "--out", out());
    expect(code).toBe(2);
    expect(err).toMatch(/nothing can be written there \(E[A-Z]+/);
  });

  test("takes a folder of recordings, and the lead that is named", async () => {
    const out = join(folder, "out");
    const { code, out: said } = await hearth("replay", dirname(excerptPath("mitdb-205")), "--to", "2", "--out", out);
    expect([code, said.trim().split("\n").length]).toEqual([
      0,
      readdirSync(dirname(excerptPath("mitdb-205"))).filter((name) => /\.(hea|bvh)$/.test(name)).length,
    ]);
    const none = await hearth("replay", excerptPath("mitdb-205"), "--lead", "none", "--to", "2", "--out", out);
    expect(none.code).toBe(1);
    expect(none.err).toMatch(/there is no channel "none"; there are "/);
  });

  test("takes a body's recording with the sensors that are named, and refuses what is damaged with its code", async () => {
    const path = join(dirname(excerptPath("mitdb-205")), "cmu-02_01.bvh");
    const out = join(folder, "body");
    const played = await hearth("replay", path, "--sensors", "pelvis, head", "--out", out, "--json");
    expect([played.code, JSON.parse(played.out).records[0].record]).toEqual([0, "cmu-02_01"]);
    expect(readdirSync(out)).toEqual(expect.arrayContaining(["cmu-02_01_twin.bvh", "cmu-02_01_twin.states.csv"]));
    const none = await hearth("replay", path, "--sensors", "tail", "--out", out);
    expect([none.code, none.err]).toEqual([2, expect.stringMatching(/--sensors tail: there are pelvis, head/)]);
    const cut = join(folder, "cut.bvh");
    writeFileSync(cut, readFileSync(path).subarray(0, 20_000));
    const refused = await hearth("replay", cut, "--out", out, "--json");
    expect([refused.code, JSON.parse(refused.out).failed[0].code]).toEqual([1, "recording.bvh"]);
  });

  test("says what it reads instead of a file of another kind", async () => {
    writeFileSync(join(folder, "night.edf"), "0       ");
    const { code, err } = await hearth("replay", join(folder, "night.edf"), "--out", join(folder, "out"));
    expect(code).toBe(1);
    expect(err).toMatch(/WFDB records .* formats 16, 24, 80, 212/);
  });

  test("a home's journal is opened with the drivers of its settings, whatever secrets stand in them", async () => {
    const channel = "channels:\n  - kind: webhook\n    name: phone\n    url: !secret where\n    token: !secret key\n";
    writeFileSync(join(folder, "hearth.yaml"), `${sampleConfig()}\n${channel}`.replace(/^channels: \[\]$/m, ""));
    mkdirSync(join(folder, "journal", "person-a"), { recursive: true });
    const { err } = await hearth("replay", join(folder, "journal"), "--out", join(folder, "out"));
    expect(err).not.toMatch(/hearth\.yaml|secret/);
  });
});
