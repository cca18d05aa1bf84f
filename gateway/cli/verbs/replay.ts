import { jsonOption, number, type Verb } from "./verb.ts";

export const replay: Verb = {
  name: "replay",
  define: (command) =>
    void command
      .description("a recording through the production pipeline on a virtual clock")
      .argument(
        "<paths...>",
        "WFDB records and motion recordings (BVH) or folders of them, journal folders, captures, or with --driver files of a device's bytes",
      )
      .requiredOption("--out <dir>", "folder for the results")
      .option("--person <id>", "whose recording it is; else as the journal says, or person-a")
      .option("--driver <name>", "the PATHs are bytes as they came from this device")
      .option("--lead <name>", "the ECG channel that is analysed, by its name in the record; else lead II, or the first")
      .option("--sensors <placements>", "of a motion recording: where sensors are worn, as pelvis,head; else at all six")
      .option("--from <s>", "begin at this second", number)
      .option("--to <s>", "end at this second", number)
      .option("--semantic <mode>", "what goes to the twin: event, semantic (the waveform with a stated error) or raw", "semantic")
      .option("--contact <kind>", "given, or unmeasured as a strap without contact sensing", "given")
      .option(...jsonOption)
      .action(async (paths, options) => (await import("../replay.ts")).replay(paths, options)),
};
