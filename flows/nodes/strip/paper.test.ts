import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Drawing, Line, Text } from "./drawing.ts";
import { ecgTrace, stripOf } from "./fake-strip.ts";
import { onPaper } from "./paper.ts";
import { toPng } from "./png.ts";
import { toSvg } from "./svg.ts";

const linesOf = ({ shapes }: Drawing) => shapes.filter((shape): shape is Line => shape.kind === "line");
const textsOf = ({ shapes }: Drawing) => shapes.filter((shape): shape is Text => shape.kind === "text");
/** What is drawn in ink: a calibration pulse a row, and the signal. */
const ink = (drawing: Drawing) => linesOf(drawing).filter(({ colour }) => colour === "#161616");
const highest = ({ points }: Line) => points.reduce((best, point) => (point[1] < best[1] ? point : best));
const paper = { title: "", timeZone: "UTC" };

test("ten seconds are a row of 250 mm, a millivolt is 10 mm, and the pulse before each row says so", () => {
  const drawing = onPaper(stripOf([ecgTrace(30)]), paper);
  const [pulse, signal, ...more] = ink(drawing);
  expect(more.length).toBe(4);
  const ys = pulse?.points.map(([, y]) => y) ?? [];
  expect(Math.max(...ys) - Math.min(...ys)).toBe(10);
  expect((pulse?.points[4]?.[0] ?? 0) - (pulse?.points[1]?.[0] ?? 0)).toBe(5);
  const at = (i: number) => signal?.points[i] ?? [0, 0];
  expect(at(250)[0] - at(0)[0]).toBeCloseTo(25, 9);
  expect(at(0)[1] - at(125)[1]).toBeCloseTo(10, 2);
  expect(at(0)[0]).toBe(pulse?.points.at(-1)?.[0]);
  const bound = Math.max(...linesOf(drawing).flatMap(({ points }) => points.map(([x]) => x)));
  expect([drawing.widthMm, bound]).toEqual([270, 265]);
});

test("lead, device and time stand over each row, the letters of the beats over their R peaks, speed and gain below", () => {
  const drawing = onPaper(stripOf([ecgTrace(12)], 12), { ...paper, title: "Fast rhythm" });
  const texts = textsOf(drawing).map(({ text }) => text);
  expect(texts[0]).toBe("Fast rhythm");
  expect(texts).toContain("II (strap)");
  expect(texts.filter((text) => text.startsWith("2026-"))).toEqual(["2026-01-01 00:00:00 UTC", "2026-01-01 00:00:10 UTC"]);
  expect(texts.at(-1)).toBe("25 mm/s · 10 mm/mV · 250 Hz");
  const letters = textsOf(drawing).filter(({ text }) => text === "N");
  expect(letters.length).toBe(12);
  const [, signal] = ink(drawing);
  expect(letters[0]?.at[0]).toBeCloseTo(highest(signal as Line)[0], 6);
  expect(textsOf(onPaper(stripOf([ecgTrace(5)], 5), paper)).some(({ text }) => text.includes("person-a"))).toBe(false);
});

test("where nothing was measured nothing is drawn", () => {
  const whole = ecgTrace(10);
  const drawing = onPaper(stripOf([{ ...whole, values: whole.values.map((value, i) => (i >= 1000 && i < 1500 ? null : value)) }]), paper);
  const [, before, after] = ink(drawing);
  expect([before?.points.length, after?.points.length]).toEqual([1000, 1000]);
  const [x] = after?.points[0] ?? [0];
  expect(x - (before?.points.at(-1)?.[0] ?? 0)).toBeCloseTo((501 / 250) * 25, 6);
});

test("an ECG is drawn in front of other signals; without one they are scaled to fit, said so, and have no pulse", () => {
  const pulse = ecgTrace(5, { stream: "ppg", channel: "ir", unit: "1", rateHz: 64 });
  expect(textsOf(onPaper(stripOf([pulse, ecgTrace(5)]), paper)).some(({ text }) => text.includes("1 (") || text.startsWith("ir"))).toBe(
    false,
  );
  const { lead: _, ...ir } = pulse;
  const alone = onPaper(stripOf([ir]), paper);
  expect(ink(alone).length).toBe(1);
  const ys = ink(alone)[0]?.points.map(([, y]) => y) ?? [];
  expect(Math.max(...ys) - Math.min(...ys)).toBeCloseTo(20, 6);
  expect(textsOf(alone).map(({ text }) => text)).toEqual(["ir (strap)", "2026-01-01 00:00:00 UTC", "25 mm/s · 20 mm = 1 1 · 64 Hz"]);
  const micro = onPaper(stripOf([ecgTrace(5, { unit: "uV", values: ecgTrace(5).values.map((value) => 1000 * (value ?? 0)) })]), paper);
  expect(ink(micro)[1]?.points[125]?.[1]).toBeCloseTo(ink(onPaper(stripOf([ecgTrace(5)]), paper))[1]?.points[125]?.[1] ?? 0, 6);
});

