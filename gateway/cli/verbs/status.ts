import { jsonOption, type Verb } from "./verb.ts";

export const status: Verb = {
  name: "status",
  define: (command) =>
    void command
      .description("what the running gateway sees")
      .option(...jsonOption)
      .action(async (options) => (await import("../ask.ts")).ask("status", options)),
};
