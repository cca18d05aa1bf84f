/** How often one sentence may stand in the log: so many at once, then one from time to time that says how many were left out. */

import { createTokenBucket, type TokenBucket } from "./token-bucket.ts";

/** A start of a home with a hundred devices says each of its sentences a hundred times. */
const ofSentence = { depth: 200, everyUs: 10_000_000 };

/** Undefined where the line is left out, else how many of the same sentence were left out before it. Sentences are constant, so their number is that of the code's. */
export type LineLimit = (sentence: string) => number | undefined;

/** `nowMs` is monotonic. */
export function createLineLimit(nowMs: () => number, limit = ofSentence): LineLimit {
  const bySentence = new Map<string, { readonly bucket: TokenBucket; silentCount: number }>();
  return (sentence) => {
    const nowUs = nowMs() * 1000;
    const said = bySentence.get(sentence) ?? { bucket: createTokenBucket(limit, nowUs), silentCount: 0 };
    bySentence.set(sentence, said);
    if (!said.bucket.take(nowUs)) {
      said.silentCount++;
      return undefined;
    }
    const { silentCount } = said;
    said.silentCount = 0;
    return silentCount;
  };
}
