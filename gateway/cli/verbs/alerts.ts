import { jsonOption, type Verb } from "./verb.ts";

export const alerts: Verb = {
  name: "alerts",
  define(command) {
    command
      .description("open alerts, newest first; verify: is the record of who did what whole")
      .option(...jsonOption)
      .action(async (options) => (await import("../ask.ts")).ask("alerts", options));
    command
      .command("verify")
      .description("walk the chain of the audit: nothing in it was changed, taken out or cut off")
      .option(...jsonOption)
      .action(async (_options, sub) => (await import("../verify.ts")).verify(sub.optsWithGlobals()));
  },
};
