#!/usr/bin/env node
// Starts Hearth with a Node that is new enough: this one, or the one that npm installed beside it. It must parse on old Node and import nothing at its top but Node's own modules.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, realpathSync } from "node:fs";
import nodeModule from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const neededMajor = 24;

/** One sentence that says why Hearth cannot run on this system, or "" where it can. */
function refusal(system) {
  const { platform, arch, major, isMusl, hasBundled } = system;
  if (platform !== "linux" && platform !== "darwin") return `Hearth runs on Linux and macOS (x64 and arm64); this is ${platform}.`;
  if (arch !== "x64" && arch !== "arm64") return `Hearth needs a 64-bit system (x64 or arm64); this Node is built for ${arch}.`;
  if (major >= neededMajor) return "";
  if (isMusl) return `Hearth needs Node ${neededMajor} or newer on this system (musl C library), and this is Node ${major}.`;
  if (!hasBundled)
    return `Hearth needs Node ${neededMajor} or newer, and this is Node ${major}: install it, or run 'npm install' without --omit=optional.`;
  return "";
}

/** The node binary that came with the install: in the nearest node_modules above this file, as the platform's own package, hoisted or not. */
function bundledNode(platform, arch) {
  const packageName = `node-${platform}-${arch}`;
  for (let folder = here; ; folder = dirname(folder)) {
    for (const base of [join(folder, "node_modules"), folder.endsWith("node_modules") ? folder : ""]) {
      if (base === "") continue;
      for (const file of [join(base, packageName, "bin", "node"), join(base, ".bin", "node")]) if (existsSync(file)) return file;
    }
    if (dirname(folder) === folder) return "";
  }
}

function currentSystem() {
  const { platform, arch, versions } = process;
  const major = Number(versions.node.split(".")[0]);
  return {
    platform,
    arch,
    major,
    isMusl: major < neededMajor && platform === "linux" && !hasGlibc(),
    hasBundled: bundledNode(platform, arch) !== "",
  };
}

function hasGlibc() {
  if (!process.report) return true;
  process.report.excludeNetwork = true;
  return Boolean(process.report.getReport().header.glibcVersionRuntime);
}

/** Runs this launcher again under the bundled Node and ends as it ends. */
function runAgain(node, args) {
  const memoryFlags = process.execArgv.filter((flag) => /^--max-semi-space-size=/.test(flag));
  const child = spawn(node, [...memoryFlags, fileURLToPath(import.meta.url), ...args], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // A terminal's Ctrl-C goes to the whole group, so the child has it already; a second one would end it the hard way.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (error) => {
    process.stderr.write(`Hearth could not start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code === null ? 128 + (constants.signals[signal] || 1) : code));
}

/** The program: the source in a checkout; the compiled one in a package, where Node refuses to strip types. */
function mainFile() {
  const source = join(here, "..", "main.ts");
  const compiled = [join(here, "..", "main.js"), join(here, "..", "..", "dist", "gateway", "main.js")];
  const isInstalled = here.split(/[\\/]/).indexOf("node_modules") >= 0;
  return (isInstalled ? compiled : [source, ...compiled]).find((file) => existsSync(file));
}

/**
 * Node keeps what it has compiled (types taken off, bytecode) beside the installed packages: the second start takes half the time and 30 MB less.
 * The variable is for workers and children; where the folder can't be written nothing is kept.
 */
function keepCompiled() {
  const modules = join(here, "..", "..", "node_modules");
  if (!existsSync(modules)) return;
  if (process.env.NODE_COMPILE_CACHE === undefined) process.env.NODE_COMPILE_CACHE = privateFolder(join(modules, ".cache", "hearth"));
  if (typeof nodeModule.enableCompileCache === "function") nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE);
}

/** Whoever may write what Node takes for compiled may run as its owner. A folder of an earlier start may stand open. */
function privateFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch {
    // Another user's install: nothing is written there.
  }
  return folder;
}

// What Hearth and its children write is its owner's alone, whatever the shell says; the compile cache is written before the program runs.
process.umask(0o077);
const system = currentSystem();
const bundled = bundledNode(system.platform, system.arch);
const reason = refusal(system);
if (reason !== "") {
  process.stderr.write(`${reason}\n`);
  process.exitCode = 1;
} else if (system.major < neededMajor && realpathSync(process.execPath) === realpathSync(bundled)) {
  // Already the bundled one: starting it again would never end.
  process.stderr.write(
    `Hearth needs Node ${neededMajor} or newer, and the installed one is Node ${system.major}; run 'npm install' again.\n`,
  );
  process.exitCode = 1;
} else if (system.major < neededMajor) {
  runAgain(bundled, process.argv.slice(2));
} else {
  const main = mainFile();
  if (main === undefined) {
    process.stderr.write("Hearth's program is not where its launcher is; install it again.\n");
    process.exitCode = 1;
  } else {
    keepCompiled();
    import(pathToFileURL(main).href).catch((error) => {
      const [, missing] = /Cannot find package '([^']+)'/.exec(String(error)) || [];
      const said = error instanceof Error ? error.stack : error;
      process.stderr.write(missing ? `Hearth's packages are not all installed (${missing} is missing): run 'npm install'.\n` : `${said}\n`);
      process.exit(1);
    });
  }
}
