import { jsonOption, number, type Verb } from "./verb.ts";

const household = () => import("../household.ts");

export const devices: Verb = {
  name: "devices",
  define: (command) => {
    command
      .description("devices, who wears them, when they were last heard; add, probe, rename, remove, password")
      .option(...jsonOption)
      .action(async (options) => (await import("../ask.ts")).ask("devices", options));
    command
      .command("add")
      .description("a device joins this home; over MQTT its account is shown once")
      .argument("<title>", "what people call it")
      .option("--id <id>", "its short name, over MQTT also its user and topic prefix; else made of the title")
      .option("--driver <name>", "hearth-stream unless told")
      .option("--path <path>", "a serial device: its /dev/serial/by-id name")
      .option("--host <host>", "a device over TCP, with --port")
      .option("--port <port>", "", number)
      .option("--person <person>", "who wears it from now on")
      .option("--placement <where>", "where on the body, for example chest")
      .option(...jsonOption)
      .action(async (title, _options, sub) => (await household()).addDevice(title, sub.optsWithGlobals()));
    command
      .command("probe")
      .description("watch what a device sends, and say field by field what is wrong with it")
      .argument("[device]", "which; without one all")
      .option("--seconds <s>", "how long", number, 10)
      .option(...jsonOption)
      .action(async (device, _options, sub) => (await import("../probe.ts")).probe(device, sub.optsWithGlobals()));
    command
      .command("rename")
      .description("another title for a device")
      .arguments("<device> <title>")
      .option(...jsonOption)
      .action(async (device, title, _options, sub) => (await household()).renameDevice(device, title, sub.optsWithGlobals()));
    command
      .command("remove")
      .description("take a device out: its account ends at once, what was recorded with it stays")
      .argument("<device>")
      .option(...jsonOption)
      .action(async (device, _options, sub) => (await household()).removeDevice(device, sub.optsWithGlobals()));
    command
      .command("password")
      .description("a new password for a device, shown once; the old one ends at once")
      .argument("<device>")
      .option(...jsonOption)
      .action(async (device, _options, sub) => (await household()).newPassword(device, sub.optsWithGlobals()));
  },
};
