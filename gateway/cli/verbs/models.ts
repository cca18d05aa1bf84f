import { jsonOption, type Verb } from "./verb.ts";

export const models: Verb = {
  name: "models",
  define: (command) =>
    void command
      .description("models that run here")
      .option(...jsonOption)
      .action(async (options) => (await import("../ask.ts")).ask("models", options)),
};
