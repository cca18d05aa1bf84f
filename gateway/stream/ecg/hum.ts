/** Mains hum in one second of signal: how much there is, and what the second would be without it. The QRS detector and the beat model hear none of it. */

const mainsHz = [50, 60] as const;

/** One second holds whole cycles of both, so that each is a plain projection. Aliases below a low rate's half are met as they come. */
export function createHum(rateHz: number): {
  remove(samples: Float32Array): { readonly without: Float32Array; readonly amplitudeMv: number };
} {
  const count = Math.max(1, Math.round(rateHz));
  const waves = mainsHz
    .filter((hz) => {
      const alias = Math.abs(hz - rateHz * Math.round(hz / rateHz));
      return alias > 20 && alias < rateHz / 2 - 1;
    })
    .map((hz) => ({
      cos: Float64Array.from({ length: count }, (_, i) => Math.cos((2 * Math.PI * hz * i) / rateHz)),
      sin: Float64Array.from({ length: count }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rateHz)),
    }));

  return {
    /** NaN stays NaN and counts as the mean. */
    remove(samples) {
      const without = Float32Array.from(samples);
      let sum = 0;
      let present = 0;
      for (const value of samples)
        if (!Number.isNaN(value)) {
          sum += value;
          present++;
        }
      const mean = present === 0 ? 0 : sum / present;
      let amplitudeMv = 0;
      for (const { cos, sin } of waves) {
        let a = 0;
        let b = 0;
        for (let i = 0; i < count; i++) {
          const value = samples[i] ?? Number.NaN;
          if (Number.isNaN(value)) continue;
          a += (value - mean) * (cos[i] as number);
          b += (value - mean) * (sin[i] as number);
        }
        a *= 2 / Math.max(1, present);
        b *= 2 / Math.max(1, present);
        amplitudeMv += Math.hypot(a, b);
        for (let i = 0; i < count; i++) without[i] = (without[i] as number) - a * (cos[i] as number) - b * (sin[i] as number);
      }
      return { without, amplitudeMv };
    },
  };
}
