import { jsonOption, type Verb } from "./verb.ts";

export const doctor: Verb = {
  name: "doctor",
  define: (command) =>
    void command
      .description("can Hearth run on this machine, and what of the install does it not need")
      .option("--trim", "remove what the install holds for other systems and for compilers", false)
      .option(...jsonOption)
      .action(async (options) => (await import("../doctor.ts")).doctor(options)),
};
