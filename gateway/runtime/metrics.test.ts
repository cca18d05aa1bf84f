import { describe, expect, test } from "vitest";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";

describe("metrics", () => {
  test("figures and histograms read as Prometheus text", () => {
    const metrics = createMetrics();
    const frames = metrics.gauge("hearth_ingest_frames_total", "Frames received.");
    frames.set(2, { device: 'a"b\\' });
    frames.set(3, { device: 'a"b\\' });
    metrics.gauge("hearth_uplink_connected", "1 while connected.").set(1);
    const seconds = metrics.histogram("hearth_inference_seconds", "Run time.", [0.01, 0.1]);
    seconds.observe(0.05);
    seconds.observe(3);
    expect(metrics.text()).toBe(
      [
        "# HELP hearth_ingest_frames_total Frames received.",
        "# TYPE hearth_ingest_frames_total counter",
        'hearth_ingest_frames_total{device="a\\"b\\\\"} 3',
        "# HELP hearth_uplink_connected 1 while connected.",
        "# TYPE hearth_uplink_connected gauge",
        "hearth_uplink_connected 1",
        "# HELP hearth_inference_seconds Run time.",
        "# TYPE hearth_inference_seconds histogram",
        'hearth_inference_seconds_bucket{le="0.01"} 0',
        'hearth_inference_seconds_bucket{le="0.1"} 1',
        'hearth_inference_seconds_bucket{le="+Inf"} 2',
        "hearth_inference_seconds_sum 3.05",
        "hearth_inference_seconds_count 2",
        "",
      ].join("\n"),
    );
  });

  test("a label that names a person is refused", () => {
    const gauge = createMetrics().gauge("hearth_alert_active", "Open alerts.");
    expect(() => gauge.set(1, { person: "person-a" })).toThrow(expect.objectContaining({ code: "metrics.label" }));
  });

  test("collectors run before each text", () => {
    const metrics = createMetrics();
    const gauge = metrics.gauge("hearth_outbox_bytes", "Waiting bytes.");
    let value = 0;
    metrics.onCollect(() => gauge.set(++value));
    metrics.text();
    expect(metrics.text()).toContain("hearth_outbox_bytes 2");
  });

  test("a name is registered once and follows the house's pattern", () => {
    const metrics = createMetrics();
    metrics.gauge("hearth_dropped_total", "Dropped.");
    expect(() => metrics.gauge("hearth_dropped_total", "Dropped.")).toThrow(expect.objectContaining({ code: "metrics.duplicate" }));
    expect(() => metrics.gauge("dropped", "Dropped.")).toThrow(expect.objectContaining({ code: "metrics.name" }));
  });
});

describe("log", () => {
  test("what stands under the key patient is not written, at any level or depth that we use", () => {
    const lines: string[] = [];
    const log = createLog({ level: "debug", write: (line) => void lines.push(line) });
    log.info({ patient: { hr: 72 }, port: 1 }, "started");
    log.child({ device: "d1" }).debug({ alert: { patient: "72 bpm" } }, "raised");
    expect(lines.join("")).not.toContain("72");
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: "info", port: 1, patient: "[not logged]", msg: "started" });
    expect(JSON.parse(lines[1]!)).toMatchObject({ device: "d1", msg: "raised" });
  });
});
