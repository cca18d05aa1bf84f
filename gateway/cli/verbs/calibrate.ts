import { jsonOption, type Verb } from "./verb.ts";

export const calibrate: Verb = {
  name: "calibrate",
  define: (command) =>
    void command
      .description("how a person's motion sensors sit: hold a pose for three seconds, and it is known")
      .argument("<person>")
      .option("--pose <pose>", "arms-out, or arms-down for whoever can't raise them", "arms-out")
      .option("--without <places>", "placements to leave out, separated by commas")
      .option("--undo", "take the newest calibration back", false)
      .option("--show", "only show which sensors are calibrated", false)
      .option("--by <name>", "who does it, where the token names nobody")
      .option(...jsonOption)
      .action(async (person, options) => (await import("../calibrate.ts")).calibrate(person, options)),
};
