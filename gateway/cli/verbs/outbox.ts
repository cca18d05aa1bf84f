import { jsonOption, type Verb } from "./verb.ts";

export const outbox: Verb = {
  name: "outbox",
  define: (command) =>
    void command
      .description("what waits for the twin")
      .option(...jsonOption)
      .action(async (options) => (await import("../ask.ts")).ask("outbox", options)),
};
