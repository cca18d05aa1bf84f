/** Steps between neighbouring samples; 0 where one of the two is missing. */
export function steps(samples: Float32Array): number[] {
  return Array.from(samples.subarray(1), (value, i) => {
    const step = value - (samples[i] as number);
    return Number.isNaN(step) ? 0 : step;
  });
}
