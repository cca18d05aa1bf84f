import type { Verb } from "./verb.ts";

export const run: Verb = {
  name: "run",
  define: (command) =>
    void command.description("the gateway, from $HEARTH_HOME/hearth.yaml").action(async () => (await import("../start.ts")).run()),
};
