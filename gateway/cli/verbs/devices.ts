import { jsonOption, type Verb } from "./verb.ts";

export const devices: Verb = {
  name: "devices",
  define: (command) =>
    void command
      .description("devices, who wears them, when they were last heard")
      .option(...jsonOption)
      .action(async (options) => (await import("../ask.ts")).ask("devices", options)),
};
