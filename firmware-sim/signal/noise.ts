/** Noise as a function of seed and index: no state, so any stretch can be computed at any time. */

/** Uniform in [0, 1): a 32-bit mix of seed and index (constants of MurmurHash3's finaliser). */
export function uniformAt(seed: number, index: number): number {
  let x = (Math.imul(index | 0, 0x9e3779b1) ^ Math.imul(Math.floor(index / 0x1_0000_0000) + seed, 0x85ebca6b)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b) >>> 0;
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) >>> 0;
  return ((x ^ (x >>> 16)) >>> 0) / 0x1_0000_0000;
}

/** Close to a standard normal deviate: the sum of four uniforms, scaled to unit variance. */
export function normalAt(seed: number, index: number): number {
  let sum = 0;
  for (let k = 0; k < 4; k++) sum += uniformAt(seed + 7919 * (k + 1), index);
  return (sum - 2) * Math.sqrt(3);
}
