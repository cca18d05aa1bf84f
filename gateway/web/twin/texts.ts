/** Every sentence of the twin's page that the home's page does not say as well. */

export const twinTexts = {
  name: "Hearth from afar",
  login: {
    title: "Open the page of the twin",
    says: "Here is what homes have sent of themselves: alerts, heartbeats, and the signal around an alert. Paste a token that a home, or whoever runs this twin, has given you.",
    label: "Token",
    button: "Open",
    refused: {
      token: "The twin does not know this token.",
      code: "One-time codes open the page at home, not this one. A token opens it.",
      ended: "The token opens nothing any more: it was ended or replaced.",
      unreachable: "The twin did not answer. Try again in a moment.",
    },
  },
  connection: {
    live: "Live",
    connecting: "Connecting …",
    lostTitle: "No connection to the twin",
    lostSays: (age: string) => `Last heard ${age} ago. What stands below is old; we do not know how things are now. Trying again …`,
    noAnswer: "The twin did not answer. Look at the line at the top and try again.",
  },
  homes: { label: "Home", only: (id: string) => `Home ${id}` },
  people: {
    heading: "People",
    asking: "Asking the twin …",
    none: "This home has sent nothing of anybody yet. What its people let leave the house stands on the page at home.",
    asOf: (age: string) => `newest word ${age} ago`,
    never: "nothing has come of this person yet",
    oldRate: (bpm: number, age: string) => `last known ${bpm} beats/min, ${age} ago`,
    rhythm: "Rhythm",
    since: (time: string) => `since ${time}`,
  },
  rhythms: {
    "(N": "usual",
    "(AFIB": "irregular, as in atrial fibrillation",
    "(AFL": "atrial flutter",
    "(VT": "fast, from the lower chambers",
    "(VFL": "quivering, pumps nothing",
    "(ASYS": "no heartbeat",
    "(B": "every second beat from the lower chambers",
    "(T": "every third beat from the lower chambers",
    "(SVTA": "fast, from the upper chambers",
  } as Readonly<Record<string, string>>,
  unnamedRhythm: "a rhythm without a name here",
} as const;

/** Never the code: one that an older page does not know is still told in words. */
export const rhythmName = (label: string): string => twinTexts.rhythms[label] ?? twinTexts.unnamedRhythm;
