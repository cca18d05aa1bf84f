// `npm run train -- NAME [options]`: starts models/NAME/train/train.py with Debian's own Python. It checks what is missing and says how to get it; it trains nothing itself.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const models = fileURLToPath(new URL("..", import.meta.url));
const python = "/usr/bin/python3";
const packages = { numpy: "python3-numpy", scipy: "python3-scipy", torch: "python3-torch", onnx: "python3-onnx" };

const [name, ...options] = process.argv.slice(2);
const known = readdirSync(models).filter((folder) => existsSync(`${models}/${folder}/train/train.py`));
if (name === undefined || !known.includes(name)) {
  fail(`Usage: npm run train -- NAME [--data DIR] [--seed N] [--minutes M]\nNAME is one of: ${known.join(", ")}`);
}
if (!existsSync(python)) fail(`Training wants ${python} (Debian: apt-get install python3 ${Object.values(packages).join(" ")}).`);
const absent = Object.keys(packages).filter((module) => spawnSync(python, ["-c", `import ${module}`]).status !== 0);
if (absent.length > 0) {
  fail(
    `Training wants the Python modules ${absent.join(", ")} of ${python}: apt-get install ${absent.map((module) => packages[module]).join(" ")}`,
  );
}
const child = spawn(python, [`${models}/${name}/train/train.py`, ...options], {
  stdio: "inherit",
  // A Python wheel of ONNX Runtime reports to its maker as the library does.
  env: { ...process.env, ORT_DISABLE_TELEMETRY: "1", OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", PYTHONDONTWRITEBYTECODE: "1" },
});
child.on("exit", (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});

/** @param {string} message */
function fail(message) {
  console.error(message);
  process.exit(2);
}
