/** Synthetic traces for the fake view: an ECG with beats of two shapes, a pleth and an accelerometer. Pure functions of time; nobody's recording. */

const beatPeriodS = 0.8;
const cycleS = 24;
/** Within each cycle: a run of wide beats, a hole, and a noisy stretch, so that a page has all of them to draw. */
export const runS: readonly [number, number] = [8, 9.6];
export const gapS: readonly [number, number] = [14, 15.5];
export const noiseS: readonly [number, number] = [19, 21];

const within = (t: number, [from, to]: readonly [number, number]) => t >= from && t < to;
const bump = (x: number, at: number, width: number, height: number) => height * Math.exp(-0.5 * ((x - at) / width) ** 2);
const phaseOf = (timeS: number) => ((timeS % cycleS) + cycleS) % cycleS;

/** Cheap repeatable noise in −1…1. */
function noise(timeS: number): number {
  const x = Math.sin(timeS * 12_989.8) * 43_758.5;
  return (x - Math.floor(x)) * 2 - 1;
}

export function isGap(timeS: number): boolean {
  return within(phaseOf(timeS), gapS);
}

export function isNoisy(timeS: number): boolean {
  return within(phaseOf(timeS), noiseS);
}

/** R peaks in (from, to] with their class. */
export function beatsBetween(fromS: number, toS: number): { timeS: number; label: "N" | "V" | "S" }[] {
  const beats: { timeS: number; label: "N" | "V" | "S" }[] = [];
  for (let i = Math.floor(fromS / (beatPeriodS / 2)); i * (beatPeriodS / 2) <= toS; i += 1) {
    const timeS = i * (beatPeriodS / 2);
    const phase = phaseOf(timeS + 1e-6);
    const isRun = within(phase, runS);
    if (timeS <= fromS || isGap(timeS) || (!isRun && i % 2 !== 0)) continue;
    beats.push({ timeS, label: isRun ? "V" : Math.abs(phase - 4) < 0.3 ? "S" : "N" });
  }
  return beats;
}

/** Millivolt at a time; undefined in the hole. */
export function ecgMv(timeS: number): number | undefined {
  if (isGap(timeS)) return undefined;
  let value = 0.03 * Math.sin(timeS * 1.6) + 0.012 * noise(timeS);
  if (isNoisy(timeS)) value += 0.35 * noise(timeS * 3) + 0.3 * Math.sin(timeS * 9);
  for (const beat of beatsBetween(timeS - 0.6, timeS + 0.6)) {
    const x = timeS - beat.timeS;
    value +=
      beat.label === "V"
        ? bump(x, 0, 0.045, 1.6) + bump(x, 0.17, 0.06, -0.7)
        : bump(x, -0.17, 0.025, 0.12) +
          bump(x, -0.03, 0.01, -0.12) +
          bump(x, 0, 0.011, 1.1) +
          bump(x, 0.03, 0.012, -0.22) +
          bump(x, 0.24, 0.05, 0.28);
  }
  return value;
}

export function pleth(timeS: number): number | undefined {
  const x = (timeS % beatPeriodS) / beatPeriodS;
  return 50 + 28 * (bump(x, 0.25, 0.1, 1) + bump(x, 0.55, 0.12, 0.4)) + 0.5 * noise(timeS);
}

export function accelG(axis: number, timeS: number): number | undefined {
  const still = [0.05, -0.1, 0.98][axis] ?? 0;
  const move = isNoisy(timeS) ? 0.5 : 0.02;
  return still + move * Math.sin(timeS * (5 + axis)) + 0.01 * noise(timeS + axis);
}
