import { jsonOption, type Verb } from "./verb.ts";

export const alerts: Verb = {
  name: "alerts",
  define: (command) =>
    void command
      .description("open alerts, newest first")
      .option(...jsonOption)
      .action(async (options) => (await import("../ask.ts")).ask("alerts", options)),
};
