/** `eval pose`: a body from six sensors, and completed where some are silent, on recordings of people that the model has not seen (models.md §1.12). */

import { toGatewayError } from "../../device-drivers/contract/error.ts";
import { type MotionPlacement, placements, segments, sensorOf } from "../../models/signal/body.ts";
import type { BodyClip } from "../recordings/body-clip.ts";
import { bootstrapCi95 } from "./bootstrap.ts";
import { type Filling, filled, withoutNetwork } from "./pose-baselines.ts";
import { type MotionRecording, readClip } from "./pose-clips.ts";
import { addSums, type PoseSums, poseFigures, scorePose, segmentFigures } from "./score-pose.ts";
import { type PoseModel, type Samples, tellPose } from "./tell-pose.ts";
import { afterS, burstDrops, type Drop, heardS, type SensorTracks, sensorTracks } from "./virtual-sensors.ts";

const scenarios = ["none", "lost1_2s", "lost2_2s", "lost1_all", "three"] as const;
type Scenario = (typeof scenarios)[number];

/** How a silent sensor is met: by the model, or by a baseline fed to the same network or to none. */
const ways = ["model", "hold", "slerp", "fk_hold", "fk_slerp"] as const;
type Way = (typeof ways)[number];

/** By `scenario way`, and `none@lost1_2s` = with all sensors, over the frames that lost1_2s is judged by. */
type Sums = Readonly<Record<string, PoseSums>>;

interface ClipSums {
  readonly recording: MotionRecording;
  readonly sums: Sums;
}

export async function scoreClips(
  recordings: readonly MotionRecording[],
  model: PoseModel,
  onProgress: (done: number, of: number, name: string) => void,
): Promise<{ scored: ClipSums[]; skipped: { record: string; reason: string }[] }> {
  const scored: ClipSums[] = [];
  const skipped: { record: string; reason: string }[] = [];
  for (const [at, recording] of recordings.entries()) {
    onProgress(at, recordings.length, recording.id);
    try {
      scored.push({ recording, sums: await scoreClip(await readClip(recording), recording.id, model) });
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.kind === "bug") throw error;
      skipped.push({ record: recording.id, reason: error.message });
    }
  }
  onProgress(recordings.length, recordings.length, "");
  return { scored, skipped };
}

async function scoreClip(clip: BodyClip, name: string, model: PoseModel): Promise<Sums> {
  const tracks = sensorTracks(clip, name);
  const sums: Record<string, PoseSums> = {};
  const add = (key: string, more: PoseSums) => {
    sums[key] = sums[key] === undefined ? more : addSums([sums[key], more]);
  };
  const score = (told: Float32Array, counts: (frame: number) => boolean, drops: readonly Drop[]) =>
    scorePose({ truth: clip.rotations, told, offsetsM: clip.offsetsM, rateHz: clip.rateHz }, counts, silentSegments(drops));
  const isHeard = (frame: number) => frame >= heardS * clip.rateHz;
  for (const scenario of scenarios)
    for (const drops of dropsOf(scenario, clip, name)) {
      const samples = samplesOf(tracks, clip.frames, drops);
      const counts = scenario.endsWith("_2s") ? near(drops, clip.rateHz) : isHeard;
      for (const way of scenario === "none" ? (["model", "fk_hold"] as const) : ways) {
        const told = await toldBy(way, samples, { clip, model });
        add(`${scenario} ${way}`, score(told, counts, drops));
        if (scenario === "none" && way === "model")
          for (const other of ["lost1_2s", "lost2_2s"] as const) {
            const [later = []] = dropsOf(other, clip, name);
            add(`none@${other} model`, score(told, near(later, clip.rateHz), later));
          }
      }
    }
  return sums;
}

async function toldBy(way: Way, samples: Samples, { clip, model }: { clip: BodyClip; model: PoseModel }): Promise<Float32Array> {
  if (way === "model") return tellPose(model, samples, clip.frames);
  const stood = filled(samples, way.replace("fk_", "") as Filling);
  return way.startsWith("fk_") ? withoutNetwork(stood, clip.frames) : tellPose(model, stood, clip.frames);
}

/** Each run of a scenario by what is silent when. */
function dropsOf(scenario: Scenario, clip: BodyClip, name: string): readonly (readonly Drop[])[] {
  const throughout = (placement: MotionPlacement): Drop => ({ placement, from: 0, to: clip.frames });
  switch (scenario) {
    case "none":
      return [[]];
    case "lost1_2s":
    case "lost2_2s": {
      const drops = burstDrops(clip, name, scenario === "lost1_2s" ? 1 : 2);
      return drops.length === 0 ? [] : [drops];
    }
    case "lost1_all":
      return placements.filter((placement) => placement !== "pelvis").map((placement) => [throughout(placement)]);
    case "three":
      return [(["pelvis", "left-shank", "right-shank"] as const).map(throughout)];
  }
}

function near(drops: readonly Drop[], rateHz: number): (frame: number) => boolean {
  return (frame) => drops.some(({ from, to }) => frame >= from && frame < to + afterS * rateHz);
}

