/** Second-order recursive filters: Butterworth design and a running section. Causal; it never looks ahead and holds two numbers of state. */

interface BiquadCoefficients {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

export interface Biquad {
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
  const { b0, b1, b2, a1, a2 } = c;
  // A row of numbers: a variable that closures share is a new object each time a fraction is put into it.
  const s = new Float64Array(2);
  return {
    step(x) {
      const y = b0 * x + (s[0] as number);
      s[0] = b1 * x - a1 * y + (s[1] as number);
      s[1] = b2 * x - a2 * y;
      return y;
    },
    settle(x) {
      const y = (x * (b0 + b1 + b2)) / (1 + a1 + a2);
      s[1] = b2 * x - a2 * y;
      s[0] = b1 * x - a1 * y + s[1];
    },
    state: () => [s[0] as number, s[1] as number],
    restore(state) {
      s.set(state);
    },
  };
}
