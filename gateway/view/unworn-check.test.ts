import { expect, test } from "vitest";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import type { Refusal } from "../../device-drivers/contract/refusal.ts";
import { hearthStream } from "../../device-drivers/hearth-stream/driver.ts";
import { createUnwornCheck } from "./unworn-check.ts";

function open(kept: object = {}) {
  const seeing = new Map<string, (chunk: Chunk) => void>();
  const told: [string, readonly Refusal[]][] = [];
  const check = createUnwornCheck({
    driverOf: (device) => (device === "strap" ? { driver: hearthStream, options: {} } : undefined),
    store: { getValue: async () => new TextEncoder().encode(JSON.stringify(kept)) },
    receiver: {
      watch(device, see) {
        seeing.set(device, see);
        return () => void seeing.delete(device);
      },
    },
    refused: async (device, refusals) => void told.push([device, refusals]),
  });
  const send = (channel: string, value: unknown) => {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    const stamps = { timeUs: 1e6, monotonicUs: 1e6, wallUs: 1e6, wallQuality: "fake" } as const;
    seeing.get("strap")?.({ link: "mqtt", device: "strap", channel, bytes, stamps });
  };
  return { check, seeing, told, send };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("what an unworn device sends wrong is told with its field; what is right is not", async () => {
  const { check, told, send } = open();
  check.begin("strap");
  await turn();
  send("ecg/raw", { rateHz: 250, unit: "mV", x: [1, 2, 3] });
  expect(told).toEqual([]);
  send("ecg/raw", { rateHz: "fast", unit: "mV", x: [1] });
  expect(told).toMatchObject([["strap", [{ code: expect.stringMatching(/^driver\./), stream: "ecg", isTaken: true }]]]);
});

test("it is read once however often it is looked at, and no more once somebody wears it, in whatever order that comes", async () => {
  const { check, seeing } = open();
  check.begin("strap");
  check.begin("strap");
  check.begin("stranger");
  await turn();
  expect([...seeing.keys()]).toEqual(["strap"]);
  check.end("strap");
  expect(seeing.size).toBe(0);
  check.begin("strap");
  check.end("strap");
  await turn();
  expect(seeing.size).toBe(0);
});
