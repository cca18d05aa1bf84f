import type { Verb } from "./verb.ts";

export const cert: Verb = {
  name: "cert",
  define(command) {
    command.description("the certificate by which devices on the home network know this home");
    command
      .command("show", { isDefault: true })
      .description("its file, fingerprint and end")
      .option("--json", "one JSON value on stdout", false)
      .action(async (options) => (await import("../cert.ts")).show(options));
    command
      .command("renew")
      .description("another one for this machine, by the same authority: devices notice nothing, a running gateway takes it at once")
      .option("--json", "one JSON value on stdout", false)
      .action(async (options) => (await import("../cert.ts")).renew(options));
  },
};
