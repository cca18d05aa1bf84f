/** argv → verb. The only place that ends the process. */

import { Command } from "commander";
import { type GatewayError, toGatewayError } from "../device-drivers/contract/error.ts";
import { verbs } from "./cli/verbs/index.ts";
import { productVersion } from "./runtime/version.ts";

// As the launcher does; it need not be the one that started this.
process.umask(0o077);
const program = new Command("hearth")
  .description("A health gateway that stays at home. Not a medical device.")
  .version(productVersion())
  .exitOverride()
  .showHelpAfterError();
for (const verb of verbs) verb.define(program.command(verb.name, { isDefault: verb.isDefault ?? false }));

try {
  await program.parseAsync(process.argv);
  process.exit(process.exitCode ?? 0);
} catch (thrown) {
  const code = (thrown as { code?: unknown }).code;
  if (typeof code === "string" && code.startsWith("commander.")) process.exit(isHelp(code) ? 0 : 2);
  const error = toGatewayError(thrown);
  process.stderr.write(`${await wordsOf(error)}\n`);
  process.exit(error.code.startsWith("use.") ? 2 : 1);
}

/** A full or broken disk is no bug: whoever reads it needs the way out, not where it was met. */
async function wordsOf(error: GatewayError): Promise<string> {
  const { code = "", path = "" } = (error.cause ?? {}) as NodeJS.ErrnoException;
  const isDisk = /\.(disk_full|io)$/.test(error.code) || ["ENOSPC", "EDQUOT", "EROFS", "EIO"].includes(code);
  if (!isDisk) return error.kind === "bug" ? (error.stack ?? error.message) : error.message;
  const { homeFolder } = await import("./config/load.ts");
  const wayOut = `Free some space on the disk of ${homeFolder()} (some megabytes), or check that it can be written, and start again.`;
  return `The disk does not take what must be written${path === "" ? "" : ` to ${path}`}: ${error.message}. ${wayOut}`;
}

function isHelp(code: string): boolean {
  return code === "commander.helpDisplayed" || code === "commander.help" || code === "commander.version";
}
