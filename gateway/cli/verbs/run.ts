import type { Verb } from "./verb.ts";

export const run: Verb = {
  name: "run",
  define: (command) =>
    void command
      .description("the gateway, from $HEARTH_HOME/hearth.yaml")
      .option("--lan", "show the page to the home network too", false)
      .action(async (options) => (await import("../start.ts")).run(options)),
};
