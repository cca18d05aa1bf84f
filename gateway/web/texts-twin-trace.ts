/** Words beside the signal as the copy outside has it. */

export const twinTraceTexts = {
  decoded: (at: string, errorUv: number | undefined) =>
    `The signal at ${at} as the copy has it${errorUv === undefined ? ", nothing lost" : `, off by ${errorUv} µV as it says itself`}`,
  measuredLine: "as measured here",
  decodedLine: "as the copy has it",
} as const;
