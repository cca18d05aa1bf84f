import { jsonOption, type Verb } from "./verb.ts";

export const init: Verb = {
  name: "init",
  define: (command) =>
    void command
      .description("make a home: secrets, first person, first device, hearth.yaml with comments")
      .option("--person <name>", "name of the first person", "Person A")
      .option("--device <id>", "an MQTT account for one more device of an existing home")
      .option("--integrator <id>", "an MQTT account that reads everything of an existing home")
      .option(...jsonOption)
      .action(async (options) => (await import("../init.ts")).init(options)),
};
