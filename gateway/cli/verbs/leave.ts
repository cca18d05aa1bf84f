import { jsonOption, type Verb } from "./verb.ts";

export const leave: Verb = {
  name: "leave",
  define: (command) =>
    void command
      .description("erase a person from home and twin, with a receipt of what remains elsewhere")
      .argument("<person>", "id or name")
      .option("--yes", "without asking for the name", false)
      .option(...jsonOption)
      .action(async (person, options) => (await import("../leave.ts")).leave(person, options)),
};