test("a wild signal stays within its row, and a recording is no picture", () => {
  const wild = onPaper(stripOf([ecgTrace(10, { values: ecgTrace(10).values.map((value, i) => (i % 2 === 0 ? 500 : value)) })]), paper);
  expect(wild.heightMm).toBeLessThan(120);
  for (const { points } of ink(wild)) for (const [, y] of points) expect(y >= 0 && y <= wild.heightMm).toBe(true);
  expect(() => onPaper(stripOf([ecgTrace(361)]), paper)).toThrow("at most 36 rows");
  expect(() => onPaper(stripOf([]), paper)).toThrow("No signal");
});

/** Pixels of a PNG that `toPng` made, as [red, green, blue] by place. */
function pixelsOf(png: Buffer) {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const rows = inflateSync(Buffer.concat(data));
  expect(rows.length).toBe(height * (1 + 3 * width));
  const at = (x: number, y: number) => [...rows.subarray(y * (1 + 3 * width) + 1 + 3 * x, y * (1 + 3 * width) + 4 + 3 * x)];
  return { width, height, at };
}

test("the PNG has the drawing's size, white paper, the grid, and ink where the signal is", () => {
  const drawing = onPaper(stripOf([ecgTrace(10)]), paper);
  const { width, height, at } = pixelsOf(toPng(drawing));
  expect([width, height]).toEqual([270 * 4, Math.ceil(drawing.heightMm * 4)]);
  expect(at(1, 1)).toEqual([255, 255, 255]);
  const [, signal] = ink(drawing);
  const dark = (x: number, y: number) => at(x, y).every((value) => value < 120);
  for (const [x, y] of [signal?.points[100], signal?.points[1125], highest(signal as Line)] as [number, number][])
    expect(
      [-1, 0, 1].some((by) => dark(Math.round(x * 4), Math.round(y * 4) + by) || dark(Math.round(x * 4) - 1, Math.round(y * 4) + by)),
    ).toBe(true);
  const pink = linesOf(drawing).find(({ widthMm }) => widthMm === 0.25)?.points[0] ?? [0, 0];
  expect(at(Math.round(pink[0] * 4), Math.round(pink[1] * 4) + 30)).not.toEqual([255, 255, 255]);
});

test("every letter of a printable text has its strokes, an accented one its plain ones", () => {
  const of = (text: string) =>
    toPng({
      widthMm: 30,
      heightMm: 5,
      title: "",
      shapes: [{ kind: "text", at: [1, 4], anchor: "start", text, heightMm: 3, colour: "#000000" }],
    });
  const unknown = of("☃");
  const known = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-–+.,:;/()[]%=·°µ'\"_#!*<>|~ß"];
  const pictures = new Set(known.map((letter) => of(letter).toString("base64")));
  expect(pictures.size).toBeGreaterThanOrEqual(known.length - 4);
  expect(known.filter((letter) => of(letter).equals(unknown))).toEqual([]);
  expect(of("Ä").equals(of("A"))).toBe(true);
  expect(of("?").equals(unknown)).toBe(true);
});

test("an SVG says what it shows, and no text breaks out of it", () => {
  const svg = toSvg(onPaper(stripOf([ecgTrace(10, { lead: '<script>"&\u0000' })]), { ...paper, title: "A & B <b>" }));
  expect(svg).toContain("<title>A &amp; B &lt;b&gt;, 2026-01-01 00:00:00 UTC");
  expect(svg).not.toContain("<script");
  expect(svg).not.toContain("\u0000");
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="270mm" height="[\d.]+mm" viewBox="0 0 270 [\d.]+"/);
  expect(svg.trimEnd().endsWith("</svg>")).toBe(true);
});
