import type { Verb } from "./verb.ts";

export const start: Verb = {
  name: "start",
  isDefault: true,
  define: (command) =>
    void command
      .description("the gateway if this home has a hearth.yaml, else the demo")
      .option("--lan", "show the page to a phone on the home network", false)
      .allowExcessArguments()
      .action(async ({ lan }, { args: [verb] }) => {
        // Commander gives a word that it does not know to the default verb.
        if (verb !== undefined) command.parent?.error(`error: there is no verb '${verb}'`, { code: "commander.unknownCommand" });
        await (await import("../start.ts")).start({ lan });
      }),
};
