/**
 * `device.disagree`: two good sensors of one person tell heart rates more than 10 beats/min apart. It is a finding about sensors, never a number; rules go on
 * by the better source. And the vital sign of the one heart rate every 15 s, where the house derived it.
 */

import type { HeartRateFact } from "../facts/heart-rate.ts";
import type { AlertWords } from "./alert-words.ts";
import type { Family } from "./family.ts";
import type { Rule, RuleDecision, RuleProfile } from "./rule.ts";

interface State {
  /** The device that the finding was told of. */
  device: string | undefined;
  /** Two sources were known at the newest second. */
  isComparing?: boolean;
}

const rule = "device.disagree";
const vitalEveryUs = 15_000_000;
/** A rate whose last beat is older than this is not told as a vital sign. */
const vitalAgeUs = 5_000_000;

const create = (_profile: RuleProfile, saved?: unknown): Rule => {
  const state: State = { device: undefined, ...(saved as State | undefined) };

  const onFinding = ({ timeUs, disagreement }: HeartRateFact): RuleDecision[] => {
    if (disagreement !== undefined && state.device === undefined) {
      const [better, other] = disagreement.between;
      state.device = other.device;
      const between = disagreement.between.map(({ device, kind, bpm, meanBpm = bpm }) => ({ device, kind, bpm: Math.round(meanBpm) }));
      const told = { onsetUs: disagreement.sinceUs, timeUs, value: Math.round(Math.abs(rateOf(better) - rateOf(other))), unit: "bpm" };
      const about = { device: other.device, stream: other.stream, priority: "low", alertKind: "technical" } as const;
      return [{ kind: "begin", rule, ...about, ...told, limit: 10, quality: "good", between }];
    }
    if (disagreement !== undefined || state.device === undefined) return [];
    const { device } = state;
    state.device = undefined;
    return [{ kind: "end", rule, device, endUs: timeUs, timeUs }];
  };

  const vital = ({ timeUs, reading }: HeartRateFact): RuleDecision[] => {
    if (timeUs % vitalEveryUs !== 0 || reading?.meanBpm === undefined || reading.kind === "device") return [];
    if (timeUs - reading.atUs > vitalAgeUs) return [];
    return [{ kind: "vital", code: "hr", timeUs, value: Math.round(reading.meanBpm), unit: "bpm" }];
  };

  return {
    ids: [rule],
    push(input) {
      if (input.kind !== "heart-rate") return [];
      state.isComparing = input.sources > 1;
      return [...onFinding(input), ...vital(input)];
    },
    watching: () => (state.isComparing === true ? [rule] : []),
    state: () => ({ ...state }),
  };
};

function rateOf({ bpm, meanBpm = bpm }: { readonly bpm: number; readonly meanBpm?: number }): number {
  return meanBpm;
}

export const heartSources: Family = {
  create,
  rules: {
    [rule]: {
      priority: "low",
      alertKind: "technical",
      text: {
        title: (w) => `${w.person}: two sensors do not agree on the heart rate`,
        body: (w: AlertWords) =>
          `${w.between}. Since ${w.since}. Until they agree no single number is shown. Check that both sit well and are worn by ${w.person}; alerts about the heart go on by the ECG, or without one by the pulse.`,
        clear: (w) => `${w.person}: the sensors agree on the heart rate again.`,
      },
    },
  },
};
