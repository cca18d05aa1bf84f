/** Which analysis a stream gets: the ECG's, signs of life, numbers, or numbers beside one of them. */

import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { chooseEcg } from "./ecg/choose-ecg.ts";
import { createEcgStream } from "./ecg/ecg-stream.ts";
import type { AskedModel } from "./model-inputs.ts";
import { createLifeStream } from "./motion/life-stream.ts";
import type { StreamStage } from "./stream-item.ts";
import { numericVitals } from "./vital/numeric-vital.ts";
import { createVitalStream, withVitals } from "./vital/vital-stream.ts";

/** Of what each kind of stage keeps; another number begins afresh. */
const versions = { ecg: 1, life: 1, vital: 1 } as const;

/** Which stages a stream gets, and their versions. */
export function stageVersion(descriptor: StreamDescriptor): string {
  const hasSignal = descriptor.channels.some(({ kind }) => kind === "ppg" || kind === "acc");
  const hasVitals = numericVitals(descriptor).length > 0;
  const kinds: (keyof typeof versions)[] = [];
  if (chooseEcg(descriptor) !== undefined) kinds.push("ecg");
  else if (hasSignal || !hasVitals) kinds.push("life");
  if (hasVitals) kinds.push("vital");
  return kinds.map((kind) => `${kind}-${versions[kind]}`).join("+");
}

export function openStage(descriptor: StreamDescriptor, models: readonly AskedModel[], saved?: unknown): StreamStage {
  const ecg = chooseEcg(descriptor);
  const vitals = numericVitals(descriptor);
  const hasSignal = ecg !== undefined || descriptor.channels.some(({ kind }) => kind === "ppg" || kind === "acc");
  const signal = (from?: unknown) =>
    ecg === undefined ? createLifeStream(descriptor, from) : createEcgStream({ descriptor, channel: ecg, models }, from);
  if (vitals.length === 0) return signal(saved);
  if (hasSignal) return withVitals(signal, { descriptor, vitals }, saved);
  // In a snapshot of an older version this is the state of a sign-of-life stage, which is of no use here.
  const isOwn = typeof saved === "object" && saved !== null && "window" in saved;
  return createVitalStream({ descriptor, vitals, judges: true }, isOwn ? saved : undefined);
}
