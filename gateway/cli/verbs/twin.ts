import { jsonOption, number, type Verb } from "./verb.ts";

export const twin: Verb = {
  name: "twin",
  define(command) {
    command.description("the twin service alone").action(async () => (await import("../twin.ts")).twin());
    command
      .command("claim")
      .description("at the twin: a file with which one gateway may enrol, once")
      .argument("<gateway>", "its id here; a gateway that is known gets a new key with it")
      .option("--hours <hours>", "for how long the claim is good", number, 48)
      .option("--out <file>", "GATEWAY.claim in this folder unless told")
      .option(...jsonOption)
      .action(async (gateway, options) => (await import("../twin-claim.ts")).claimGateway(gateway, options));
    command
      .command("join")
      .description("at home, while its gateway is stopped: enrol at a distant twin with its claim")
      .argument("<claim>", "the file, - for standard input")
      .option(...jsonOption)
      .action(async (claim, options) => (await import("../twin-join.ts")).joinTwin(claim, options));
    command
      .command("gateways")
      .description("at the twin: who is enrolled, since when, and what was done about it")
      .option(...jsonOption)
      .action(async (options) => (await import("../twin-gateways.ts")).listGateways(options));
    command
      .command("revoke")
      .description("a gateway is let in no more, also by a twin that runs; what it has sent stays")
      .argument("<gateway>", "its id, gateway.id of its hearth.yaml")
      .option(...jsonOption)
      .action(async (gateway, options) => (await import("../twin.ts")).revokeGateway(gateway, options));
  },
};
