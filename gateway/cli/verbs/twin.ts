import type { Verb } from "./verb.ts";

export const twin: Verb = {
  name: "twin",
  define(command) {
    command.description("the twin service alone").action(async () => (await import("../twin.ts")).twin());
    command
      .command("revoke")
      .description("a gateway is let in no more, also by a twin that runs; what it has sent stays")
      .argument("<gateway>", "its id, gateway.id of its hearth.yaml")
      .action(async (gateway) => (await import("../twin.ts")).revokeGateway(gateway));
  },
};
