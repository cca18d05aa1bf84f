import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { checkTree, circlesOf, importsOf } from "./architecture.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const topFolders = ["device-drivers", "models", "gateway", "firmware-sim", "flows"];

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/node_modules|\/flows\/dist/.test(entry.parentPath) && !entry.parentPath.includes("__pycache__"))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}

const files = topFolders.flatMap(filesUnder);
const sources = new Map(files.filter((file) => /\.(tsx?|mjs)$/.test(file)).map((file) => [file, readFileSync(join(root, file), "utf8")]));

describe("the tree", () => {
  test("keeps to the arrows, and enough of it was looked at", () => {
    expect(sources.size).toBeGreaterThan(150);
    const imports = [...sources.values()].reduce((sum, source) => sum + importsOf(source).length, 0);
    expect(imports).toBeGreaterThan(500);
    expect(checkTree(sources)).toEqual([]);
  });

  test("has no circle of imports among files or folders, types included", () => {
    expect(circlesOf(sources)).toEqual([]);
  });

  test("keeps four files at the gateway's root", () => {
    const root = files.filter((file) => /^gateway\/[^/]+$/.test(file)).map((file) => file.slice("gateway/".length));
    expect(root.sort()).toEqual(["README.md", "app.ts", "gateway.ts", "main.ts"]);
  });

  test("has no file over 400 lines, tests, test data and made declarations apart", () => {
    const code = files.filter((file) => /\.(tsx?|mjs|py|css)$/.test(file) && !/\.test\.tsx?$|\.d\.ts$|\/testdata\//.test(file));
    expect(code.length).toBeGreaterThan(150);
    const long = code
      .map((file) => ({ file, lines: readFileSync(join(root, file), "utf8").split("\n").length - 1 }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });

  test("has a NOTICE in every folder of test data or recordings, and a README in every top folder", () => {
    // Programs and models that a test makes by itself are nobody's data.
    const isData = (file: string) => !/\.(ts|mjs|py|onnx)$/.test(file);
    const dataFolders = [
      ...new Set(
        files
          .filter(isData)
          .map((file) => /^(.*\/(testdata|excerpts))\//.exec(file)?.[1])
          .filter((folder) => folder !== undefined),
      ),
    ];
    expect(dataFolders.length).toBeGreaterThan(1);
    const without = dataFolders.filter(
      (folder) => !files.some((file) => file.startsWith(`${folder}/`) && /[/.]NOTICE(\.md|\.txt)?$/.test(file)),
    );
    expect(without).toEqual([]);
    expect(topFolders.filter((folder) => !files.includes(`${folder}/README.md`))).toEqual([]);
  });

  test("names every notice of others' material on the first NOTICE", () => {
    const notices = [...files, ...filesUnder("test")].filter((file) => /[/.]NOTICE(\.md|\.txt)?$/.test(file));
    expect(notices.length).toBeGreaterThan(3);
    const text = readFileSync(join(root, "NOTICE"), "utf8");
    expect(notices.filter((file) => !text.includes(file))).toEqual([]);
  });

  test("loads ONNX Runtime through one door, tests included", () => {
    const all = [...files, ...filesUnder("test")].filter((file) => /\.(tsx?|mjs)$/.test(file));
    const loaders = all.filter((file) =>
      importsOf(readFileSync(join(root, file), "utf8")).some(({ target }) => target === "onnxruntime-node"),
    );
    expect(loaders).toEqual(["models/onnx-runtime.ts"]);
  });

  test("reads CBOR with the bounded reader, but for what the store has written itself, and never with native code", () => {
    const decoders = [...sources].filter(
      ([file, source]) => !file.endsWith(".test.ts") && importsOf(source).some(({ target }) => target === "cbor-x/decode"),
    );
    expect(decoders.map(([file]) => file)).toEqual(["gateway/store/event-codec.ts"]);
    expect([...sources].filter(([, source]) => importsOf(source).some(({ target }) => target === "cbor-x"))).toEqual([]);
  });

  test("reads JSON from wires with the bounded reader", () => {
    const wires = /^(device-drivers|gateway\/(semantic|sync|api|view|alert))\//;
    const parsers = [...sources].filter(
      ([file, source]) => wires.test(file) && !file.endsWith(".test.ts") && source.includes("JSON.parse("),
    );
    expect(parsers.map(([file]) => file)).toEqual(["device-drivers/framing/json-reader.ts"]);
  });

  test("has no default exports and no work left as a word", () => {
    const left = [...sources]
      .filter(([file, source]) => !file.includes("/testdata/") && /\b(TODO|FIXME)\b|^export default /m.test(source))
      .map(([file]) => file);
    expect(left).toEqual([]);
  });
});

describe("the checker sees what is planted", () => {
  const says = (file: string, source: string) => checkTree(new Map([[file, source]])).map((violation) => violation.says);

  test.each([
    ["gateway/rules/vt.ts", 'import { x } from "../store/database.ts";', ["imports gateway/store/database.ts"]],
    ["gateway/rules/vt.ts", 'import type { X } from "../../gateway/api/http.ts";', ["imports gateway/api/http.ts"]],
    ["gateway/rules/vt.ts", 'export { x } from "../pipeline/person.ts";', ["imports gateway/pipeline/person.ts"]],
    ["gateway/rules/vt.ts", 'const x = await import("../pipeline/person.ts");', ["imports gateway/pipeline/person.ts"]],
    ["gateway/rules/vt.ts", 'import "../pipeline/person.ts";', ["imports gateway/pipeline/person.ts"]],
    ["gateway/rules/vt.ts", 'import {\n  a,\n  b,\n} from "../pipeline/person.ts";', ["imports gateway/pipeline/person.ts"]],
    ["gateway/rules/vt.ts", 'import { readFileSync } from "node:fs";', ["is pure and imports node:fs"]],
    ["gateway/rules/vt.ts", "setTimeout(() => {}, 5);", ["is pure and owns a timer"]],
    ["gateway/twin/api.ts", 'import { x } from "../store/store-port.ts";', ["imports gateway/store/store-port.ts"]],
    ["gateway/web/app.tsx", 'import { x } from "../api/wire.ts";', ["imports gateway/api/wire.ts"]],
    ["device-drivers/cyton/driver.ts", 'import { x } from "../xsens-mti/frame.ts";', ["imports device-drivers/xsens-mti/frame.ts"]],
    ["device-drivers/contract/event.ts", 'import { x } from "zod";', ["is the contract and imports zod"]],
    ["device-drivers/contract/event.ts", "setInterval(() => {}, 5);", ["is pure and owns a timer"]],
    ["models/ecg-beat/spec.ts", 'import { x } from "../other/spec.ts";', ["imports models/other/spec.ts"]],
    [
      "firmware-sim/strap.ts",
      'import { x } from "../device-drivers/hearth-stream/driver.ts";',
      ["imports device-drivers/hearth-stream/driver.ts"],
    ],
    [
      "gateway/store/other.ts",
      'import Database from "better-sqlite3";',
      [expect.stringContaining("whose home is gateway/store/database.ts")],
    ],
    ["gateway/ingest/other.ts", 'import { connect } from "mqtt";', [expect.stringContaining("whose home is")]],
    ["gateway/pipeline/person.ts", "const x = process.env.HOME;", ["reads process.env"]],
    ["attic/x.ts", "", ["stands in a folder that the table does not know"]],
  ])("%s with %s", (file, source, expected) => {
    expect(says(file, source)).toEqual(expected);
  });

  test("circles of files, of folders, and of types alone", () => {
    const tree = (entries: Record<string, string>) => circlesOf(new Map(Object.entries(entries)));
    expect(tree({ "gateway/rules/a.ts": 'import { b } from "./b.ts";', "gateway/rules/b.ts": 'import type { A } from "./a.ts";' })).toEqual(
      [["gateway/rules/a.ts", "gateway/rules/b.ts"]],
    );
    const apart = { "gateway/rules/a.ts": 'import { b } from "../alert/b.ts";', "gateway/alert/c.ts": 'import "../rules/d.ts";' };
    expect(tree(apart)).toEqual([["gateway/alert", "gateway/rules"]]);
    const three = {
      "gateway/a/a.ts": 'import "../b/b.ts";',
      "gateway/b/b.ts": 'import "../c/c.ts";',
      "gateway/c/c.ts": 'import "../a/a.ts";',
    };
    expect(tree(three)).toHaveLength(2);
    expect(tree({ "gateway/a/a.ts": 'import "../b/b.ts";', "gateway/b/b.ts": 'import "../c/c.ts";' })).toEqual([]);
  });

  test.each([
    ["gateway/rules/vt.ts", 'import type { BeatEvent } from "../../device-drivers/contract/event.ts";\nimport { y } from "./other.ts";'],
    ["gateway/rules/vt.ts", '// import { x } from "../pipeline/person.ts";\n/* setTimeout(1) */'],
    ["gateway/rules/vt.test.ts", 'import { x } from "../store/database.ts";'],
    ["gateway/ingest/hooks.ts", 'import type { Client } from "aedes";'],
    ["firmware-sim/strap.ts", 'import { encode } from "../device-drivers/hearth-stream/frame.ts";'],
    ["gateway/config/load.ts", "const x = process.env;"],
    ["gateway/gateway.ts", 'import { x } from "./store/store.ts";'],
  ])("and does not complain about %s with %s", (file, source) => {
    expect(says(file, source)).toEqual([]);
  });
});
