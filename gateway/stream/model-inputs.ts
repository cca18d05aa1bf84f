/**
 * The personal memory of each model on each stream, and the one place where `features` is called. A fault there costs its own window and leaves the memory as it
 * was. A stream that is new begins with what was learnt last at its placement: another strap does not forget its wearer. It has a copy of its own, for two
 * devices may be worn at one placement at a time.
 */

import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { ModelSpec, Tensor } from "../../models/model-spec.ts";
import { copied } from "../facts/copied.ts";
import type { Guard } from "../facts/guarded.ts";
import { streamKey } from "./stream-item.ts";
import { followersOf } from "./windows/after-result.ts";
import type { AskedModel } from "./windows/asked-model.ts";
import { isAskedAbout, isOfPerson } from "./windows/index.ts";

export interface MemoryState {
  readonly model: string;
  /** "device/stream", or `ofPerson`. */
  readonly of: string;
  /** Where the stream is measured; absent for the person, and in snapshots of earlier versions until the stream is opened. */
  readonly placement?: string;
  /** Counts the windows of a person: at a placement the largest learnt last. Absent in snapshots of earlier versions. */
  readonly serial?: number;
  readonly memory: unknown;
}

export interface ModelInputs {
  /** The models that are asked about a stream that is opened, each with what it remembers of it or of its placement. */
  of(descriptor: StreamDescriptor): AskedModel[];
  /** Those that are asked about the person. */
  ofPerson(): AskedModel[];
  /** One of them, about a stream ("device/stream") or the person. */
  asked(spec: ModelSpec, of?: string): AskedModel;
  /** What was learnt of this stream no longer holds: its signal is another. Without one, of all. */
  forget(descriptor?: StreamDescriptor): void;
  state(): MemoryState[];
}

/** Names the memory of a model that is asked about the person. */
export const ofPerson = "person";

/** The models that would be asked about a stream, those that follow one of them included. */
export function askedAbout(descriptor: StreamDescriptor, specs: readonly ModelSpec[]): ModelSpec[] {
  return withFollowers(
    specs.filter((spec) => isAskedAbout(spec, descriptor)),
    specs,
  );
}

/** The models that would be asked about the person. */
export function askedOfPerson(specs: readonly ModelSpec[]): ModelSpec[] {
  return withFollowers(specs.filter(isOfPerson), specs);
}

function withFollowers(asked: readonly ModelSpec[], specs: readonly ModelSpec[]): ModelSpec[] {
  const all = new Set(asked);
  for (const { id } of all) for (const follower of followersOf(id, specs)) all.add(follower);
  return [...all];
}

export function createModelInputs(specs: readonly ModelSpec[], guard: Guard, saved: readonly MemoryState[] = []): ModelInputs {
  /** As they were after the last window that went well. */
  const memories = new Map<string, MemoryState>();
  const keyOf = (model: string, of: string) => `${model} ${of}`;
  for (const each of saved) memories.set(keyOf(each.model, each.of), { ...each });
  const placements = new Map(saved.map(({ of, placement }) => [of, placement]));
  let serial = Math.max(0, ...saved.map((each) => each.serial ?? 0));

  const newestAt = (placement: string, model: string) => {
    const there = [...memories.values()].filter((each) => each.model === model && each.placement === placement);
    return there.reduce<MemoryState | undefined>((most, each) => ((each.serial ?? 0) > (most?.serial ?? -1) ? each : most), undefined);
  };

  const open = (descriptor: StreamDescriptor) => {
    const { placement } = descriptor;
    const of = streamKey(descriptor);
    placements.set(of, placement);
    const models = askedAbout(descriptor, specs);
    if (placement === undefined) return models;
    for (const { id } of models) {
      const from = memories.get(keyOf(id, of)) ?? newestAt(placement, id);
      if (from !== undefined) memories.set(keyOf(id, of), { ...from, of, placement });
    }
    return models;
  };

  const asked = (spec: ModelSpec, of = ofPerson): AskedModel => {
    const key = keyOf(spec.id, of);
    const part = `model/${spec.id}`;
    /** The model's own copy; undefined where it has to be made anew. */
    let working: unknown;
    return {
      spec,
      isFollowed: followersOf(spec.id, specs).length > 0,
      tensors(context, run) {
        return guard(
          part,
          () => {
            const kept = memories.get(key);
            const memory = working ?? (kept === undefined ? spec.initialMemory() : copied(kept.memory));
            // What throws half-way has changed nothing that is kept.
            working = undefined;
            const tensors = spec.features(context, memory, run);
            for (const [name, tensor] of Object.entries(tensors)) requireTensor(name, tensor);
            const placement = placements.get(of);
            const next = { model: spec.id, of, serial: ++serial, memory: copied(memory) };
            memories.set(key, { ...next, ...(placement === undefined ? {} : { placement }) });
            working = memory;
            return tensors;
          },
          () => undefined,
        );
      },
    };
  };

  return {
    of: (descriptor) => open(descriptor).map((spec) => asked(spec, streamKey(descriptor))),
    ofPerson: () => askedOfPerson(specs).map((spec) => asked(spec)),
    asked,
    forget(descriptor) {
      for (const [key, { of }] of memories) if (descriptor === undefined || of === streamKey(descriptor)) memories.delete(key);
    },
    state: () => [...memories.values()].map((each) => ({ ...each })),
  };
}

/** What is no tensor would end the child's turn or this process's message to it. */
function requireTensor(name: string, { data, shape }: Tensor): void {
  const size = shape.reduce((product, length) => product * length, 1);
  if (!(data instanceof Float32Array) || data.length !== size) throw new RangeError(`the input ${name} is no tensor of its shape`);
}
