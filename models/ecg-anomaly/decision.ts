/** The surprise that 1 in 100 and 1 in 1,000 normal beats of other people exceed: scores of .99 and .999. Written by train/ with the network. */

export const decision = {
  oneIn100: 1.964,
  oneIn1000: 2.738,
} as const;
