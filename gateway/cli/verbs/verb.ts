/** One word that may stand behind `hearth`. Its work is imported only when it is asked for: a start loads no bench and no evaluation. */

import type { Command } from "commander";

export interface Verb {
  readonly name: string;
  /** What runs where no verb is named; one of the list. */
  readonly isDefault?: boolean;
  /** Gives commander's `command` of that name its description, arguments, options, sub-commands and action. */
  define(command: Command): void;
}

/** For commander's options with a number; NaN for another text, which the verb refuses in its own words. */
export function number(text: string): number {
  return Number(text);
}

/** For commander's options that may be given several times. */
export function collect(text: string, previous: string[]): string[] {
  return [...previous, text];
}

/** The option that every verb with an answer has. */
export const jsonOption = ["--json", "one JSON value on stdout", false] as const;
