/** One thing that `hearth doctor` looked at. */
export interface Check {
  readonly name: string;
  /** `bad`: Hearth can't run like this. `warning`: it runs, and something is missing or tight. */
  readonly state: "ok" | "warning" | "bad";
  /** A sentence for people: what was found and, where it isn't ok, the way out. */
  readonly says: string;
}
