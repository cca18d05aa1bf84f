/**
 * What a model adds that learns its wearer: the network stays the same for everybody, a small memory of one person at one placement says what is usual there.
 * Pure; the house decides what is shown to it (gateway/personal/) and keeps what it has learnt.
 */

/** One window of good signal as the network sees it. */
export interface Evidence {
  /** As the model's outcome has it. */
  readonly vector: Float32Array;
  /** Gateway axis. */
  readonly timeUs: number;
  /** Of a window round a beat: the interval that ends there, and those before it, newest first, at most 8; intervals over a gap are left out. */
  readonly rrMs?: number;
  readonly rrBeforeMs: readonly number[];
}

export interface Judgement {
  /** Calibrated on the person's own minutes: the share of them that is less unusual than this, 0–1; near 1 nothing like it was among them. */
  readonly score: number;
  /** Index of the nearest prototype, and how far it is in the memory's own measure. */
  readonly nearest: number;
  readonly distance: number;
  /** What of it is how much; `shape` and `rhythm` for beats. */
  readonly parts: Readonly<Record<string, number>>;
}

/** In which way something is unlike what is usual; the words stand with the rule. */
export type Difference = "wider" | "narrower" | "taller" | "flatter" | "earlier" | "later" | "other";

/** Where curves stand in the vector: the difference to what the network expects, and the window as it was shown. */
export interface Curves {
  readonly residualAt: number;
  readonly shownAt: number;
  readonly points: number;
  /** Seconds from the beat. */
  readonly fromS: number;
  readonly toS: number;
}

/**
 * `State` must survive a structured clone and stay within 4 kB. Functions that learn change the state that they are given; what goes in depends on the order of
 * the signal alone, never on a clock.
 */
export interface PersonalSpec<State = unknown> {
  /** Seconds of signal that it learns from, where nobody says otherwise. */
  readonly learnS: number;
  readonly curves?: Curves;
  empty(): State;
  learn(state: State, evidence: Evidence): void;
  /** Its minutes are over: from now on it judges. */
  finish(state: State): void;
  /** Undefined until it has learnt. */
  judge(state: State, evidence: Evidence): Judgement | undefined;
  describe(state: State, evidence: Evidence, judgement: Judgement): Difference;
  /** A person has said that this is normal; gives a number by which it is undone. */
  addNormal(state: State, evidence: Evidence, atUs: number, by: string): number;
  /**
   * The tensors by which a network describes a window again of which it has only what another version had said, for what people have called normal; undefined
   * where that lacks them. Without it a new version begins without what people have called normal.
   */
  shownAgain?(evidence: Evidence): Readonly<Record<string, { readonly data: Float32Array; readonly shape: readonly number[] }>> | undefined;
  /** False where there is no such addition. */
  undo(state: State, id: number): boolean;
}
