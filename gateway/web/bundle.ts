/** Makes the page's three files in memory with esbuild; nothing is fetched and nothing is written. */

import { fileURLToPath } from "node:url";

export interface PageFile {
  readonly type: string;
  readonly body: string;
}

/** The file at a path of the page, or undefined; the first call waits for the bundle. */
export type PageFiles = (path: string) => Promise<PageFile | undefined>;

const shell = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Hearth</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/app.css">
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript. Hearth is not a medical device and does not replace emergency services.</noscript>
<script type="module" src="/app.js"></script>
</body>
</html>
`;

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#c2571f" d="M16 2c2 6 9 9 9 17a9 9 0 0 1-18 0c0-4 2-6 4-8 0 3 1 4 3 5 0-6 0-9 2-14z"/></svg>`;

/** Begins bundling at once, so that the page is there when somebody asks. A bundle that failed is tried again at the next request. */
export function createPages(): PageFiles {
  let bundled: Promise<{ js: string; css: string }> | undefined = bundle();
  bundled.catch(() => {
    bundled = undefined;
  });
  return async (path) => {
    if (path === "/" || path === "/index.html") return { type: "text/html; charset=utf-8", body: shell };
    if (path === "/icon.svg" || path === "/favicon.ico") return { type: "image/svg+xml", body: icon };
    if (path !== "/app.js" && path !== "/app.css") return undefined;
    bundled ??= bundle();
    const { js, css } = await bundled;
    return path === "/app.js" ? { type: "text/javascript; charset=utf-8", body: js } : { type: "text/css; charset=utf-8", body: css };
  };
}

async function bundle(): Promise<{ js: string; css: string }> {
  // In dist/ the compiler has turned app.tsx into app.js.
  const entry = import.meta.url.endsWith(".ts") ? "./app.tsx" : "./app.js";
  const { build, stop } = await import("esbuild");
  const result = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url)), fileURLToPath(new URL("./style.css", import.meta.url))],
    entryNames: "[name]",
    outdir: "/",
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    logLevel: "silent",
  });
  // esbuild's helper process would stay for the gateway's whole life.
  await stop();
  const textOf = (ending: string) => result.outputFiles.find((file) => file.path.endsWith(ending))?.text ?? "";
  return { js: textOf("app.js"), css: textOf("style.css") };
}
