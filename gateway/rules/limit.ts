/** A limit on a mean: beyond it for `delayS` begins, `endS` back behind the hysteresis ends. It knows neither signals nor people. */

export interface LimitOptions {
  readonly side: "high" | "low";
  readonly limit: number;
  readonly delayS: number;
  readonly endS: number;
  readonly hysteresis: number;
}

export interface LimitState {
  /** Since when the mean has been beyond the limit without a break. */
  crossedUs: number | undefined;
  /** While active: the worst value told, and since when the mean has been back. */
  active: { worst: number; backUs: number | undefined } | undefined;
}

type LimitStep =
  | { readonly kind: "begin"; readonly onsetUs: number; readonly value: number }
  | { readonly kind: "worse"; readonly value: number }
  | { readonly kind: "end"; readonly endUs: number };

/** Moves `state` on to `timeUs`. An undefined value (cannot know) drops a pending delay and ends nothing. */
export function stepLimit(state: LimitState, options: LimitOptions, timeUs: number, value: number | undefined): LimitStep | undefined {
  const { active } = state;
  if (value === undefined) {
    state.crossedUs = undefined;
    if (active !== undefined) active.backUs = undefined;
    return undefined;
  }
  const sign = options.side === "high" ? 1 : -1;
  const excess = sign * (value - options.limit);
  if (active === undefined) {
    if (excess <= 0) {
      state.crossedUs = undefined;
      return undefined;
    }
    state.crossedUs ??= timeUs;
    if (timeUs - state.crossedUs < options.delayS * 1_000_000) return undefined;
    state.active = { worst: value, backUs: undefined };
    return { kind: "begin", onsetUs: state.crossedUs, value };
  }
  if (excess > -options.hysteresis) {
    active.backUs = undefined;
    // A message per beat would help nobody: only a step of the hysteresis counts as worse.
    if (sign * (value - active.worst) < options.hysteresis) return undefined;
    active.worst = value;
    return { kind: "worse", value };
  }
  active.backUs ??= timeUs;
  if (timeUs - active.backUs < options.endS * 1_000_000) return undefined;
  const endUs = active.backUs;
  state.active = undefined;
  state.crossedUs = undefined;
  return { kind: "end", endUs };
}

/** The state of one rule among those of a stream; a new one where it has none. */
export function limitOf(limits: [string, LimitState][], rule: string): LimitState {
  const known = limits.find(([id]) => id === rule);
  if (known !== undefined) return known[1];
  const state: LimitState = { crossedUs: undefined, active: undefined };
  limits.push([rule, state]);
  return state;
}

/** What a family kept of its streams, without the states of rules that are off: one that is set again begins anew. */
export function memoriesOf<StreamMemory extends { limits: [string, LimitState][] }>(
  saved: readonly (readonly [string, StreamMemory])[] = [],
  rules: readonly { readonly rule: string }[],
): Map<string, StreamMemory> {
  const isOn = ([id]: [string, LimitState]) => rules.some(({ rule }) => rule === id);
  return new Map(structuredClone(saved).map(([key, memory]) => [key, { ...memory, limits: memory.limits.filter(isOn) }]));
}
