/** Makes the three files of the home's page, or of the twin's, in memory with esbuild; nothing is fetched and nothing is written. */

import { fileURLToPath } from "node:url";

export interface PageFile {
  readonly type: string;
  readonly body: string;
}

type PageOf = "home" | "twin";

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

/** The home's page is bundled at once, so that it is there when somebody asks; the twin beside a home may never be asked for its own. */
export function createPages(of: PageOf = "home"): PageFiles {
  let bundled: Promise<{ js: string; css: string }> | undefined;
  /** A bundle that failed is tried again at the next request. */
  const files = () => {
    bundled ??= bundle(of).catch((error: unknown) => {
      bundled = undefined;
      throw error;
    });
    return bundled;
  };
  if (of === "home") files().catch(() => undefined);
  return async (path) => {
    if (path === "/" || path === "/index.html") return { type: "text/html; charset=utf-8", body: shell };
    if (path === "/icon.svg" || path === "/favicon.ico") return { type: "image/svg+xml", body: icon };
    if (path !== "/app.js" && path !== "/app.css") return undefined;
    const { js, css } = await files();
    return path === "/app.js" ? { type: "text/javascript; charset=utf-8", body: js } : { type: "text/css; charset=utf-8", body: css };
  };
}

async function bundle(of: PageOf): Promise<{ js: string; css: string }> {
  // In dist/ the compiler has turned app.tsx into app.js.
  const ending = import.meta.url.endsWith(".ts") ? "tsx" : "js";
  const entry = of === "home" ? `./app.${ending}` : `./twin/app.${ending}`;
  const { build, stop } = await import("esbuild");
  const result = await build({
    entryPoints: [
      { in: fileURLToPath(new URL(entry, import.meta.url)), out: "app" },
      { in: fileURLToPath(new URL("./style.css", import.meta.url)), out: "style" },
    ],
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
