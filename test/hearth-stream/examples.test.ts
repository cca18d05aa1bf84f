import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { until } from "../crash/home-inside.ts";
import { device, openOwnHome } from "./own-home.ts";

const examples = new URL("../../device-drivers/hearth-stream/examples/", import.meta.url);
const shim = fileURLToPath(new URL("./arduino/", import.meta.url));
const read = (name: string) => readFileSync(new URL(name, examples), "utf8");
const works = (command: string, ...given: string[]) => spawnSync(command, given).error === undefined;

/** Debian's own Python may have the library where the first one on the path has not. */
const python = ["python3", "/usr/bin/python3"].find((each) => spawnSync(each, ["-c", "import paho.mqtt.client"]).status === 0);
const missing = {
  mosquitto: works("mosquitto_pub", "--help") ? undefined : "mosquitto_pub is not on this machine (Debian: mosquitto-clients)",
  python: python === undefined ? "no Python with paho-mqtt is on this machine (Debian: python3-paho-mqtt)" : undefined,
  anyPython: works("python3", "--version") ? undefined : "python3 is not on this machine",
  compiler: works("g++", "--version") ? undefined : "g++ is not on this machine",
};

let home: Awaited<ReturnType<typeof openOwnHome>>;
let folder: string;
const running: ReturnType<typeof spawn>[] = [];
let printed = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-example-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  printed = "";
  home = await openOwnHome();
});
afterEach(async () => {
  for (const child of running.splice(0)) child.kill();
  await home.close();
});

/** As somebody types it: what the page leaves open is put in, nothing else is changed. */
const filled = (text: string, values: Readonly<Record<string, string>>) => {
  let whole = text;
  for (const [blank, value] of Object.entries(values)) {
    expect(whole, `the example has ${blank}`).toContain(blank);
    whole = whole.replace(blank, value);
  }
  return whole;
};
const start = (command: string, given: readonly string[], env = {}) => {
  const child = spawn(command, given, { env: { ...process.env, ...env } });
  for (const pipe of [child.stdout, child.stderr]) pipe?.on("data", (bytes) => (printed += bytes));
  running.push(child);
};
const isRead = () => home.gateway.view.streams().some(({ stream, uses }) => stream === "ecg" && uses.some(({ use }) => use === "beats"));
const pulse = () => home.gateway.view.people()[0]?.heartRateBpm;
const pulseComes = async () => {
  await until(() => home.trace("ecg").length > 0, "the page shows a first trace", 30_000).catch((thrown) => {
    throw new Error(`${thrown}\n${printed}`);
  });
  await until(() => pulse() !== undefined, "its beats are found", 60_000);
  expect(pulse()).toBeGreaterThan(55);
  expect(pulse()).toBeLessThan(65);
  expect(isRead()).toBe(true);
};
const highest = () => Math.max(...home.trace("ecg").flatMap(({ values }) => values.map((value) => value ?? 0)));

test.skipIf(missing.mosquitto)(`the page's mosquitto_pub line shows a trace whose beats are counted${why(missing.mosquitto)}`, async () => {
  const line = filled(read("first-trace.sh"), { "-p 1883": `-p ${home.gateway.mqttPort}` });
  start("sh", ["-c", `exec ${line}`], { PASSWORD: home.password });
  await pulseComes();
  expect(highest()).toBeCloseTo(1.09, 1);
});

test.skipIf(missing.python)(`the page's Python publisher shows a trace whose beats are counted${why(missing.python)}`, async () => {
  const script = fileURLToPath(new URL("publisher.py", examples));
  start(python ?? "", [script, "127.0.0.1", String(home.gateway.mqttPort), device, home.password]);
  await pulseComes();
  expect(highest()).toBeCloseTo(1.08, 1);
  expect(home.gateway.view.devices()[0]?.state).toBe("online");
  expect(home.gateway.view.devices()[0]?.findings).toEqual([]);
  expect(read("publisher.py").trimEnd().split("\n").length).toBeLessThanOrEqual(30);
});

test.skipIf(missing.anyPython)(
  `the page's MicroPython sketch, run by Python, shows a trace whose beats are counted${why(missing.anyPython)}`,
  async () => {
    const sketch = filled(read("strap.py"), {
      'HOST, PORT = "hearth.local", 8883': `HOST, PORT = "127.0.0.1", ${home.gateway.mqttPort}`,
      '"as Hearth printed it"': JSON.stringify(home.password),
    });
    const source = join(folder, "strap.py");
    writeFileSync(source, sketch);
    start("python3", [fileURLToPath(new URL("./micropython/host_main.py", import.meta.url)), source]);
    await pulseComes();
    expect(highest()).toBeCloseTo(1.1, 1);
    expect(home.gateway.view.streams().find(({ stream }) => stream === "ecg")?.gapSecondsTotal).toBeLessThan(1);
    expect(home.gateway.view.devices()[0]?.state).toBe("online");
    expect(home.gateway.view.devices()[0]?.findings).toEqual([]);
  },
);

test.skipIf(missing.compiler)(
  `the page's sketch, compiled for this machine, shows a trace whose beats are counted${why(missing.compiler)}`,
  async () => {
    const sketch = filled(read("strap.ino"), {
      '"hearth.local"': '"127.0.0.1"',
      "PORT = 8883": `PORT = ${home.gateway.mqttPort}`,
      '"as Hearth printed it"': JSON.stringify(home.password),
    });
    const [source, program] = [join(folder, "strap.ino"), join(folder, "strap")];
    writeFileSync(source, sketch);
    execFileSync("g++", [
      "-std=c++17",
      "-Wall",
      "-Wextra",
      "-Werror",
      "-I",
      shim,
      `-DSKETCH="${source}"`,
      join(shim, "host-main.cpp"),
      "-o",
      program,
    ]);
    // Ten seconds in, micros() begins anew.
    start(program, [], { CHIP_MICROS_START: String(2 ** 32 - 10_000_000) });
    await pulseComes();
    expect(highest()).toBeCloseTo(1.1, 1);
    await until(() => home.trace("ecg").length > 24, "it goes on when micros() has begun anew", 30_000);
    expect(home.gateway.view.streams().find(({ stream }) => stream === "ecg")?.gapSecondsTotal).toBeLessThan(1);
    expect(home.gateway.view.devices()[0]?.findings).toEqual([]);
  },
);

function why(reason: string | undefined): string {
  return reason === undefined ? "" : ` – skipped: ${reason}`;
}
