// `npm run test:mutants`: starts the planter with the bundled Node. Plain JavaScript, because npm may start it with an older Node.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const bundled = join(here, "..", "..", "node_modules", ".bin", "node");
const node = existsSync(bundled) ? bundled : process.execPath;
const child = spawn(node, [join(here, "main.ts"), ...process.argv.slice(2)], { stdio: "inherit" });
// A terminal sends Ctrl-C to both; the planter ends its children and says what it has.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
