import { collect, jsonOption, number, type Verb } from "./verb.ts";

export const evaluation: Verb = {
  name: "eval",
  define: (command) =>
    void command
      .description("score the production pipeline on recordings")
      .argument("[task]", "which; without one they are listed")
      .option(
        "--data <dir>",
        "folder of annotated records, in sets (ecg/mitdb/100.hea …) or as you have them; may be given several times",
        collect,
        [],
      )
      .option("--records <list>", "only these, by name, separated by commas")
      .option("--model <dir>", "a model package instead of the committed one")
      .option("--noise <kind>", "add this noise of nstdb (em, ma, bw)")
      .option("--snr <db>", "at this signal-to-noise ratio", number)
      .option("--exercise <times>", "hearts beat up to so many times as fast, in turns (generated; QT by Fridericia)", number)
      .option("--mode <mode>", "of what goes to the twin, in tasks about it: event, semantic, or lossless (raw)", "semantic")
      .option("--signal <kind>", "whose waveform task codec is about: ecg, ppg or imu", "ecg")
      .option("--protocol <name>", "another way to score it: intra (of anomaly, within patients)")
      .option("--class-map <map>", "aami, or bxb to compare with that program", "aami")
      .option(...jsonOption)
      .action(async (task, options) => (await import("../eval.ts")).evaluate(task, options)),
};
