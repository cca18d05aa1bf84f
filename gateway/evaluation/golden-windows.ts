/** A model's golden windows as its `features` is shown them: what its training side wrote into golden.json. */

import { readFileSync } from "node:fs";
import type { ModelSpec } from "../../models/model-spec.ts";

type Features = Parameters<ModelSpec["features"]>;

/** What the training side was given, and what came out of it there. */
export interface GoldenWindow {
  readonly name: string;
  /** "continue": the memory goes on from the case before. */
  readonly memory: "fresh" | "continue";
  readonly run: Features[2];
  readonly context: Features[0];
  /** Outputs of the shipped file by name. */
  readonly outputs: Readonly<Record<string, Float32Array>>;
}

interface GoldenFile {
  readonly cases: readonly {
    readonly name: string;
    readonly memory: GoldenWindow["memory"];
    readonly run: GoldenWindow["run"];
    /** What the trigger shows, as JSON: rows of samples as lists, null for NaN. */
    readonly context: object;
    readonly outputs: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
  }[];
}

export function goldenWindows({ folder }: Pick<ModelSpec, "folder">): GoldenWindow[] {
  const { cases } = JSON.parse(readFileSync(new URL("golden.json", folder), "utf8")) as GoldenFile;
  return cases.map(({ name, memory, run, context, outputs }) => ({
    ...{ name, memory, run },
    context: revived(context) as GoldenWindow["context"],
    outputs: Object.fromEntries(Object.entries(outputs.int8 ?? {}).map(([key, values]) => [key, Float32Array.from(values)])),
  }));
}

/** Samples of a window; `placements` has rows of them by name. */
const sampleKeys = ["samples", "channels", "placements"];

/** JSON has no NaN and no typed arrays. */
function revived(value: unknown, isSamples = false): unknown {
  if (Array.isArray(value)) {
    if (value.every((each) => each === null || typeof each === "number")) {
      const numbers = value.map((each) => each ?? Number.NaN);
      return isSamples ? Float32Array.from(numbers) : numbers;
    }
    return value.map((each) => revived(each, isSamples));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, revived(each, isSamples || sampleKeys.includes(name))]));
}
