/** Streaming QRS detector: samples in, R peaks out, in order. Causal; it never invents a beat where samples are missing or nothing stands out. */

import { type Candidate, createFront, type FrontState } from "./qrs-front.ts";
import { createJudge, type JudgeState, type Verdict } from "./qrs-judge.ts";

export interface QrsDetection {
  /** R peak, in samples since this detector's start; missing samples count. */
  readonly index: number;
  /** Height over the detection threshold at that time; below 1 = found by looking back. */
  readonly strength: number;
}

/** Plain numbers and lists, below 20 kB also as JSON. */
export interface QrsState {
  readonly rateHz: number;
  readonly index: number;
  readonly pendingSum: number;
  readonly pendingCount: number;
  readonly missing: number;
  readonly lastMv: number;
  readonly isRunning: boolean;
  readonly front: FrontState;
  readonly judge: JudgeState;
}

interface QrsDetector {
  /**
   * Samples in mV, NaN = missing; any cutting into chunks gives the same beats. Returns the beats that became certain, strictly ascending over the
   * detector's life: about 0.25 s after the R peak, at most 0.35 s for a low one, later for the first two seconds and for beats found by looking back.
   */
  push(samplesMv: Float32Array): readonly QrsDetection[];
  /** The signal ends here (end of a recording): what is complete is told now. */
  end(): readonly QrsDetection[];
  /** State from which `createQrsDetector` goes on exactly. */
  state(): QrsState;
}

/** A hole up to this long is bridged by holding the last value; a longer one ends the stretch. */
const bridgeS = 0.04;
const workingRateHz = 250;
const none: readonly QrsDetection[] = [];
/** Places in the row of running numbers. */
const [pendingSum, lastMv] = [0, 1];

/**
 * A detector for one ECG lead at 100–1000 Hz, either polarity, 0.1–10 mV.
 * Measured by the rules of EC57 on mitdb channel 0 (see the `qrs` task); its constants were tuned on DS1, one rule of the judge on CinC 2017.
 */
export function createQrsDetector(options: { readonly rateHz: number; readonly state?: QrsState }): QrsDetector {
  const { rateHz, state } = options;
  // 500 Hz and more is averaged down: the QRS band ends far below.
  const factor = Math.max(1, Math.floor(rateHz / workingRateHz));
  const bridge = bridgeS * rateHz;
  const front = createFront(rateHz / factor);
  const judge = createJudge(rateHz / factor, state?.judge);
  if (state !== undefined) front.restore(state.front);
  // One object for all samples.
  const now: { count: number; levelMv: number; candidate: Candidate | undefined } = { count: 0, levelMv: 0, candidate: undefined };
  let index = state?.index ?? 0;
  let pendingCount = state?.pendingCount ?? 0;
  let missing = state?.missing ?? 0;
  let isRunning = state?.isRunning ?? false;
  // Kept in a row of numbers: a variable that a closure shares is a new object each time a fraction is put into it.
  const sums = Float64Array.of(state?.pendingSum ?? 0, state?.lastMv ?? 0);
  const verdicts: Verdict[] = [];

  function endStretch(): void {
    if (!isRunning) return;
    isRunning = false;
    judge.end(front.end(), verdicts);
  }

  function step(mv: number): void {
    if (!isRunning) {
      isRunning = true;
      judge.begin(front.count());
    }
    now.candidate = front.step(mv);
    now.count = front.count();
    now.levelMv = front.level();
    judge.step(now, verdicts);
  }

  const toDetection = (v: Verdict): QrsDetection => ({ index: v.candidate.fiducial * factor + (factor >> 1), strength: v.strength });
  const takeDetections = (): readonly QrsDetection[] => (verdicts.length === 0 ? none : verdicts.splice(0).map(toDetection));

  return {
    push(samplesMv) {
      for (let i = 0; i < samplesMv.length; i++) {
        const mv = samplesMv[i] as number;
        if (Number.isFinite(mv)) {
          missing = 0;
          sums[lastMv] = mv;
        } else if (++missing > bridge) endStretch();
        index++;
        sums[pendingSum] = (sums[pendingSum] as number) + (sums[lastMv] as number);
        if (++pendingCount < factor) continue;
        if (missing > bridge || (missing > 0 && !isRunning)) front.skip(1);
        else step((sums[pendingSum] as number) / factor);
        sums[pendingSum] = 0;
        pendingCount = 0;
      }
      return takeDetections();
    },
    end() {
      endStretch();
      return takeDetections();
    },
    state: () => ({
      ...{ rateHz, index, pendingSum: sums[pendingSum] as number, pendingCount, missing, lastMv: sums[lastMv] as number, isRunning },
      ...{ front: front.state(), judge: judge.state() },
    }),
  };
}
