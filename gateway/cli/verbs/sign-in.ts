import { collect, jsonOption, type Verb } from "./verb.ts";

export const signIn: Verb = {
  name: "sign-in",
  define: (command) =>
    void command
      .description("a one-time code for the page of the running gateway, and its QR code for a phone")
      .option("--role <role>", "patient, caregiver, integrator or admin", "admin")
      .option("--person <id>", "whom it sees; may be given several times", collect, [])
      .option("--everybody", "a patient or caregiver who sees everybody", false)
      .option("--name <name>", "signs acknowledgements; without it each brings its own")
      .option(...jsonOption)
      .action(async (options) => (await import("../access.ts")).signIn(options)),
};
