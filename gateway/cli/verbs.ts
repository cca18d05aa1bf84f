/** The list of verbs: what each does and takes. A verb's work is loaded only when it is asked for. */

import type { Command } from "commander";

export function addVerbs(program: Command): void {
  program
    .command("start", { isDefault: true })
    .description("the gateway if this home has a hearth.yaml, else the demo")
    .allowExcessArguments()
    .action(async (_options, { args: [verb] }: Command) => {
      // Commander gives a word that it does not know to the default verb.
      if (verb !== undefined) program.error(`error: there is no verb '${verb}'`, { code: "commander.unknownCommand" });
      await (await import("./start.ts")).start();
    });
  program
    .command("run")
    .description("the gateway, from $HEARTH_HOME/hearth.yaml")
    .action(async () => (await import("./start.ts")).run());
  program
    .command("demo")
    .description("gateway, twin and virtual wearables that play real recordings")
    .option("--keep", "go on with the last demo's data, open alerts included", false)
    .option("--lan", "show the page to a phone on the home network", false)
    .action(async (options) => (await import("./start.ts")).demo(options));
  program
    .command("init")
    .description("make a home: secrets, first person, first device, hearth.yaml with comments")
    .option("--person <name>", "name of the first person", "Person A")
    .option("--device <id>", "an MQTT account for one more device of an existing home")
    .option("--integrator <id>", "an MQTT account that reads everything of an existing home")
    .option("--json", "one JSON value on stdout", false)
    .action(async (options) => (await import("./init.ts")).init(options));
  program
    .command("twin")
    .description("the twin service alone")
    .action(async () => (await import("./twin.ts")).twin());
  program
    .command("replay")
    .description("a recording through the production pipeline on a virtual clock")
    .argument("<paths...>", "WFDB records without extension, journal folders, or with --driver files of a device's bytes")
    .requiredOption("--out <dir>", "folder for the results")
    .option("--person <id>", "whose recording it is; else as the journal says, or person-a")
    .option("--driver <name>", "the PATHs are bytes as they came from this device")
    .option("--from <s>", "begin at this second", number)
    .option("--to <s>", "end at this second", number)
    .option("--semantic <mode>", "what goes to the twin; event is the only mode so far", "event")
    .option("--contact <kind>", "given, or unmeasured as a strap without contact sensing", "given")
    .option("--json", "one JSON value on stdout", false)
    .action(async (paths, options) => (await import("./replay.ts")).replay(paths, options));
  program
    .command("eval")
    .description("score the production pipeline on recordings")
    .argument("[task]", "which; without one they are listed")
    .option("--data <dir>", "folder laid out as the data page says; may be given several times", collect, [])
    .option("--records <list>", "only these, by name, separated by commas")
    .option("--model <dir>", "a model package instead of the committed one")
    .option("--noise <kind>", "add this noise of nstdb (em, ma, bw)")
    .option("--snr <db>", "at this signal-to-noise ratio", number)
    .option("--class-map <map>", "aami, or bxb to compare with that program", "aami")
    .option("--json", "one JSON value on stdout", false)
    .action(async (task, options) => (await import("./eval.ts")).evaluate(task, options));
  program
    .command("bench")
    .description("measure this machine: ingest, river, latency, storage, outbox, start, soak or soak-offline")
    .argument("<name>")
    .option("--seconds <s>", "length of the measurement", number)
    .option("--json", "one JSON value on stdout", false)
    .action(async (name, options) => (await import("./bench.ts")).bench(name, options));
  program
    .command("doctor")
    .description("can Hearth run on this machine, and what of the install does it not need")
    .option("--trim", "remove what the install holds for other systems and for compilers", false)
    .option("--json", "one JSON value on stdout", false)
    .action(async (options) => (await import("./doctor.ts")).doctor(options));
  for (const [verb, description] of [
    ["status", "what the running gateway sees"],
    ["devices", "devices, who wears them, when they were last heard"],
    ["alerts", "open alerts, newest first"],
    ["models", "models that run here"],
    ["outbox", "what waits for the twin"],
  ] as const) {
    program
      .command(verb)
      .description(description)
      .option("--json", "one JSON value on stdout", false)
      .action(async (options) => (await import("./ask.ts")).ask(verb, options));
  }
}

function number(text: string): number {
  return Number(text);
}

function collect(text: string, previous: string[]): string[] {
  return [...previous, text];
}
