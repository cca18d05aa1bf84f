/** argv → verb. The only place that ends the process. */

import { Command } from "commander";
import { toGatewayError } from "../device-drivers/contract/error.ts";
import { addVerbs } from "./cli/verbs.ts";

// What a home writes is its owner's alone, whatever the shell says.
process.umask(0o077);
const program = new Command("hearth")
  .description("A health gateway that stays at home. Not a medical device.")
  .exitOverride()
  .showHelpAfterError();
addVerbs(program);

try {
  await program.parseAsync(process.argv);
  process.exit(process.exitCode ?? 0);
} catch (thrown) {
  const code = (thrown as { code?: unknown }).code;
  if (typeof code === "string" && code.startsWith("commander.")) process.exit(isHelp(code) ? 0 : 2);
  const error = toGatewayError(thrown);
  process.stderr.write(error.kind === "bug" ? `${error.stack ?? error.message}\n` : `${error.message}\n`);
  process.exit(error.code.startsWith("use.") ? 2 : 1);
}

function isHelp(code: string): boolean {
  return code === "commander.helpDisplayed" || code === "commander.help" || code === "commander.version";
}
