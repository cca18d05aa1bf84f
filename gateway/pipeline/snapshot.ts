/**
 * What a snapshot holds of one person's river, as bytes: parts that each have a version. A part of another version, or one that is missing, begins afresh and
 * leaves the others as they were. Snapshots from before there were parts are read as the versions of that time.
 */

import { deserialize, serialize } from "node:v8";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import type { Memory } from "../personal/memory.ts";
import { keyOf, type PersonalState } from "../personal/personal.ts";
import { familyVersions } from "../rules/index.ts";
import { stageVersion } from "../stream/index.ts";
import { askedAbout, askedOfPerson, type MemoryState, ofPerson } from "../stream/model-inputs.ts";
import { streamKey } from "../stream/stream-item.ts";
import type { AxisStamps } from "./new-axis.ts";
import { memoriesOf, type PersonState } from "./person-state.ts";

export interface RunState {
  /** When the newest chunk in it came; a snapshot of an older Hearth lacks it. */
  readonly takenUs?: number;
  /** Of the newest chunk; absent in snapshots of earlier versions. */
  readonly stamps?: AxisStamps;
  readonly person: PersonState;
  readonly decider: unknown;
  readonly drivers: [string, unknown][];
}

interface Part {
  readonly version: string;
  readonly state: unknown;
}

export type Parts = Readonly<Record<string, Part>>;

/** What is there to read a snapshot. */
export interface Reader {
  readonly specs: readonly ModelSpec[];
  /** Version of a model's package. */
  readonly modelVersion: (id: string) => string;
  readonly driverName: (device: string) => string;
}

export interface Restored {
  readonly state: RunState;
  /** Names of the parts that begin afresh. */
  readonly fresh: readonly string[];
  /** What another version of a model had learnt of the person. */
  readonly outdated: readonly Memory[];
}

const format = 1;
/** Of what holds the parts together; with another one everything begins afresh. */
const riverVersion = "1";
const rulesVersion = "1";
const deciderVersion = "1";
const personalVersion = "1";
/** Of the packages whose memories snapshots without versions hold. */
const modelVersionsBefore: Readonly<Record<string, string>> = { "ecg-beat": "1.0.0" };

export function toBytes(state: RunState, reader: Reader): Uint8Array {
  return serialize({ format, parts: toParts(state, reader) });
}

/** Throws where the bytes are none that this version can read. */
export function fromBytes(bytes: Uint8Array, reader: Reader): Restored {
  const read = deserialize(bytes) as { readonly format?: number; readonly parts?: Parts } | RunState;
  if ("person" in read) return fromParts(toParts(read, { ...reader, modelVersion: (id) => modelVersionsBefore[id] ?? "" }), reader);
  if (read.format !== format || read.parts === undefined) throw new RangeError(`a snapshot of the format ${read.format}`);
  return fromParts(read.parts, reader);
}

/** `warmed`, for the parts that it has of those that begin afresh. */
export function graft(state: RunState, fresh: readonly string[], warmed: RunState, reader: Reader): RunState {
  const own = toParts(warmed, reader);
  const better = fresh.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]] as const]));
  return fromParts({ ...toParts(state, reader), ...Object.fromEntries(better) }, reader).state;
}

const personalPrefix = "personal/";
/** Names what one model has learnt at one placement. */
export const personalPart = (of: Pick<Memory, "model" | "of">) => `${personalPrefix}${keyOf(of)}`;

interface Branch {
  readonly streams: readonly { readonly descriptor: StreamDescriptor; readonly stage: unknown }[];
  readonly memories: readonly MemoryState[];
  readonly rules: unknown;
}

