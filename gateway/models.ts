/** Brings the house's models together: specs from the registry, packages checked against it, the host started. */

import type { Clock } from "../device-drivers/contract/clock.ts";
import { modelRegistry } from "../models/index.ts";
import type { ModelSpec } from "../models/model-spec.ts";
import type { ModelHost } from "./inference/inference-port.ts";
import { type HostLog, startModelHost } from "./inference/model-host.ts";
import { openModelPackages, type PackageSource } from "./inference/model-package.ts";

export interface Models {
  readonly host: ModelHost;
  readonly specs: readonly ModelSpec[];
  readonly versions: Readonly<Record<string, string>>;
  /** What each model has learnt from, as its manifest lists it ("mitdb/101"). */
  readonly trainedOn: Readonly<Record<string, readonly string[]>>;
}

export interface ModelsOptions {
  readonly clock: Clock;
  /** False in replay: there no clock may decide a result. */
  readonly timeouts: boolean;
  /** Is told of every package that is refused. */
  readonly log?: HostLog;
  /** Packages given from outside instead of the built-in ones, by id. */
  readonly instead?: Readonly<Record<string, Pick<PackageSource, "folder" | "manifestSha256">>>;
  /** Another child to compute in (`inference/wire.ts`). */
  readonly childUrl?: URL;
}

/** A model whose package is damaged is refused and said; the house runs on without it. */
export async function startModels({ clock, timeouts, log, childUrl, instead = {} }: ModelsOptions): Promise<Models> {
  const specs: ModelSpec[] = [];
  const sources: PackageSource[] = [];
  for (const [id, entry] of Object.entries(modelRegistry)) {
    const spec = await entry.load();
    specs.push(spec);
    const { folder, manifestSha256 } = instead[id] ?? { folder: spec.folder, manifestSha256: entry.manifestSha256 };
    sources.push({ id, folder, manifestSha256, timeoutMs: spec.resultTimeoutMs });
  }
  const models = await openModelPackages(sources, ({ code, message, fields }) => log?.warn({ code, ...fields }, message));
  const host = await startModelHost({
    ...{ models, clock, timeouts },
    ...(log === undefined ? {} : { log }),
    ...(childUrl === undefined ? {} : { childUrl }),
  });
  const trainedOn = models.map(({ id, manifest }): [string, readonly string[]] => [
    id,
    (manifest as { trainedOn?: string[] } | undefined)?.trainedOn ?? [],
  ]);
  return {
    host,
    specs,
    versions: Object.fromEntries(models.map(({ id, version }) => [id, version])),
    trainedOn: Object.fromEntries(trainedOn),
  };
}
