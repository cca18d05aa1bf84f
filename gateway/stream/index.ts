/** THE list of analysers. The first of it that wants a stream judges its quality and tells its gaps. */

import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { Analyser } from "./analyser.ts";
import { ecg } from "./ecg/analyser.ts";
import { life } from "./motion/analyser.ts";
import { pulse } from "./pulse/analyser.ts";
import type { StreamItem, StreamStage } from "./stream-item.ts";
import { vital } from "./vital/analyser.ts";
import { type AskedModel, triggeredBy } from "./windows/asked-model.ts";
import { createHopWindows } from "./windows/on-hop.ts";

const all: readonly Analyser[] = [ecg, life, pulse, vital];

/** Those that are given the stream, in the order of the list. */
export function analysersOf(descriptor: StreamDescriptor, list = all): readonly Analyser[] {
  const willing = list.filter((analyser) => analyser.wants(descriptor) !== undefined);
  return willing.filter(({ notBeside = [] }) => !willing.some(({ name }) => notBeside.includes(name)));
}

/** Which analysers a stream is given, and their versions. */
export function stageVersion(descriptor: StreamDescriptor): string {
  return analysersOf(descriptor)
    .map(({ name, version }) => `${name}-${version}`)
    .join("+");
}

export function openStage(descriptor: StreamDescriptor, models: readonly AskedModel[], saved?: unknown, list = all): StreamStage {
  const analysers = analysersOf(descriptor, list);
  const open = (analyser: Analyser, judges: boolean, from: unknown) =>
    analyser.create({ descriptor, channels: analyser.wants(descriptor) ?? [], models, judges }, from);
  const [first, ...others] = analysers;
  if (first === undefined) throw new RangeError("a stream without an analyser");
  const states = statesOf(saved, first.name);
  const judge = open(first, true, states[first.name]);
  const beside = others.map((analyser) => ({ name: analyser.name, stage: open(analyser, false, states[analyser.name]) }));
  if (triggeredBy("hop", models).length > 0) beside.push({ name: hopName, stage: createHopWindows(descriptor, models, states[hopName]) });
  if (beside.length === 0) return judge;
  return {
    push: (block) => [...judge.push(block), ...beside.flatMap(({ stage }) => stage.push(block).filter(judgesNothing))],
    get passedUs() {
      return judge.passedUs;
    },
    state: () => ({
      byName: { [first.name]: judge.state(), ...Object.fromEntries(beside.map(({ name, stage }) => [name, stage.state()])) },
    }),
  };
}

/** Where windows at even distances keep their state; the name of no analyser. */
const hopName = "windows/hop";

const judgesNothing = ({ kind }: StreamItem) => kind !== "quality" && kind !== "gap";

/** By analyser. Snapshots of earlier versions have `base` and `vitals` instead, or the state of the first alone. */
function statesOf(saved: unknown, first: string): Readonly<Record<string, unknown>> {
  if (typeof saved !== "object" || saved === null) return {};
  const { byName, base, vitals } = saved as { byName?: Readonly<Record<string, unknown>>; base?: unknown; vitals?: unknown };
  if (byName !== undefined) return byName;
  return "base" in saved && "vitals" in saved ? { [first]: base, vital: vitals } : { [first]: saved };
}
