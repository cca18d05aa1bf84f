import { number, type Verb } from "./verb.ts";

export const flows: Verb = {
  name: "flows",
  define: (command) =>
    void command
      .description("Node-RED beside the running gateway, with Hearth's nodes")
      .option("--port <number>", "of the editor; 1880, or a free one where that is busy", number)
      .option("--join", "make the flows a new token, where theirs was revoked", false)
      .action(async (options) => (await import("../flows.ts")).flows(options)),
};
