/** The sentences about what is usual for a person; a part of texts.ts. */

export const learningTexts = {
  learning: (done: string, place: string) => `Learning what is usual, ${done} (${place}). Until then nothing can be told as unusual.`,
  known: (since: string, place: string) => `Knows what is usual since ${since} (${place}).`,
  fromRecord: "Learnt again from the record, because the analysis is another than before.",
  changed: (since: string, place: string) =>
    `Since ${since} most of it looks otherwise than what was learnt (${place}). If that is how it is now, let it learn again.`,
  more: "What is usual",
  normalBy: (by: string, at: string) => `Called normal by ${by}, ${at}`,
  undo: "Take it back",
  again: "Learn again",
  reallyAgain: "Really forget and learn again?",
  againSays: "What was learnt and what was called normal goes; the next minutes of good signal are learnt.",
  normal: "This is normal for me",
  normalSays: "Such beats are no longer told for this person. It stands with your name and can be taken back.",
  normalDone: (number: number) => `Noted as number ${number}. From now on such beats are usual for this person.`,
  picture: {
    title: "Usual beat, these beats, and the difference",
    usual: "usual",
    seen: "these",
    difference: "difference to what was expected",
    learnt: (from: string, to: string) => `Usual as learnt from ${from} to ${to}.`,
  },
};