/** Every memory that the models of now could have of these streams and, outside a past, of the whole person. */
function memoryParts(
  prefix: string,
  descriptors: readonly StreamDescriptor[],
  specs: Reader["specs"],
): { readonly name: string; readonly model: string }[] {
  const part = (model: string, of: string) => ({ name: `${prefix}model/${model}/${of}`, model });
  const ofStreams = descriptors.flatMap((descriptor) => askedAbout(descriptor, specs).map(({ id }) => part(id, streamKey(descriptor))));
  return [...ofStreams, ...(prefix === "" ? askedOfPerson(specs).map(({ id }) => part(id, ofPerson)) : [])];
}

const learningIds = (specs: Reader["specs"]) => new Set(specs.flatMap(({ id, personal }) => (personal === undefined ? [] : [id])));

/** Everything that the models of now could have learnt of who wears these streams. */
function learntParts(
  descriptors: readonly StreamDescriptor[],
  specs: Reader["specs"],
): { readonly name: string; readonly model: string }[] {
  const learning = learningIds(specs);
  return descriptors.flatMap((descriptor) =>
    askedAbout(descriptor, specs).flatMap(({ id }) =>
      learning.has(id) ? [{ name: personalPart({ model: id, of: descriptor.placement ?? streamKey(descriptor) }), model: id }] : [],
    ),
  );
}

type RulesParts = { readonly families?: Readonly<Record<string, unknown>> };

function toParts({ person, decider, drivers, ...river }: RunState, reader: Reader): Parts {
  const parts: Record<string, Part> = {};
  const { lanes, memories: _, following = [], rules, pasts = [], personal, ...rest } = person;
  const withoutStage = <T extends { readonly stage: unknown }>({ stage: _stage, ...stream }: T) => stream;
  const pastsRest = pasts.map(({ streams, memories: _own, rules: _rules, ...past }) => ({ ...past, streams: streams.map(withoutStage) }));
  parts.river = { version: riverVersion, state: { ...river, person: { ...rest, lanes: lanes.map(withoutStage), pasts: pastsRest } } };
  const split = (prefix: string, branch: Branch) => {
    for (const { descriptor, stage } of branch.streams)
      parts[`${prefix}stage/${streamKey(descriptor)}`] = { version: stageVersion(descriptor), state: stage };
    // A model that has seen nothing yet has seen it in its version: it is not afresh at the next start.
    for (const { name, model } of memoryParts(
      prefix,
      branch.streams.map(({ descriptor }) => descriptor),
      reader.specs,
    ))
      parts[name] = { version: reader.modelVersion(model), state: undefined };
    for (const each of branch.memories)
      parts[`${prefix}model/${each.model}/${each.of}`] = { version: reader.modelVersion(each.model), state: each };
    const { families = {}, ...engine } = (branch.rules ?? {}) as RulesParts;
    parts[`${prefix}rules`] = { version: rulesVersion, state: engine };
    for (const [name, state] of Object.entries(families)) parts[`${prefix}rules/${name}`] = { version: familyVersions[name] ?? "", state };
  };
  split("", { streams: lanes, memories: [...memoriesOf(person), ...following], rules });
  for (const [at, past] of pasts.entries()) split(`past/${at}/`, { streams: past.streams, memories: memoriesOf(past), rules: past.rules });
  if (personal !== undefined) {
    const { memories, ...between } = personal;
    parts.personal = { version: personalVersion, state: between };
    for (const { name, model } of learntParts(
      lanes.map(({ descriptor }) => descriptor),
      reader.specs,
    ))
      parts[name] = { version: reader.modelVersion(model), state: undefined };
    for (const each of memories) parts[personalPart(each)] = { version: each.version, state: each };
  }
  parts.decider = { version: deciderVersion, state: decider };
  for (const [device, state] of drivers) parts[`driver/${device}`] = { version: reader.driverName(device), state };
  return parts;
}

