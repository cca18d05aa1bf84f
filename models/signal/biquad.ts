/** Second-order recursive filters: Butterworth design and a running section. Causal; it never looks ahead and holds two numbers of state. */

interface BiquadCoefficients {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

interface Biquad {
  step(x: number): number;
  /** Sets the state as if the input had been `x` for ever, so that a start brings no step. */
  settle(x: number): void;
  state(): readonly [number, number];
  restore(state: readonly [number, number]): void;
}

/** Butterworth low-pass of order 2 by the bilinear transform, corner prewarped. `cornerHz` must lie below half the rate. */
export function lowPass(cornerHz: number, rateHz: number): BiquadCoefficients {
  const k = Math.tan((Math.PI * cornerHz) / rateHz);
  const norm = 1 / (1 + Math.SQRT2 * k + k * k);
  const b0 = k * k * norm;
  return { b0, b1: 2 * b0, b2: b0, a1: 2 * (k * k - 1) * norm, a2: (1 - Math.SQRT2 * k + k * k) * norm };
}

/** Butterworth high-pass of order 2 by the bilinear transform, corner prewarped. */
export function highPass(cornerHz: number, rateHz: number): BiquadCoefficients {
  const k = Math.tan((Math.PI * cornerHz) / rateHz);
  const norm = 1 / (1 + Math.SQRT2 * k + k * k);
  return { b0: norm, b1: -2 * norm, b2: norm, a1: 2 * (k * k - 1) * norm, a2: (1 - Math.SQRT2 * k + k * k) * norm };
}

/** A running section (transposed direct form II). */
export function createBiquad(c: BiquadCoefficients): Biquad {
  let s1 = 0;
  let s2 = 0;
  return {
    step(x) {
      const y = c.b0 * x + s1;
      s1 = c.b1 * x - c.a1 * y + s2;
      s2 = c.b2 * x - c.a2 * y;
      return y;
    },
    settle(x) {
      const y = (x * (c.b0 + c.b1 + c.b2)) / (1 + c.a1 + c.a2);
      s2 = c.b2 * x - c.a2 * y;
      s1 = c.b1 * x - c.a1 * y + s2;
    },
    state: () => [s1, s2],
    restore(state) {
      [s1, s2] = state;
    },
  };
}
