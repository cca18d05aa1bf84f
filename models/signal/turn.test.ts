import { expect, test } from "vitest";
import { normalAt } from "../../firmware-sim/signal/noise.ts";
import { createTurnDetector } from "./turn.ts";

type Axes = readonly [number, number, number];

function turnsIn(rateHz: number, seconds: number, at: (s: number, i: number) => Axes): number {
  const detector = createTurnDetector({ rateHz });
  let turns = 0;
  for (let i = 0; i < seconds * rateHz; i++) if (detector.push(at(i / rateHz, i))) turns++;
  return turns;
}

const noisy = ([x, y, z]: Axes, i: number, sd = 0.02): Axes => [x + sd * normalAt(1, i), y + sd * normalAt(2, i), z + sd * normalAt(3, i)];
/** Gravity on a body that leans by `angle` degrees. */
const lean = (angle: number): Axes => [Math.sin((angle * Math.PI) / 180), 0, Math.cos((angle * Math.PI) / 180)];

test.each([25, 50, 100, 200, 500])(
  "a body that rolls over or sits up turns once; one that breathes or lies still does not (%d Hz)",
  (rateHz) => {
    for (const angle of [60, 90, 180])
      expect(turnsIn(rateHz, 40, (s, i) => noisy(lean(Math.max(0, Math.min(1, (s - 20) / 2)) * angle), i))).toBeGreaterThanOrEqual(1);
    expect(turnsIn(rateHz, 60, (s, i) => noisy(lean(3 * Math.sin(1.6 * s)), i))).toBe(0);
    expect(turnsIn(rateHz, 600, (s, i) => noisy(lean(s / 10), i))).toBe(0);
  },
);

test.each([25, 50, 100, 200, 500])(
  "a table that vibrates, a washing machine and a car never turn, at whatever frequency (%d Hz)",
  (rateHz) => {
    for (const hz of [0.1, 0.25, 0.85, 2, 6, 11, 23, 24.9, 50.1, 99.7])
      for (const amplitude of [0.05, 0.3, 1, 3]) {
        const shake = (s: number, phase = 0) => amplitude * Math.sin(2 * Math.PI * hz * s + phase);
        expect(turnsIn(rateHz, 30, (s, i) => noisy([0, 0, 1 + shake(s)], i))).toBe(0);
        // A slower one of more than half a g would be a swing, not a vibration.
        const isSwing = Math.abs(hz - rateHz * Math.round(hz / rateHz)) < 0.5 && amplitude > 0.45;
        if (!isSwing) expect(turnsIn(rateHz, 30, (s, i) => noisy([shake(s), shake(s, 1.2), 1], i))).toBe(0);
      }
    const drive = (s: number): Axes => [0.4 * Math.sin(0.9 * s), 0.25 * Math.sin(0.5 * s + 1), 1 + 0.1 * Math.sin(8 * s)];
    expect(turnsIn(rateHz, 300, (s, i) => noisy(drive(s), i, 0.08))).toBe(0);
  },
);

test("a restart in between and samples without a value change nothing", () => {
  const at = (i: number): Axes => (i % 17 === 0 ? [Number.NaN, 0, 1] : lean(Math.max(0, Math.min(90, i - 1000))));
  const whole = createTurnDetector({ rateHz: 50 });
  const first = createTurnDetector({ rateHz: 50 });
  const expected: number[] = [];
  const found: number[] = [];
  let second: typeof first | undefined;
  for (let i = 0; i < 2000; i++) {
    if (whole.push(at(i))) expected.push(i);
    if (i === 1030) second = createTurnDetector({ rateHz: 50, state: structuredClone(first.state()) });
    if ((second ?? first).push(at(i))) found.push(i);
  }
  expect(expected.length).toBeGreaterThan(0);
  expect(found).toEqual(expected);
});
