// Makes what Node-RED loads of the sources: dist/hearth.js (all nodes), dist/hearth.html (all dialogs), and their texts, help and icons. Ends in a second.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { nodes } from "./nodes/index.ts";
import { noticesOf } from "./notices.mjs";

const here = import.meta.dirname;
export const locales = ["en-US", "de"];
/** Node-RED 4.1 runs on this one. */
const target = "node20";

export const types = ["hearth-gateway", ...nodes.map(({ type }) => type)];
export const folderOf = (type) => type.replace(/^hearth[- ]/, "").replaceAll(" ", "-");
const read = (...path) => readFileSync(join(here, "nodes", ...path), "utf8");

/** The dialogs' code, which runs in the browser. */
async function editorCode() {
  const contents = types.map((type) => `import "./nodes/${folderOf(type)}/editor.ts";`).join("\n");
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: here, loader: "ts" },
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    legalComments: "none",
  });
  return outputFiles[0].text;
}

function textsOf(locale) {
  const common = JSON.parse(read("common", locale, "texts.json"));
  return {
    common,
    ...Object.fromEntries(types.map((type) => [folderOf(type), JSON.parse(read(folderOf(type), "locales", locale, "texts.json"))])),
  };
}

const helpOf = (locale) =>
  types
    .map(
      (type) => `<script type="text/markdown" data-help-name="${type}">\n${read(folderOf(type), "locales", locale, "help.md")}</script>\n`,
    )
    .join("\n");

/** Builds into `out`; a folder that is there is made anew. */
export async function buildPalette(out = join(here, "dist")) {
  rmSync(out, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: [join(here, "palette.ts")],
    outfile: join(out, "hearth.js"),
    bundle: true,
    platform: "node",
    format: "cjs",
    target,
    // Names stay, so that a stack in a report can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    // Node-RED calls what the module is.
    footer: { js: "module.exports = module.exports.palette;" },
    legalComments: "none",
    metafile: true,
    absWorkingDir: here,
  });
  writeFileSync(join(out, "NOTICES.txt"), noticesOf(Object.keys(metafile.inputs).map((file) => resolve(here, file))));
  // Every node but the gateway itself has a name and a gateway.
  const dialogs = types.map(
    (type, i) =>
      `<script type="text/html" data-template-name="${type}">\n${i === 0 ? "" : read("common", "dialog.html")}${read(folderOf(type), "dialog.html")}</script>\n`,
  );
  const code = await editorCode();
  writeFileSync(join(out, "hearth.html"), `${dialogs.join("\n")}\n<script type="text/javascript">\n${code}</script>\n`);
  for (const locale of locales) {
    const folder = join(out, "locales", locale);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "hearth.json"), `${JSON.stringify(textsOf(locale))}\n`);
    writeFileSync(join(folder, "hearth.html"), helpOf(locale));
  }
  // Node-RED finds a dialog beside a file that ends in .js, and the sources around it are modules.
  writeFileSync(join(out, "package.json"), '{ "type": "commonjs" }\n');
  mkdirSync(join(out, "icons"));
  for (const icon of readdirSync(join(here, "icons"))) cpSync(join(here, "icons", icon), join(out, "icons", icon));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await buildPalette();
  process.stdout.write(`${types.length} nodes in ${fileURLToPath(new URL("dist", import.meta.url))}\n`);
}
