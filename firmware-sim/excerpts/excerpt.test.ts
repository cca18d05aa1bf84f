import { describe, expect, test } from "vitest";
import { readAnnotations } from "../../gateway/recordings/wfdb.ts";
import { createQrsDetector } from "../../models/signal/qrs.ts";
import { type Excerpt, excerptPath, loadExcerpt } from "./excerpt.ts";
import { recordingSource } from "./recording-source.ts";

function detectBeats(excerpt: Excerpt, lead: string, loops: number): number[] {
  const source = recordingSource(excerpt, { stream: "ecg", placement: "chest", channels: [{ lead, id: "ecg", kind: "ecg" }] });
  const length = excerpt.channels[0]?.samples.length ?? 0;
  const [counts] = source.read(0, loops * length).channels;
  const { scale = 1, offset = 0 } = source.channels[0] ?? {};
  const detector = createQrsDetector({ rateHz: excerpt.rateHz });
  const mv = Float32Array.from(counts ?? [], (count) => count * scale + offset);
  return [...detector.push(mv), ...detector.end()].map(({ index }) => index);
}

describe("the committed excerpts", () => {
  test("MIT-BIH 205 has eight ventricular beats in a row about 17 s after its start, and nine behind a fusion beat soon after", async () => {
    const { annotations } = await readAnnotations(excerptPath("mitdb-205"), "atr");
    const beats = annotations.filter(({ symbol }) => symbol !== "+");
    const labels = beats.map(({ symbol }) => symbol).join("");
    expect(labels).toContain("VVVVVVVVNNFVVVVVVVVVN");
    const first = beats[labels.indexOf("VVVVVVVV")]?.sample ?? 0;
    expect(first / 360).toBeGreaterThan(15);
    expect(first / 360).toBeLessThan(20);
    expect(labels.slice(0, labels.indexOf("V"))).toMatch(/^N{20,}$/);
  });

  test("MIT-BIH 230 has a minute of usual beats, nine seconds of pre-excited ones, and usual ones again, and no beat of another class", async () => {
    const { annotations } = await readAnnotations(excerptPath("mitdb-230"), "atr");
    const rhythms = annotations.filter(({ symbol }) => symbol === "+").map(({ sample, aux }) => [Math.round(sample / 360), aux]);
    expect(rhythms).toEqual([
      [64, "(PREX"],
      [74, "(N"],
    ]);
    expect(annotations.every(({ symbol }) => symbol === "+" || symbol === "N")).toBe(true);
  });

  test("each says where it is from and under which licence", async () => {
    for (const name of ["mitdb-205", "mitdb-230", "bidmc-23"] as const) {
      const excerpt = await loadExcerpt(name);
      expect(excerpt.notice).toContain("ODC-By 1.0");
      expect(excerpt.notice).toMatch(/Record .*samples \d+ to \d+/);
      expect(excerpt.origin.length).toBeGreaterThan(20);
    }
  });

  test("MIT-BIH 205 played round and round has its beats where they are annotated, at the seam as well", async () => {
    const excerpt = await loadExcerpt("mitdb-205");
    const length = excerpt.channels[0]?.samples.length ?? 0;
    const { annotations } = await readAnnotations(excerptPath("mitdb-205"), "atr");
    const reference = [0, 1, 2].flatMap((loop) =>
      annotations.filter(({ symbol }) => symbol !== "+").map(({ sample }) => sample + loop * length),
    );
    const found = detectBeats(excerpt, "MLII", 3);
    const missed = reference.filter((sample) => !found.some((index) => Math.abs(index - sample) <= 54));
    const extra = found.filter((index) => !reference.some((sample) => Math.abs(index - sample) <= 54));
    expect(missed.length).toBeLessThanOrEqual(3);
    expect(extra).toEqual([]);
  });

  test("BIDMC 23 played round and round is a steady rhythm without a pause or an extra beat", async () => {
    const excerpt = await loadExcerpt("bidmc-23");
    const beats = detectBeats(excerpt, "II", 3).slice(2);
    const rr = beats.slice(1).map((index, i) => (index - (beats[i] ?? 0)) / excerpt.rateHz);
    expect(Math.min(...rr)).toBeGreaterThan(0.8);
    expect(Math.max(...rr)).toBeLessThan(1.15);
  });
});
