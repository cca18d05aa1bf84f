/** Words beside the signal as the copy outside has it. */

export const twinTraceTexts = {
  decoded: (at: string, errorUv: number | undefined) =>
    `The signal at ${at} as the copy has it${errorUv === undefined ? ", nothing lost" : `, off by ${errorUv} µV as it says itself`}`,
  switch: "Let the copy have:",
  meter: (seconds: number) => `The same ${Math.round(seconds)} s of this signal, in bytes:`,
  modes: { raw: "every sample", semantic: "waveform and beats", event: "beats alone" },
  times: (times: number) => `${times >= 10 ? Math.round(times) : Math.round(times * 10) / 10} times fewer`,
  run: (at: string, beats: number, bpm: number) =>
    `From the beats alone the copy finds ${beats} wide beats in a row at ${at}, ${bpm} a minute.`,
  measuredLine: "as measured here",
  decodedLine: "as the copy has it",
} as const;