function fromParts(parts: Parts, reader: Reader): Restored {
  const fresh: string[] = [];
  const take = (name: string, version: string): unknown => {
    const part = parts[name];
    if (part?.version === version) return part.state;
    fresh.push(name);
    return undefined;
  };
  const river = take("river", riverVersion) as (Pick<RunState, "takenUs" | "stamps"> & { readonly person: PersonState }) | undefined;
  if (river === undefined) throw new RangeError("a snapshot of another river");
  const join = (prefix: string, streams: readonly Pick<Branch["streams"][number], "descriptor">[]) => {
    const asked = memoryParts(
      prefix,
      streams.map(({ descriptor }) => descriptor),
      reader.specs,
    );
    const memories = asked.map(({ name, model }) => take(name, reader.modelVersion(model)));
    const engine = take(`${prefix}rules`, rulesVersion);
    const families = Object.entries(familyVersions).map(([name, version]) => [name, take(`${prefix}rules/${name}`, version)]);
    return {
      stages: streams.map(({ descriptor }) => take(`${prefix}stage/${streamKey(descriptor)}`, stageVersion(descriptor))),
      memories: memories.filter((each): each is MemoryState => each !== undefined),
      rules: engine === undefined ? undefined : { ...engine, families: Object.fromEntries(families) },
    };
  };
  const { lanes, pasts = [], ...rest } = river.person;
  const own = join("", lanes);
  const isFollowing = ({ model }: MemoryState) => reader.specs.some(({ id, trigger }) => id === model && trigger.kind === "after");
  const drivers = Object.entries(parts).flatMap(([name]): [string, unknown][] => {
    const device = name.startsWith("driver/") ? name.slice("driver/".length) : undefined;
    return device === undefined ? [] : [[device, take(name, reader.driverName(device))]];
  });
  const learnt = takePersonal(parts, lanes, reader, take);
  const state: RunState = {
    ...river,
    person: {
      ...rest,
      memories: own.memories.filter((each) => !isFollowing(each)),
      following: own.memories.filter(isFollowing),
      ...{ rules: own.rules, personal: learnt.personal },
      lanes: lanes.map((lane, at) => ({ ...lane, stage: own.stages[at] })),
      pasts: pasts.map((past, at) => {
        const { stages, ...of } = join(`past/${at}/`, past.streams);
        return { ...past, ...of, streams: past.streams.map((stream, i) => ({ ...stream, stage: stages[i] })) };
      }),
    },
    decider: take("decider", deciderVersion),
    drivers,
  };
  return { state, fresh, outdated: learnt.outdated };
}

/** What was learnt by a version that is not the one of now is learnt anew, as is what a model that is new here has not learnt yet. */
function takePersonal(
  parts: Parts,
  lanes: PersonState["lanes"],
  reader: Reader,
  take: (name: string, version: string) => unknown,
): { readonly personal: PersonalState | undefined; readonly outdated: readonly Memory[] } {
  const learning = learningIds(reader.specs);
  if (learning.size === 0 && parts.personal === undefined) return { personal: undefined, outdated: [] };
  const kept = Object.keys(parts).filter((name) => name.startsWith(personalPrefix));
  const wanted = learntParts(
    lanes.map(({ descriptor }) => descriptor),
    reader.specs,
  ).map(({ name }) => name);
  const memories: Memory[] = [];
  const outdated: Memory[] = [];
  for (const name of new Set([...kept, ...wanted])) {
    const was = parts[name]?.state as Memory | undefined;
    // A model that is no longer here keeps what it had learnt, for the day on which it is.
    if (was !== undefined && !learning.has(was.model)) memories.push(was);
    else {
      const memory = take(name, reader.modelVersion(was?.model ?? name.slice(personalPrefix.length).split("/")[0] ?? "")) as
        | Memory
        | undefined;
      if (memory !== undefined) memories.push(memory);
      else if (was !== undefined) outdated.push(was);
    }
  }
  const between = take("personal", personalVersion) as Omit<PersonalState, "memories"> | undefined;
  const placements = lanes.flatMap(({ descriptor: { device, stream, placement } }) =>
    placement === undefined ? [] : [[streamKey({ device, stream }), placement] as const],
  );
  return { personal: { gate: [], lanes: [], active: [], placements, ...between, memories }, outdated };
}
