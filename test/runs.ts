/** How often a property is tried: the same cases each time in `npm test`, random ones and ten times as many in `npm run test:long`. */

/** For `fc.assert`. Without a seed fast-check draws one and prints it when a case fails. */
export function runs(numRuns: number, seed = 1): { numRuns: number; seed?: number } {
  return process.env.HEARTH_TEST_LONG === undefined ? { numRuns, seed } : { numRuns: 10 * numRuns };
}

/** For a test's own generator. */
export function seedOf(seed: number): number {
  return process.env.HEARTH_TEST_LONG === undefined ? seed : Math.floor(Math.random() * 2 ** 32);
}
