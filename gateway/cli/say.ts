/** The answer of a verb on standard output: one JSON value where it was asked for, else words. */

export interface Json {
  readonly json: boolean;
}

export function say({ json }: Json, answer: unknown, words: string): void {
  process.stdout.write(json ? `${JSON.stringify(answer)}\n` : `${words}\n`);
}
