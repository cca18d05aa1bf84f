import type { Verb } from "./verb.ts";

export const demo: Verb = {
  name: "demo",
  define: (command) =>
    void command
      .description("gateway, twin and virtual wearables that play real recordings")
      .option("--keep", "go on with the last demo's data, open alerts included", false)
      .option("--lan", "show the page to a phone on the home network", false)
      .action(async (options) => (await import("../start.ts")).demo(options)),
};
