import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPlayhead } from "./playhead.ts";
import { createTraceBuffer, sweepSpans } from "./trace-buffer.ts";
import { createTraces, qualitySpans } from "./traces.ts";

const baseUs = 1_700_000_004_000_000;
const ramp = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

function shown(buffer: ReturnType<typeof createTraceBuffer>, headUs: number, eraseS = 0): (number | null)[] {
  const out: (number | null)[] = [];
  buffer.fill(headUs, eraseS, out);
  return out;
}

describe("a sweep", () => {
  test("shows each sample in its place, and nothing beyond the line", () => {
    const buffer = createTraceBuffer(10, 2);
    buffer.push(baseUs, ramp(0, 10));
    // baseUs is a whole number of windows, so the sweep begins at its left edge.
    expect(shown(buffer, baseUs + 450_000)).toEqual([0, 1, 2, 3, 4, ...new Array(15).fill(null)]);
  });

  test("keeps the last window behind the line, less what is erased before it", () => {
    const buffer = createTraceBuffer(10, 2);
    buffer.push(baseUs, ramp(0, 25));
    expect(shown(buffer, baseUs + 2_400_000, 0.3)).toEqual([20, 21, 22, 23, 24, null, null, null, ...ramp(8, 12)]);
  });

  test("leaves a hole where samples are missing, and names it", () => {
    const buffer = createTraceBuffer(10, 2);
    buffer.push(baseUs, ramp(0, 5));
    buffer.push(baseUs + 1_000_000, ramp(10, 5));
    expect(shown(buffer, baseUs + 1_400_000).slice(0, 15)).toEqual([0, 1, 2, 3, 4, null, null, null, null, null, 10, 11, 12, 13, 14]);
    expect(buffer.gaps(baseUs + 1_400_000, 0.2)).toEqual([{ fromUs: baseUs + 500_000, toUs: baseUs + 1_000_000 }]);
  });

  test("takes null for a sample that has no value", () => {
    const buffer = createTraceBuffer(10, 2);
    buffer.push(baseUs, [1, null, null, null, 5]);
    expect(shown(buffer, baseUs + 400_000).slice(0, 5)).toEqual([1, null, null, null, 5]);
    expect(buffer.gaps(baseUs + 400_000, 0.2)).toHaveLength(1);
  });

  test("fills in what was before without touching what came live", () => {
    const buffer = createTraceBuffer(10, 2);
    buffer.push(baseUs + 500_000, [50, 51, 52]);
    buffer.fillOlder(baseUs, [1, 2, 3, 4, 5, 6, 7, 8]);
    expect(shown(buffer, baseUs + 700_000).slice(0, 8)).toEqual([1, 2, 3, 4, 5, 50, 51, 52]);
  });

  test("is the same however the samples are cut into blocks", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }), (lengths) => {
        const total = lengths.reduce((sum, length) => sum + length, 0);
        const whole = createTraceBuffer(50, 3);
        const cut = createTraceBuffer(50, 3);
        whole.push(baseUs, ramp(0, total));
        let at = 0;
        for (const length of lengths) {
          cut.push(baseUs + at * 20_000, ramp(at, length));
          at += length;
        }
        const headUs = baseUs + (total - 1) * 20_000;
        expect(shown(cut, headUs)).toEqual(shown(whole, headUs));
      }),
    );
  });

  test("a span that crosses the right edge is drawn in two parts", () => {
    expect(sweepSpans({ fromUs: 1e6, toUs: 2e6 }, 3e6, 12)).toEqual([{ fromS: 1, toS: 2 }]);
    expect(sweepSpans({ fromUs: 11e6, toUs: 14e6 }, 15e6, 12)).toEqual([
      { fromS: 11, toS: 12 },
      { fromS: 0, toS: 2 },
    ]);
    expect(sweepSpans({ fromUs: 1e6, toUs: 2e6 }, 30e6, 12)).toEqual([]);
  });
});

describe("the sweep's line", () => {
  test("never runs ahead of the samples that arrive in time, and never back", () => {
    const head = createPlayhead();
    let before = 0;
    for (let ms = 0; ms < 10_000; ms += 50) {
      if (ms % 250 === 0) head.heard("ecg", baseUs + ms * 1000, 250, ms + ((ms / 250) % 3) * 20);
      const at = head.at(ms + 40);
      if (at === undefined) continue;
      expect(at).toBeGreaterThanOrEqual(before);
      expect(at).toBeLessThanOrEqual(baseUs + Math.floor(ms / 250) * 250_000);
      before = at;
    }
    expect(before).toBeGreaterThan(baseUs + 9_000_000);
  });

  test("goes on when nothing comes any more, so that silence is seen", () => {
    const head = createPlayhead();
    head.heard("ecg", baseUs, 250, 0);
    const at = head.at(0) ?? 0;
    expect(((head.at(5000) ?? 0) - at) / 1e6).toBeCloseTo(5, 1);
  });

  test("is not dragged back by what a sensor sends again after a break", () => {
    const head = createPlayhead();
    head.heard("ecg", baseUs, 250, 0);
    const at = head.at(100) ?? 0;
    head.heard("ecg", baseUs - 20_000_000, 250, 110);
    expect(head.at(150)).toBeGreaterThan(at);
  });
});

describe("beats and quality", () => {
  test("a beat that is told again with its final class is one beat", () => {
    const traces = createTraces();
    const beat = { kind: "beat", device: "d", stream: "ecg", timeUs: baseUs };
    traces.event({ ...beat, label: "N" });
    traces.event({ ...beat, timeUs: baseUs + 4000, label: "V" });
    traces.event({ ...beat, timeUs: baseUs + 800_000, label: "N" });
    expect(traces.stream("d", "ecg").beats.map((mark) => mark.label)).toEqual(["V", "N"]);
  });

  test("poor stretches last from the second that one word on quality speaks of to that of the next", () => {
    const traces = createTraces();
    const say = (timeUs: number, level: "good" | "poor", contact: "on" | "off") =>
      traces.quality({ person: "p", device: "d", stream: "ecg", timeUs, level, contact });
    say(1e6, "good", "on");
    say(2e6, "poor", "on");
    say(3e6, "poor", "on");
    say(4e6, "good", "off");
    expect(qualitySpans(traces.stream("d", "ecg").qualities, 6e6)).toEqual([
      { fromUs: 1e6, toUs: 3e6, level: "poor" },
      { fromUs: 3e6, toUs: 6e6, level: "off" },
    ]);
  });
});
