import { collect, jsonOption, type Verb } from "./verb.ts";

export const consent: Verb = {
  name: "consent",
  define: (command) =>
    void command
      .description(
        "what of a person leaves the house for the twin: of everybody, of one; with a change it holds at once, for rows that wait too",
      )
      .argument("[person]")
      .option("--alerts <on|off>", "alerts go to the twin; people at home are told in any case")
      .option("--strips <on|off>", "every sample from 15 s before to 15 s after a high or medium alert")
      .option(
        "--stream <name=mode>",
        "none, event, semantic or raw; the name * is every other stream; may be given several times",
        collect,
        [],
      )
      .option("--by <name>", "who says so, where the token names nobody")
      .option(...jsonOption)
      .action(async (person, options) => (await import("../consent.ts")).consent(person, options)),
};
