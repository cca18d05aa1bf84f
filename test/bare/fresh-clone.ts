/** A clean clone of this checkout's last commit, and what its installs need to know of the machine. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Why a test that installs from the registry does not run here; undefined where it runs. */
export function reasonAgainstInstalls(): string | undefined {
  if (process.env.HEARTH_TEST_INSTALLS !== "1") return "it installs from the registry: HEARTH_TEST_INSTALLS=1 asks for it, as .ci/run does";
  return existsSync(join(root, ".git")) ? undefined : "this is no git checkout that could be cloned";
}

/** Clones the last commit; what is not committed is not in it. */
export function cloneInto(folder: string): void {
  execFileSync("git", ["clone", "--quiet", root, folder]);
}

/** What git says of changed and new files; "" in a clean clone. */
export function changesIn(folder: string): string {
  return execFileSync("git", ["status", "--porcelain"], { cwd: folder, encoding: "utf8" });
}

/** The machine's own program of this name, not one that npm put before it in the PATH. */
export function machinesOwn(name: string): string {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  const file = folders.map((folder) => join(folder, name)).find((candidate) => existsSync(candidate));
  if (file === undefined) throw new Error(`${name} is not in the PATH`);
  return file;
}

/** Which registry, cache, proxy and certificates this machine uses, as environment: all that a bare one is told. */
export function registryEnvironment(): NodeJS.ProcessEnv {
  const setting = (name: string) => execFileSync(machinesOwn("npm"), ["config", "get", name], { cwd: "/", encoding: "utf8" }).trim();
  const network = Object.entries(process.env).filter(([name]) => /^(https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS)$/i.test(name));
  return { ...Object.fromEntries(network), npm_config_registry: setting("registry"), npm_config_cache: setting("cache") };
}
