import { jsonOption, type Verb } from "./verb.ts";

export const revoke: Verb = {
  name: "revoke",
  define: (command) =>
    void command
      .description("end a device's account, a token or a signed-in browser at once")
      .argument("<id>", "a device of 'hearth devices', or an id of 'hearth token list'")
      .option("--kind <kind>", "device, token or session, where a name is of several")
      .option(...jsonOption)
      .action(async (id, options) => (await import("../access.ts")).revoke(id, options)),
};
