import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { createGatewayMetrics, type GaugeSources } from "./gateway-metrics.ts";
import type { StreamView } from "./view-port.ts";

const stream: StreamView = {
  ...{ device: "strap", stream: "ecg", person: "person-a", rateHz: 306, channels: [], quality: "good", contact: "on" },
  ...{ samplesTotal: 10, gapSecondsTotal: 0, noValueTotal: { absent: 0, implausible: 0 }, uses: [] },
  timing: {
    ...{
      device: "strap",
      stream: "ecg",
      nominalHz: 360,
      usedHz: 306,
      measuredHz: 306.2,
      lagS: 0.4,
      isUncertain: true,
      clockFaults: 2,
      indexFaults: 1,
    },
    dropped: { late: 90, history: 540 },
  },
};

const sources = {
  journal: { figures: () => ({ recordsTotal: 0, writtenBytesTotal: 0 }) },
  store: { figures: () => ({ writtenBytesTotal: 0 }) },
  host: { figures: () => ({ submitted: 0, restarts: 0, unknown: {} }), models: () => [] },
  broker: { clients: () => [], counters: { refusals: {}, takeoversTotal: 4 } },
  streams: () => [stream],
  openAlerts: () => [],
  nowUs: () => 0,
  channels: () => ({}),
  keeping: { stage: () => "kept", freeBytes: () => 0 },
  notKeptCount: () => 0,
  dayBudget: { overBytes: new Map([["strap", 7000]]) },
  analysisFaults: () => ({ "model/ecg-beat": 3 }),
  lostLogLines: () => 0,
  certificateLeftS: () => 86_400,
  devices: () => [],
} as unknown as GaugeSources;

it("a scrape tells each stream's rate against the stated one, its lag, and what was dropped by reason, without a person's name", () => {
  const gatewayMetrics = createGatewayMetrics(sources);
  const text = gatewayMetrics.text();
  gatewayMetrics.close();
  for (const line of [
    'hearth_stream_nominal_hz{device="strap",stream="ecg"} 360',
    'hearth_stream_measured_hz{device="strap",stream="ecg"} 306.2',
    'hearth_stream_lag_seconds{device="strap",stream="ecg"} 0.4',
    'hearth_stream_uncertain{device="strap",stream="ecg"} 1',
    'hearth_stream_corrected_total{device="strap",stream="ecg",what="clock"} 2',
    'hearth_stream_dropped_samples_total{device="strap",stream="ecg",reason="late"} 90',
    'hearth_stream_dropped_samples_total{device="strap",stream="ecg",reason="history"} 540',
    'hearth_analysis_faults_total{part="model/ecg-beat"} 3',
    "hearth_broker_takeovers_total 4",
    'hearth_journal_over_day_bytes_total{device="strap"} 7000',
  ])
    expect(text).toContain(line);
  expect(text).not.toContain("person-a");
});

it("a scrape hides no slow minute from the check that tells it", async () => {
  const gatewayMetrics = createGatewayMetrics(sources);
  await sleep(30);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  await sleep(30);
  expect(gatewayMetrics.text()).toMatch(/hearth_eventloop_lag_seconds (0\.[1-9]|[1-9])/);
  expect(gatewayMetrics.lagP99Ms()).toBeGreaterThan(100);
  gatewayMetrics.close();
});
