import { jsonOption, number, type Verb } from "./verb.ts";

export const record: Verb = {
  name: "record",
  define: (command) =>
    void command
      .description("one person's journal as a file of its own, not encrypted, which `hearth replay` plays on any machine")
      .argument("<file>", "a file that does not exist yet")
      .requiredOption("--person <id>", "whose journal; `unassigned` for devices that nobody wore")
      .option("--last <minutes>", "only the last so many minutes", number)
      .option(...jsonOption)
      .action(async (path, options) => (await import("../record.ts")).record(path, options)),
};
