/** What the sentences of an alert are made of. They render what is known and never say the word "normal" (alerts.md §9). */

/** An alert's values as people say them. */
export interface AlertWords {
  readonly person: string;
  readonly device: string;
  readonly hasValue: boolean;
  readonly value: string;
  readonly limit: string;
  readonly since: string;
  readonly age: string;
  readonly quality: string;
  /** ", by the pulse" where it is not known from an ECG; else nothing. */
  readonly by: string;
  readonly hasCause: boolean;
  /** A sentence without its full stop. */
  readonly cause: string;
  /** What sensors say that contradict each other, as a sentence without its full stop. */
  readonly between: string;
}

export interface RuleText {
  readonly title: (words: AlertWords) => string;
  readonly body: (words: AlertWords) => string;
  /** Title of the all-clear. */
  readonly clear: (words: AlertWords) => string;
}

export const seen = (w: AlertWords) => `${w.device}${w.by}, signal ${w.quality}. Since ${w.since}; newest data ${w.age} old.`;
export const call = (w: AlertWords) => `Check on ${w.person} now; call emergency services if there is no response.`;
export const back = (what: string) => (w: AlertWords) => `${w.person}: ${what}. It had been so since ${w.since}.`;

export function technical(title: (words: AlertWords) => string, advice: string): RuleText {
  return { title, body: (w) => `Since ${w.since}. ${advice}`, clear: (w) => `Over: ${title(w)}` };
}
