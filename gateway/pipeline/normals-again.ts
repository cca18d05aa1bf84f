/**
 * What people have called normal goes on with another version of the model: the network of now is shown those windows again, and what it says of them goes into
 * the memory of now. A window that this version cannot be shown again is left out; it is told again when it comes again.
 */

import type { AskedWindow } from "../../device-drivers/contract/result.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import { type DatedLearnAct, evidenceOf, keptEvidence } from "../facts/learning.ts";
import { addNormals, emptyMemory, type Memory } from "../personal/memory.ts";
import { keyOf } from "../personal/personal.ts";
import type { PersonOptions } from "./person.ts";

interface NormalsAgainOptions extends Pick<PersonOptions, "models" | "versions" | "submit" | "learnActs"> {
  readonly idle: () => Promise<void>;
  /** From here on a memory learns that has nothing yet. */
  readonly toUs: number;
}

/** `memories` with the normals that those of other versions in `outdated` had. */
export async function normalsAgain(
  memories: readonly Memory[],
  outdated: readonly Memory[],
  options: NormalsAgainOptions,
): Promise<readonly Memory[]> {
  const byKey = new Map(memories.map((each) => [keyOf(each), each]));
  const acts = options.learnActs?.() ?? [];
  for (const before of outdated) {
    const spec = options.models.find(({ id }) => id === before.model);
    const personal = spec?.personal;
    const numbers = new Set(before.normals.map(({ number }) => number));
    const own = acts.filter(({ number }) => numbers.has(number));
    if (spec === undefined || personal === undefined || own.length === 0) continue;
    const { model, of } = before;
    const memory = byKey.get(keyOf(before)) ?? emptyMemory({ model, of, version: options.versions[model] ?? "" }, personal, options.toUs);
    for (const act of own) {
      const described = await describedAgain(act, spec, personal, options);
      if (described !== undefined) addNormals(memory, personal, described);
    }
    byKey.set(keyOf(memory), memory);
  }
  return [...byKey.values()];
}

/** The act with its windows as the network of now describes them; undefined where none of them can be. */
async function describedAgain(
  dated: DatedLearnAct,
  spec: ModelSpec,
  personal: NonNullable<ModelSpec["personal"]>,
  { submit, idle }: NormalsAgainOptions,
): Promise<DatedLearnAct | undefined> {
  if (dated.act.kind !== "normal") return undefined;
  const evidence: ReturnType<typeof evidenceOf>[] = [];
  for (const kept of dated.act.evidence) {
    const was = evidenceOf(kept);
    const tensors = personal.shownAgain?.(was);
    if (tensors === undefined) continue;
    const { timeUs, rrMs } = was;
    const about = [{ device: "", stream: dated.act.of }] as const;
    const window: AskedWindow = { pass: "first", about, timeUs, knownUs: timeUs, ...(rrMs === undefined ? {} : { rrMs }) };
    submit(spec.id, tensors, (answer) => {
      if (answer.kind !== "outputs") return;
      const outcome = spec.read(answer.outputs, window);
      if (outcome.kind === "vector" && outcome.vector.every(Number.isFinite)) evidence.push({ ...was, vector: outcome.vector });
    });
  }
  await idle();
  return evidence.length === 0 ? undefined : { ...dated, act: { ...dated.act, evidence: evidence.map(keptEvidence) } };
}
