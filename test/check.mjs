// `npm run check`: Biome and TypeScript over the whole tree; what is added goes to Biome (`npm run check -- --write`). The checkers are no part of the
// install, so they are fetched at the first call and when their version changed. Plain JavaScript, because npm may start it with an older Node.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..");
const bundled = join(root, "node_modules", ".bin", "node");
const node = existsSync(bundled) ? bundled : process.execPath;

/** True where every tool of test/package.json is installed in the version that it names. */
function hasTools() {
  const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
  return Object.entries(dependencies).every(([name, version]) => {
    const file = join(here, "node_modules", name, "package.json");
    return existsSync(file) && JSON.parse(readFileSync(file, "utf8")).version === version;
  });
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (error) process.stderr.write(`${command}: ${error.message}\n`);
  return status === 0;
}

function fetchTools() {
  process.stderr.write(
    "The checkers are for developers and no part of the install: fetching them into test/node_modules (140 MB, once).\n",
  );
  return run("npm", ["ci", "--prefix", "test", "--ignore-scripts", "--no-audit", "--no-fund"]);
}

if (!hasTools() && !fetchTools()) {
  process.stderr.write("The checkers could not be fetched; try 'npm ci --prefix test'.\n");
  process.exitCode = 1;
} else {
  const tool = (...path) => join(here, "node_modules", ...path);
  const isTidy = run(node, [tool("@biomejs", "biome", "bin", "biome"), "check", "--error-on-warnings", ...process.argv.slice(2)]);
  const hasTypes = run(node, [tool("typescript", "bin", "tsc"), "--noEmit"]);
  process.exitCode = isTidy && hasTypes ? 0 : 1;
}
