import { jsonOption, number, type Verb } from "./verb.ts";

export const bench: Verb = {
  name: "bench",
  define: (command) =>
    void command
      .description("measure this machine: ingest, river, body, latency, storage, outbox, twin, start, soak or soak-offline")
      .argument("<name>")
      .option("--seconds <s>", "length of the measurement", number)
      .option("--semantic", "river, body: everybody lets their waveforms and bodies go to the twin")
      .option("--homes <n>", "twin: the most homes at a time", number)
      .option("--load", "twin: three in ten homes are silent for a minute and come back")
      .option(...jsonOption)
      .action(async (name, options) => (await import("../bench.ts")).bench(name, options)),
};
