import type { Verb } from "./verb.ts";

export const simulate: Verb = {
  name: "simulate",
  define: (command) =>
    void command
      .description("a virtual wearable plays a real recording into the running home as DEVICE, until Ctrl-C")
      .argument("<device>")
      .option("--add", "make the device where the home has none of that name", false)
      .option("--person <person>", "with --add: who wears it")
      .option("--new-password", "make a new password for it; otherwise HEARTH_DEVICE_PASSWORD has the old one", false)
      .option(
        "--record <name>",
        "mitdb-205 (a strap, with ventricular runs), mitdb-230 (with beats of another shape), bidmc-23 (a finger clip), cmu-02_01 or a BVH file (a body: DEVICE-PLACEMENT for each motion sensor)",
        "mitdb-205",
      )
      .option("--sensors <placements>", "of a body: where sensors are worn, as pelvis,head; else at all six")
      .option("--fault <fault...>", "of a body: KIND[=AMOUNT]@PLACEMENT with drop, drift, magnetic, mount, swap, loss or clock", [])
      .action(async (device, options) => (await import("../simulate.ts")).simulate(device, options)),
};