/** By index, of each frame: what is completed there. */
function silentSegments(drops: readonly Drop[]): (frame: number) => readonly number[] {
  return (frame) => {
    const silent = drops.flatMap(({ placement, from, to }) => (frame >= from && frame < to ? [placement] : []));
    return segments.flatMap((segment, i) => (silent.includes(sensorOf[segment]) ? [i] : []));
  };
}

function samplesOf(tracks: SensorTracks, frames: number, drops: readonly Drop[]): Samples {
  const one = (placement: MotionPlacement) =>
    Array.from({ length: frames }, (_, frame) => {
      const isSilent = drops.some((drop) => drop.placement === placement && frame >= drop.from && frame < drop.to);
      const [rotation, acceleration] = [tracks[placement].rotations[frame], tracks[placement].acceleration[frame]];
      return isSilent || rotation === undefined || acceleration === undefined ? undefined : { rotation, acceleration };
    });
  return Object.fromEntries(placements.map((placement) => [placement, one(placement)])) as unknown as Samples;
}

/** Figures of the clips together, intervals over subjects, and the floor's two ratios. */
export function poseReport(scored: readonly ClipSums[]) {
  const of = (clips: readonly ClipSums[], key: string) => poseFigures(clips.flatMap(({ sums }) => sums[key] ?? []));
  const named = (key: string, figures: object) => Object.entries(figures).map(([metric, value]) => [`${key}_${metric}`, value] as const);
  const metrics: Record<string, number | null> = Object.fromEntries(
    [...scenarios, "none@lost1_2s"].flatMap((scenario) => named(scenario.replace("@", "_at_"), of(scored, `${scenario} model`))),
  );
  const baselines: Record<string, number | null> = Object.fromEntries(
    scenarios.flatMap((scenario) => ways.slice(1).flatMap((way) => named(`${scenario}_${way}`, of(scored, `${scenario} ${way}`)))),
  );
  const bySubject = [...Map.groupBy(scored, ({ recording }) => recording.subject).values()];
  const interval = (figure: (clips: readonly ClipSums[]) => number | null) => bootstrapCi95(bySubject, (sample) => figure(sample.flat()));
  const ratios = { ...gains(scored, of) };
  return {
    metrics: { ...metrics, ...ratios, subjects: bySubject.length } as Readonly<Record<string, number | null>>,
    baselines: Object.fromEntries(Object.entries(baselines).filter(([, value]) => value !== null)) as Readonly<
      Record<string, number | null>
    >,
    ci95: {
      ...Object.fromEntries(
        scenarios.map((scenario) => [`${scenario}_angular_deg`, interval((clips) => of(clips, `${scenario} model`).angular_deg)]),
      ),
      ...Object.fromEntries(Object.keys(ratios).map((key) => [key, interval((clips) => gains(clips, of)[key] ?? null)])),
    },
    segments: segmentFigures(scored.flatMap(({ sums }) => sums["none model"] ?? [])),
    records: scored
      .map((clip) => ({
        record: clip.recording.id,
        subject: clip.recording.subject,
        ...of([clip], "none model"),
        lost1_2s_angular_deg: of([clip], "lost1_2s model").angular_deg,
      }))
      .sort((a, b) => (b.angular_deg ?? 0) - (a.angular_deg ?? 0)),
  };
}

/**
 * Percent: by how much less than a baseline (over the limb that is silent too), and by how much more than with all sensors over the same frames. `ceiling`: by how
 * much less than held it would be were nothing silent at all, which no completion by this network can exceed.
 */
function gains(
  clips: readonly ClipSums[],
  of: (clips: readonly ClipSums[], key: string) => ReturnType<typeof poseFigures>,
): Record<string, number | null> {
  const less = (key: string, than: string, metric: "angular_deg" | "limb_deg" = "angular_deg") => {
    const [own, other] = [of(clips, key)[metric], of(clips, than)[metric]];
    return own === null || other === null ? null : 100 * (1 - own / other);
  };
  const more = (key: string, than: string) => {
    const part = less(key, than);
    return part === null ? null : -part;
  };
  return {
    lost1_2s_under_hold_pct: less("lost1_2s model", "lost1_2s hold"),
    lost1_2s_under_slerp_pct: less("lost1_2s model", "lost1_2s slerp"),
    lost1_2s_over_none_pct: more("lost1_2s model", "none@lost1_2s model"),
    lost1_2s_ceiling_under_hold_pct: less("none@lost1_2s model", "lost1_2s hold"),
    lost1_2s_limb_under_hold_pct: less("lost1_2s model", "lost1_2s hold", "limb_deg"),
    lost1_2s_limb_under_slerp_pct: less("lost1_2s model", "lost1_2s slerp", "limb_deg"),
    lost2_2s_under_hold_pct: less("lost2_2s model", "lost2_2s hold"),
    lost1_all_under_hold_pct: less("lost1_all model", "lost1_all hold"),
  };
}
