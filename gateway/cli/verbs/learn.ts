import { jsonOption, type Verb } from "./verb.ts";

export const learn: Verb = {
  name: "learn",
  define: (command) =>
    void command
      .description("what is usual for a person: how far it is learnt, and what people have called normal")
      .argument("<person>")
      .option("--undo <number>", "take back what was called normal under this number")
      .option("--again", "forget what was learnt, and learn it from the next minutes of good signal", false)
      .option("--placement <place>", "with --again: only what was learnt there")
      .option("--by <name>", "who says so, where the token names nobody")
      .option(...jsonOption)
      .action(async (person, options) => (await import("../learn.ts")).learn(person, options)),
};
