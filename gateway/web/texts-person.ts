/** The sentences by which somebody calls for help and says where a person is; a part of texts.ts. */

export const helpTexts = {
  call: "Call for help",
  callFor: (name: string) => `Call for help for ${name}`,
  says: (seconds: number) => `After ${seconds} seconds everybody who cares is told. Until then you can take it back.`,
  counting: "Help is being called",
  left: (seconds: number) => (seconds === 1 ? "in 1 second" : `in ${seconds} seconds`),
  cancel: "Cancel, I am fine",
  cancelled: "Taken back. Nobody was told.",
  told: "Help has been called.",
  toldSays: "Everybody who cares is told, and told again until somebody answers. If it is urgent, call emergency services yourself.",
  failed: (detail: string) => `Help could not be called from here: ${detail} Use a telephone.`,
};

export const presenceTexts = {
  more: "Going out, or taking the sensor off?",
  says: "Then nobody is alarmed because a sensor is silent. What is measured is watched as ever, and whoever is not back in time is told of.",
  until: "Back in",
  choices: { 3600: "1 hour", 14400: "4 hours", 43200: "12 hours", 86400: "a day", 259200: "3 days", 1209600: "2 weeks" } as Readonly<
    Record<number, string>
  >,
  away: "Say: away",
  pause: "Without sensor for 30 min",
  isAway: (until: string, by: string) => `Away until ${until} (${by} said so). Silent sensors alarm nobody meanwhile.`,
  isPaused: (until: string, by: string) => `Without sensor until ${until} (${by} said so).`,
  overdue: (until: string) => `Expected back at ${until}, and not back yet.`,
  seenAgain: (at: string) => `Signal comes again since ${at}: silence is told as ever.`,
  home: "Back home",
};
