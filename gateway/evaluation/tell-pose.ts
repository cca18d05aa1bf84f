/** What the gateway makes of six sensors: blocks on its grid of placements, windows, the model's features, the model host, and what is read of its answer. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Channel, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import { type MotionPlacement, placements, segments } from "../../models/signal/body.ts";
import { conjugate, type Quaternion, rotate, type Vector } from "../../models/signal/quaternion.ts";
import { createGuard } from "../facts/guarded.ts";
import type { ModelHost } from "../inference/inference-port.ts";
import { createModelInputs } from "../stream/model-inputs.ts";
import type { PlacedBlock } from "../stream/reorder.ts";
import { createAligned } from "../stream/windows/aligned.ts";

/** A frame of a sensor; undefined while it is silent. */
export type Sample = { readonly rotation: Quaternion; readonly acceleration: Vector } | undefined;
export type Samples = Readonly<Record<MotionPlacement, readonly Sample[]>>;

export interface PoseModel {
  readonly spec: ModelSpec;
  readonly host: Pick<ModelHost, "submit" | "idle">;
}

const rateHz = 30;
const gravity = 9.80665;
/** A beginning of a second, so that frames lie on the grid. */
const beginUs = 1_700_000_000_000_000;
const batch = 6;

const descriptorOf = (placement: MotionPlacement): StreamDescriptor => ({
  ...{ device: placement, stream: "imu", rateHz, placement, contact: "none", sentinels: [] },
  channels: [
    ...["w", "x", "y", "z"].map((part): Channel => ({ id: `q-${part}`, kind: "quaternion", unit: "1", scale: 1, offset: 0 })),
    ...["x", "y", "z"].map((axis): Channel => ({ id: `acc-${axis}`, kind: "acc", unit: "m/s2", scale: 1, offset: 0 })),
  ],
});

/** Frames × 15 × 4 global rotations; NaN where none is told. */
export async function tellPose({ spec, host }: PoseModel, samples: Samples, frames: number): Promise<Float32Array> {
  const guard = createGuard((_, thrown) => {
    throw thrown;
  });
  const aligned = createAligned(createModelInputs([spec], guard).ofPerson(), guard);
  const told = new Float32Array(frames * segments.length * 4).fill(Number.NaN);
  let failed: GatewayError | undefined;
  for (let from = 0; from + batch <= frames; from += batch) {
    for (const placement of placements)
      for (const block of blocksOf(samples[placement], from)) aligned.push(descriptorOf(placement), block);
    for (const window of aligned.step(timeUs(from + batch))) {
      const { tensors = {}, ...asked } = window;
      host.submit(spec.id, tensors, (outcome) => {
        if (outcome.kind === "unknown") {
          failed = new GatewayError("eval.no_answer", "world", `${spec.id} gave no answer: ${outcome.reason}`);
          return;
        }
        const pose = spec.read(outcome.outputs, { ...asked, pass: "final", about: asked.about ?? [asked] });
        const end = Math.round(((window.timeUs - beginUs) / 1e6) * rateHz);
        if (pose.kind === "pose") told.set(pose.rotations, (end * segments.length - pose.states.length) * 4);
      });
    }
  }
  await host.idle();
  if (failed !== undefined) throw failed;
  return told;
}

function timeUs(frame: number): number {
  return beginUs + Math.round((frame / rateHz) * 1e6);
}

/** The unbroken stretches among the next frames. */
function blocksOf(samples: readonly Sample[], from: number): PlacedBlock[] {
  const out: PlacedBlock[] = [];
  for (let at = from; at < from + batch; at++) {
    const run: NonNullable<Sample>[] = [];
    const start = at;
    for (let next = samples[at]; at < from + batch && next !== undefined; next = samples[++at]) run.push(next);
    if (run.length === 0) continue;
    const row = (value: (sample: NonNullable<Sample>) => number) => Float32Array.from(run, value);
    const felt = run.map(({ rotation, acceleration: [x, y, z] }) => rotate(conjugate(rotation), [x, y + gravity, z]));
    const channels = [
      ...[0, 1, 2, 3].map((i) => row(({ rotation }) => rotation[i] ?? Number.NaN)),
      ...[0, 1, 2].map((i) => Float32Array.from(felt, (axes) => axes[i] ?? Number.NaN)),
    ];
    out.push({
      kind: "samples",
      bootId: "clip",
      firstIndex: start,
      count: run.length,
      startUs: timeUs(start),
      arrivalUs: timeUs(start),
      channels,
    });
  }
  return out;
}
