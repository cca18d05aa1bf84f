/** The sentences about what leaves the house; a part of texts.ts. */

export const consentTexts = {
  line: (what: string, bytes: string, day: string) => `Leaves the house: ${what}, ${bytes} today, since ${day}.`,
  nothing: (day: string) => `Nothing of this person leaves the house, since ${day}.`,
  change: "Change",
  beats: "heartbeats",
  alerts: "alerts",
  strips: "the signal around them",
  /** Of a stream, or of every one. */
  waveform: (stream: string) => (stream === "*" ? "the waveform" : `the waveform of ${stream}`),
  samples: (stream: string) => (stream === "*" ? "every sample" : `every sample of ${stream}`),
  atHome: (stream: string) => `nothing of ${stream}`,
  says: "It goes to the twin. Alerts are told at home in any case. What is taken back stops at once, and so does what waits; what the twin has stays there.",
  alertsLabel: "Alerts",
  stripsLabel: "The signal around high and medium alerts",
  streamLabel: (stream: string) => (stream === "*" ? "Every other signal" : `Signal “${stream}”`),
  modes: {
    none: "nothing",
    event: "heartbeats and numbers",
    semantic: "the waveform besides, with a stated error",
    raw: "every sample",
  } as Readonly<Record<string, string>>,
  onlyLess: "You can let less leave. More is for the person or an admin to allow.",
  save: "Save",
  asks: (what: string) => `The twin asks for ${what}.`,
  allow: "Allow it",
  held: {
    backlog: "So much waits for the twin that only heartbeats and alerts go for now.",
    decoder: "The twin can’t read the waveform yet; heartbeats go instead.",
  } as Readonly<Record<string, string>>,
};
