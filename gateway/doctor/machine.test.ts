import { expect, test } from "vitest";
import { checkMachine, type MachineFacts, readMachine } from "./machine.ts";

const facts: MachineFacts = {
  platform: "linux",
  arch: "arm64",
  glibc: "2.36",
  node: { version: "v24.21.0", path: "/node" },
  processor: "Cortex-A72",
  cores: 4,
  features: ["fp", "asimd", "crc32"],
  freeMemoryBytes: 2e9,
  serialPorts: [{ path: "/dev/ttyUSB0", isOpenToUs: true }],
};
const notOk = (changed: Partial<MachineFacts>) => checkMachine({ ...facts, ...changed }).filter(({ state }) => state !== "ok");

test("a machine that has all is told as it is", () => {
  expect(notOk({})).toEqual([]);
  const said = checkMachine(facts)
    .map(({ says }) => says)
    .join("\n");
  expect(said).toBe("linux arm64, glibc 2.36\nv24.21.0, /node\nCortex-A72, 4 cores, asimd\n2.0 GB are free\n/dev/ttyUSB0");
});

test.each<[string, Partial<MachineFacts>, string, RegExp]>([
  ["little memory", { freeMemoryBytes: 150e6 }, "memory", /150\.0 MB are free/],
  ["an unreadable /proc/cpuinfo", { features: undefined }, "processor", /ONNX Runtime looks there/],
  ["a port of another group", { serialPorts: [{ path: "/dev/ttyACM3", isOpenToUs: false }] }, "usb", /ttyACM3.*dialout/],
])("%s is a warning with its way out", (_, changed, name, sentence) => {
  expect(notOk(changed)).toEqual([{ name, state: "warning", says: expect.stringMatching(sentence) }]);
});

test("the facts of this machine can be read", () => {
  const { cores, features, freeMemoryBytes, node } = readMachine();
  expect(cores).toBeGreaterThan(0);
  expect(freeMemoryBytes).toBeGreaterThan(0);
  expect(node.version).toMatch(/^v\d+/);
  if (process.platform === "linux") expect(features?.length).toBeGreaterThan(0);
});
