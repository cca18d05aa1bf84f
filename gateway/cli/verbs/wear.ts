import { GatewayError } from "../../../device-drivers/contract/error.ts";
import { jsonOption, type Verb } from "./verb.ts";

export const wear: Verb = {
  name: "wear",
  define: (command) =>
    void command
      .description("who wears a device from now on: wear DEVICE PERSON, or wear DEVICE --off")
      .argument("<device>")
      .argument("[person]")
      .option("--off", "nobody wears it from now on", false)
      .option("--placement <where>", "where on the body, for example chest")
      .option("--since <time>", "ISO 8601 or seconds since 1970, where nobody has worn it since then")
      .option(...jsonOption)
      .action(async (device, person, { off, ...options }) => {
        if (off === (person !== undefined))
          throw new GatewayError(
            "use.wear",
            "operator",
            "Say who wears it, hearth wear DEVICE PERSON, or that nobody does, hearth wear DEVICE --off.",
          );
        await (await import("../household.ts")).wear(device, person, options);
      }),
};
