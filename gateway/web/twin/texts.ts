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
  house: "This home",
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
  alerts: {
    none: "No open alerts. Look at what was watched before you read this as “all is well”.",
    device: "Sensor",
    answer: (title: string, says: string) => `${title}. ${says}`,
  },
  act: {
    asked: "The home is asked …",
    waiting:
      "The home has not answered yet. It is asked again for ten minutes; until it answers the alert stands as it is, and is told at home as before.",
    says: (minutes: number, hasEnded: boolean) =>
      hasEnded
        ? "The home is told that you have seen it, and everyone there sees that."
        : `The home is told that you take it, and everyone there sees that. Quiet for ${minutes} min as long as this one lasts and does not become worse.`,
    answers: {
      done: "The home has taken it.",
      already: "Somebody had taken it already.",
      waiting: "The home has not answered in ten minutes and takes it no more. Call somebody who is there.",
      "act.not_now": "The home did not take it: it came too late, or the clocks of home and twin differ.",
      "alert.unknown": "The home has no such alert any more.",
      other: "The home did not take it. Call somebody who is there.",
    },
  },
  strip: {
    none: "None of the signal around it has come here: none was sent, or it is no longer kept.",
    coming: "The signal around it comes as soon as the home has sent it.",
    sources: {
      measured: "as it was measured",
      decoded: "as a codec left it",
      imputed: "a guess: nobody measured it",
      missing: "not here",
    },
    part: (source: string, seconds: number) => `${seconds.toFixed(1)} s ${source}`,
    error: (rmse: string, unit: string) => `Where a codec was between, it is off by ${rmse} ${unit} as it says itself.`,
  },
  day: {
    heading: (name: string) => `Over time: ${name}`,
    spans: "How far back",
    hours: (hours: number) => (hours === 24 ? "Day" : `${hours} h`),
    rate: (least: number, most: number, minutes: number) => `Heart rate ${least} … ${most} beats/min, in ${minutes} minutes`,
    noRate: "No heart rate in this time",
    nothing: (span: string) => `Nothing of a heart rate has come in the last ${span}.`,
    rhythm: "Rhythm",
    watched: "Watched",
    noRhythm: "Nothing was told of the rhythm.",
    allUsual: "The rhythm was the usual one wherever there is a heart rate.",
    stretch: (rhythm: string, from: string, to: string) => `${from}–${to}: ${rhythm}`,
    noAlerts: "No alert in this time.",
    alert: (priority: string, what: string, at: string) => `${at}: ${what} (${priority})`,
  },
  gateways: {
    heading: "Gateways",
    states: {
      connected: "Connected",
      away: "Not connected now",
      unknown: "Not known whether it is connected",
      silent: "Silent",
    },
    silent: (age: string) => `Silent for ${age}: we do not know how anybody is there`,
    lastWord: (age: string) => `last word ${age} ago`,
    never: "no word yet",
    version: (version: string) => `Hearth ${version}`,
    waiting: (rows: number) => `${rows} ${rows === 1 ? "message waits" : "messages wait"} there`,
    devices: (n: number) => (n === 1 ? "1 sensor" : `${n} sensors`),
    sample: (age: string) => `newest sample ${age} ago`,
    show: "Show its people",
    more: "More homes than these are opened by this token; each shows under this address with ?home= and its name.",
    frames: (frames: number, opaque: number) =>
      `${frames.toLocaleString("en")} signed frames are stored here${opaque === 0 ? "" : `, ${opaque} of them for a later version to read`}.`,
  },
  modes: {
    heading: "What leaves the home",
    inForce: "In force, as the gateway says",
    wished: "Wished from here",
    nothing: "nothing in particular",
    nothingLeaves: "nothing",
    decoders: (n: number) => (n === 1 ? "1 codec that it may use" : `${n} codecs that it may use`),
    notSaid: "it has not said yet",
    late: "The gateway has not answered the newest wish yet.",
    waiting: "Waits until somebody at home allows it",
    ignored: "Wished, and not followed by this version",
  },
  incidents: {
    heading: "Incidents of many gateways",
    none: "None. Twenty gateways or more that fall silent within five minutes stand here.",
    says: (gateways: number, of: number, at: string) => `${gateways} of ${of} gateways fell silent together, ${at}.`,
    open: "Not over.",
    ended: (at: string) => `Over since ${at}.`,
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

/** The id under which alerts of the home itself stand. */
export const house = "gateway";

/** Never the code: one that an older page does not know is still told in words. */
export const rhythmName = (label: string): string => twinTexts.rhythms[label] ?? twinTexts.unnamedRhythm;
