/**
 * Steps from one motion sensor, without a network. On a shank: each swing of the leg, by how fast and how far it turns forwards (as Aminian et al. 2002 find
 * mid-swing by the rate of a shank). On pelvis, head or wrist: the bounce of the trunk, once a step, counted only while it keeps a rhythm. Causal.
 */

import { type Biquad, createBiquad, highPass, lowPass } from "./biquad.ts";

interface StepDetector {
  /** Of each step that is known with this sample: how long ago it was, s. Mostly none. */
  push(value: number): readonly number[];
  state(): unknown;
}

const none: readonly number[] = [];
const now: readonly number[] = [0];

interface SwingState {
  readonly smooth: number;
  readonly turnedRad: number;
  readonly peakRadps: number;
  /** Samples since the last step. */
  readonly since: number;
}

/** rad/s at which a swing begins and ends, and that it reaches; a slow walk swings at 2 to 3, a brisk one at 6. */
const [beginsRadps, reachesRadps] = [0.3, 1.2];
/** rad that it covers: a foot that is lifted and put back turns the shank by less. */
const leastSwingRad = 0.35;
const leastBetweenS = 0.3;

/** `push` takes the rate at which the shank turns forwards (the foot ahead), rad/s; a step is known as the foot comes down. */
export function createSwingDetector(rateHz: number, saved?: unknown): StepDetector {
  const start: SwingState = { smooth: 0, turnedRad: 0, peakRadps: 0, since: rateHz };
  const s = { ...start, ...(saved as SwingState | undefined) };
  const share = 1 - Math.exp(-20 / rateHz);
  return {
    push(radps) {
      s.since++;
      if (Number.isNaN(radps)) {
        Object.assign(s, { smooth: 0, turnedRad: 0, peakRadps: 0 });
        return none;
      }
      s.smooth += (radps - s.smooth) * share;
      if (s.smooth > beginsRadps) {
        s.turnedRad += s.smooth / rateHz;
        s.peakRadps = Math.max(s.peakRadps, s.smooth);
        return none;
      }
      const isStep = s.turnedRad > leastSwingRad && s.peakRadps > reachesRadps && s.since > leastBetweenS * rateHz;
      Object.assign(s, { turnedRad: 0, peakRadps: 0, ...(isStep ? { since: 0 } : {}) });
      return isStep ? now : none;
    },
    state: (): SwingState => ({ ...s }),
  };
}

interface BounceState {
  readonly filters: readonly (readonly [number, number])[];
  readonly velocityMps: number;
  readonly heightM: number;
  readonly peak: number;
  /** Samples since the last bounce, and seconds between those before it, newest last. */
  readonly since: number;
  readonly between: readonly number[];
  /** Whether those before are counted. */
  readonly isWalking: boolean;
}

/** Hz. Steps come at 0.8 to 3.2 a second. */
const [lowHz, highHz] = [0.8, 3];
/** Each way from the middle, m or m/s. A smooth walker lifts the trunk by some 1 cm; an arm goes up and down at some 0.1 m/s. */
const least = { trunk: 0.0025, arm: 0.05 };
const [shortestS, longestS] = [0.25, 1.3];
/** Bounces in a rhythm before they count, and how often the longest between two of them may hold the shortest. */
const [leastBounces, unevenness] = [4, 2.5];
const standardGravityMps2 = 9.80665;

/**
 * `push` takes the acceleration upwards without gravity, in g. Steps before a rhythm was clear are known together. Of a trunk by its height, which has one wave
 * a step where acceleration and velocity may have two; of an arm by its velocity, since its height has one wave in two steps.
 */
export function createBounceDetector(rateHz: number, of: keyof typeof least, saved?: unknown): StepDetector {
  const was = saved as BounceState | undefined;
  const filters = [highPass(lowHz, rateHz), highPass(lowHz, rateHz), lowPass(highHz, rateHz)].map(createBiquad);
  for (const [i, state] of (was?.filters ?? []).entries()) filters[i]?.restore(state);
  const [first, second, smooth] = filters as [Biquad, Biquad, Biquad];
  const s = { velocityMps: 0, heightM: 0, peak: 0, since: 0, isWalking: false, ...was, between: [...(was?.between ?? [])] };
  const kept = 1 - 1 / rateHz;

  const bounce = (): readonly number[] => {
    s.between = [...s.between, s.since / rateHz].slice(1 - leastBounces);
    s.since = 0;
    const isEven = Math.max(...s.between) <= unevenness * Math.min(...s.between);
    const wasWalking = s.isWalking;
    s.isWalking = isEven && s.between.length === leastBounces - 1;
    if (!s.isWalking) return none;
    if (wasWalking) return now;
    const [a = 0, b = 0, c = 0] = [...s.between].reverse();
    return [a + b + c, a + b, a, 0];
  };

  return {
    push(upG) {
      s.since++;
      if (s.since > longestS * rateHz) Object.assign(s, { isWalking: false, between: [] });
      s.velocityMps = kept * s.velocityMps + (Number.isNaN(upG) ? 0 : (upG * standardGravityMps2) / rateHz);
      const velocity = first.step(s.velocityMps);
      s.heightM = kept * s.heightM + velocity / rateHz;
      const value = smooth.step(of === "arm" ? velocity : second.step(s.heightM));
      if (value > 0) {
        s.peak = Math.max(s.peak, value);
        return none;
      }
      const isBounce = s.peak >= least[of] && s.since > shortestS * rateHz;
      s.peak = 0;
      return isBounce ? bounce() : none;
    },
    state: (): BounceState => ({ ...s, filters: filters.map((each) => each.state()), between: [...s.between] }),
  };
}
