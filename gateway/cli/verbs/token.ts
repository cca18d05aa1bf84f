import type { Command } from "commander";
import { collect, jsonOption, type Verb } from "./verb.ts";

const withPersons = (command: Command) =>
  command
    .option("--person <id>", "whose alerts, streams and devices it opens; may be given several times", collect, [])
    .option("--everybody", "everybody's, those who move in later too", false);

export const token: Verb = {
  name: "token",
  define(command) {
    command.description("tokens of people and programs: add, list, bind; 'hearth revoke' ends one");
    withPersons(command.command("add"))
      .description("make a token, shown only now; a patient's or caregiver's is bound to persons")
      .requiredOption("--role <role>", "patient, caregiver, integrator or admin")
      .option("--name <name>", "signs acknowledgements; without it each request brings its own")
      .option(...jsonOption)
      .action(async (options) => (await import("../access.ts")).addToken(options));
    command
      .command("list")
      .description("tokens and signed-in browsers, never their secrets")
      .option(...jsonOption)
      .action(async (options) => (await import("../access.ts")).listTokens(options));
    withPersons(command.command("bind"))
      .description("bind a token to persons, or to everybody; its sessions end")
      .argument("<id>", "as in the list")
      .option(...jsonOption)
      .action(async (id, options) => (await import("../access.ts")).bindToken(id, options));
  },
};
