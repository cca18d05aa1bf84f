/** What `flows/` needs before Node-RED can start there: its packages, fetched at the first use, and the palette made of its sources. */

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { GatewayError } from "../../device-drivers/contract/error.ts";

export interface PaletteFolder {
  readonly folder: string;
  /** Node-RED's program. */
  readonly nodeRed: string;
}

interface Steps {
  /** A line about what is being done. */
  readonly say: (line: string) => void;
  /** Ends what is being done. */
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Lines of npm's that are kept for a message. */
const keptLines = 6;

/**
 * Makes `folder` ready; what is there is left alone. Throws `flows.not_installed` (world) where npm can't fetch the packages, `flows.not_built` (bug),
 * `flows.missing` (operator) where this is no checkout.
 */
export async function readyPalette(folder: string, { say, signal, env }: Steps): Promise<PaletteFolder> {
  if (!existsSync(join(folder, "package.json")))
    throw new GatewayError("flows.missing", "operator", `${folder} is not there: 'hearth flows' runs from a checkout of Hearth.`);
  const wanted = (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { devDependencies: Record<string, string> })
    .devDependencies;
  if (!isInstalled(folder, wanted)) await install(folder, { say, signal, env });
  if (isStale(folder)) await build(folder, signal);
  return { folder, nodeRed: join(folder, "node_modules", "node-red", "red.js") };
}

function isInstalled(folder: string, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, version]) => {
    const file = join(folder, "node_modules", name, "package.json");
    if (!existsSync(file)) return false;
    const installed = (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
    return version === installed || version.endsWith(`@${installed}`);
  });
}

async function install(folder: string, { say, signal, env }: Steps): Promise<void> {
  say("Node-RED is no part of Hearth's own install: fetching it into flows/node_modules (about 170 MB on disk, once) …");
  // npm names itself to what it starts; its own file, so that the same one does it.
  const npm = env.npm_execpath;
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const started = performance.now();
  const { code, last } = npm?.endsWith(".js")
    ? await run(process.execPath, [npm, ...args], folder, signal)
    : await run("npm", args, folder, signal);
  if (signal.aborted) return;
  if (code !== 0)
    throw new GatewayError(
      "flows.not_installed",
      "world",
      `Node-RED could not be fetched: is a package registry reachable from here? Try 'npm ci --prefix flows' where it is. npm said:\n${reasonOf(last)}`,
    );
  say(`… done in ${Math.round((performance.now() - started) / 1000)} s.`);
}

/** npm prints its usage and where its log is besides. */
function reasonOf(printed: string): string {
  const lines = printed.split("\n").filter((line) => /^npm error (?!code |Usage|npm |Options|\[|aliases|Run |A complete)\S/.test(line));
  return lines.length === 0 ? printed : lines.slice(0, keptLines).join("\n");
}

/** Beside its place first, so that another Node-RED that starts now finds the old palette or the new one. */
async function build(folder: string, signal: AbortSignal): Promise<void> {
  const fresh = join(folder, ".cache", `palette-${process.pid}`);
  const program = `import { buildPalette } from ${JSON.stringify(pathToFileURL(join(folder, "build.mjs")).href)}; await buildPalette(process.argv[1]);`;
  try {
    mkdirSync(join(folder, ".cache"), { recursive: true });
    const { code, last } = await run(process.execPath, ["--input-type=module", "--eval", program, fresh], folder, signal);
    if (signal.aborted) return;
    if (code !== 0) throw new GatewayError("flows.not_built", "bug", `The palette could not be made of its sources:\n${last}`);
    rmSync(join(folder, "dist"), { recursive: true, force: true });
    renameSync(fresh, join(folder, "dist"));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** True where a source is newer than what was made of it. */
function isStale(folder: string): boolean {
  const made = join(folder, "dist", "hearth.js");
  if (!existsSync(made)) return true;
  const madeMs = statSync(made).mtimeMs;
  const sources = readdirSync(folder).filter((name) => !["node_modules", "dist", "examples", ".cache"].includes(name));
  return sources.some((name) => newestMs(join(folder, name)) > madeMs);
}

function newestMs(path: string): number {
  const stat = statSync(path);
  return stat.isDirectory() ? Math.max(0, ...readdirSync(path).map((name) => newestMs(join(path, name)))) : stat.mtimeMs;
}

/** Runs to its end; the last lines of what it printed. Throws `flows.not_installed` (world) where there is no such program. */
function run(command: string, args: readonly string[], cwd: string, signal: AbortSignal): Promise<{ code: number | null; last: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    const end = () => child.kill();
    signal.addEventListener("abort", end);
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes) => {
        printed = (printed + String(bytes)).slice(-4000);
      });
    child.once("error", (cause) =>
      reject(new GatewayError("flows.not_installed", "world", `${command} could not be started: ${cause.message}`, { cause })),
    );
    child.once("close", (code) => {
      signal.removeEventListener("abort", end);
      resolve({ code, last: printed.trim() });
    });
  });
}
