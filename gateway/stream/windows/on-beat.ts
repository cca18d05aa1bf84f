/** Windows round each beat of one ECG channel: one early, and one when more signal and beats are there. */

import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import type { BeatRun, ModelSpec } from "../../../models/model-spec.ts";
import type { WindowItem } from "../stream-item.ts";
import { type AskedModel, askedWith, triggeredBy } from "./asked-model.ts";
import { isSpan, longestS } from "./span.ts";

export interface PendingBeat {
  readonly position: number;
  readonly knownAt: number;
  /** RR that ends here in samples; NaN over a gap and for the first beat. */
  readonly rr: number;
}

/** Position of the newest beat that each pass of a model has been given. */
interface Progress {
  first: number;
  final: number;
}

export interface BeatWindowsState {
  readonly beats: readonly PendingBeat[];
  readonly progress: readonly (readonly [string, Progress])[];
}

/** The stream's own account of its samples. */
interface BeatSignal {
  readonly descriptor: StreamDescriptor;
  /** mV from one position up to another; NaN where there is none. */
  samples(from: number, to: number): Float32Array;
  timeUs(position: number): number;
}

interface BeatWindows {
  /** The newest beats, oldest first. */
  readonly beats: readonly PendingBeat[];
  /** Before this position nothing is due. */
  readonly dueAt: number;
  found(beat: PendingBeat): void;
  /** What is due when the samples before `position` are there. */
  due(position: number): WindowItem[];
  state(): BeatWindowsState;
}

const keptBeats = 40;

/** Why no window would ever be made; undefined where one would. */
export function unclaimedOnBeat({ trigger, input }: Pick<ModelSpec<unknown, "beat">, "trigger" | "input">): string | undefined {
  if (input.kind !== "ecg") return `no window is made on a beat for signals of the kind "${input.kind}"`;
  const { beforeS, afterS, runs } = trigger;
  if (![beforeS, afterS, ...runs.flatMap((run) => [run.afterS, run.waitS])].every(isSpan))
    return `a span of its trigger is not within ${longestS} s`;
  return runs.length === 0 ? "its trigger has no run" : undefined;
}

/** Seconds of signal that must be kept for the windows of these models. */
export function beatReachS(models: readonly AskedModel[]): number {
  return triggeredBy("beat", models).reduce((most, { spec }) => Math.max(most, spec.trigger.beforeS + 5), 6);
}

/** RR of a beat as a fact has it. */
export function rrMsOf({ rr }: PendingBeat, rateHz: number): { readonly rrMs?: number } {
  return Number.isNaN(rr) ? {} : { rrMs: (rr * 1000) / rateHz };
}

/** `saved` is read from the state of the stream at `position`; a model that it does not know is not asked about beats that were due by then. */
export function createBeatWindows(
  { descriptor, samples, timeUs }: BeatSignal,
  models: readonly AskedModel[],
  saved?: { readonly state: BeatWindowsState; readonly position: number },
): BeatWindows {
  const { rateHz, device, stream } = descriptor;
  const beatModels = triggeredBy("beat", models);
  const beats: PendingBeat[] = saved?.state.beats.map((beat) => ({ ...beat })) ?? [];
  const progressByModel = new Map(saved?.state.progress.map(([id, progress]): [string, Progress] => [id, { ...progress }]));
  let dueAt = 0;

  const progressOf = (model: string) => {
    const known = progressByModel.get(model) ?? { first: -1, final: -1 };
    progressByModel.set(model, known);
    return known;
  };

  /** Models that look at the same beat in one turn are shown the same samples, so that what they all make of them is made once. */
  let newest: { readonly from: number; readonly to: number; readonly samples: Float32Array } | undefined;
  const around = (from: number, to: number) => {
    if (newest?.from !== from || newest.to !== to) newest = { from, to, samples: samples(from, to) };
    return newest.samples;
  };

  const window = (model: (typeof beatModels)[number], run: BeatRun, index: number, position: number): WindowItem => {
    const beat = beats[index] as PendingBeat;
    const before = Math.ceil(model.spec.trigger.beforeS * rateHz);
    const after = Math.ceil(model.spec.trigger.afterS * rateHz);
    const rrBeforeS: number[] = [];
    for (let i = index; i >= 0 && rrBeforeS.length < 32; i--) rrBeforeS.push((beats[i]?.rr ?? Number.NaN) / rateHz);
    const rrAfterS = run.afterBeats === 0 ? [] : beats.slice(index + 1, index + 1 + run.afterBeats).map((next) => next.rr / rateHz);
    const context = { rateHz, samples: around(beat.position - before, beat.position + after), rIndex: before, rrBeforeS, rrAfterS };
    return {
      kind: "window",
      device,
      stream,
      timeUs: timeUs(beat.position),
      knownUs: timeUs(Math.max(position, beat.knownAt)),
      ...rrMsOf(beat, rateHz),
      ...askedWith(model, context, run.name),
    };
  };

  /** Gives what is due and notes when to look again. A last pass waits for its following beats, but never longer than `waitS` of signal. */
  const eachDue = (model: (typeof beatModels)[number], position: number, onDue: (run: BeatRun, index: number) => void) => {
    const progress = progressOf(model.spec.id);
    const { trigger } = model.spec;
    for (const run of trigger.runs) {
      const after = Math.ceil(trigger.afterS * rateHz);
      for (let index = 0; index < beats.length; index++) {
        const at = beats[index]?.position ?? 0;
        if (at <= progress[run.name]) continue;
        const follower = run.afterBeats > 0 ? beats[index + run.afterBeats] : undefined;
        const followed = follower !== undefined && follower.position <= progress.first;
        const runDueAt = at + (run.name === "first" || followed ? after : Math.round(run.waitS * rateHz));
        if (position < runDueAt) {
          dueAt = Math.min(dueAt, runDueAt);
          break;
        }
        progress[run.name] = at;
        onDue(run, index);
      }
    }
  };

  if (saved !== undefined)
    for (const model of beatModels) if (!progressByModel.has(model.spec.id)) eachDue(model, saved.position, () => {});
  dueAt = 0;

  return {
    beats,
    get dueAt() {
      return dueAt;
    },
    found(beat) {
      beats.push(beat);
      dueAt = 0;
    },
    due(position) {
      const out: WindowItem[] = [];
      newest = undefined;
      dueAt = Number.POSITIVE_INFINITY;
      for (const model of beatModels) eachDue(model, position, (run, index) => out.push(window(model, run, index, position)));
      while (beats.length > keptBeats) beats.shift();
      return out;
    },
    state: () => ({
      beats: beats.map((beat) => ({ ...beat })),
      progress: [...progressByModel].map(([id, progress]) => [id, { ...progress }]),
    }),
  };
}
