import { expect, test } from "vitest";
import { probeText } from "./probe.ts";

const device = { id: "strap", title: "Chest strap", person: "person-a", state: "online" };
const nothing = { device: "strap", seconds: 10, messages: 0, topics: [], streams: [], findings: [] };
const stream = {
  ...{ stream: "ecg", rate_hz: 250, measured_hz: 249.93, clock: 1 as const },
  fields: [
    { field: "rateHz", value: "250" },
    { field: "channels[0].scale", fault: "missing" as const },
    { field: "channels[0].offset", value: "0", note: "default" as const },
  ],
  batches: { count: 10, least_samples: 250, most_samples: 250, boots: 1, missing_samples: 0 },
  channels: [{ channel: "ecg", unit: "mV", low: -0.2, high: 1.1 }],
  uses: [{ channel: "ecg", kind: "ecg", use: "beats", text: "read by the rules of heartbeat and rhythm" }],
};
const topic = { topic: "ecg/raw", count: 10, least_bytes: 570, most_bytes: 575, encoding: "CBOR" as const };

test("the report says a line each what came and how it stands", () => {
  const text = probeText(device, { ...nothing, messages: 10, topics: [topic], streams: [stream] });
  expect(text.split("\n")).toEqual([
    "strap (Chest strap): online, worn by person-a",
    "  ecg/raw: 10 messages, 570–575 bytes, CBOR",
    "Stream ecg",
    "  rateHz              250",
    "  channels[0].scale     ✗ is missing",
    "  channels[0].offset  0  (default)",
    "  rate: 250 Hz said, 249.9 Hz measured",
    "  batches: 10 of 250 samples, none missing",
    "  clock: counts from the device's start",
    "  ecg: -0.2 to 1.1 mV",
    "  ecg: read by the rules of heartbeat and rhythm",
    "Nothing is wrong with what came.",
  ]);
});

test("a device from which nothing came is asked for what it needs, and is never called well", () => {
  const text = probeText({ ...device, person: null }, nothing);
  expect(text).toContain("Nothing came in 10 s.");
  expect(text).toContain("nobody wears it: kept, not analysed");
  expect(text).not.toContain("Nothing is wrong");
});

test("each mistake stands with its way out", () => {
  const finding = {
    code: "driver.bad_json",
    stream: "ecg",
    text: "ecg: a batch is no JSON object",
    help: "JSON needs double quotes",
    since: null,
  };
  const text = probeText(device, {
    ...nothing,
    messages: 1,
    topics: [topic],
    streams: [{ ...stream, batches: null }],
    findings: [finding],
  });
  expect(text).toContain("  no samples came");
  expect(text).toContain("Wrong:\n  ✗ ecg: a batch is no JSON object\n    → JSON needs double quotes");
});
