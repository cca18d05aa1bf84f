/** Brings the house's models together: specs from the registry, packages checked against it, the host started. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import { modelRegistry, type RegisteredModel } from "../../models/index.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import type { Log } from "../runtime/log.ts";
import { unclaimed } from "../stream/windows/index.ts";
import type { ModelHost } from "./inference-port.ts";
import { startModelHost } from "./model-host.ts";
import { type HostModel, openModelPackages, type PackageSource } from "./model-package.ts";

export interface Models {
  readonly host: ModelHost;
  /** Those that are asked. */
  readonly specs: readonly ModelSpec[];
  readonly versions: Readonly<Record<string, string>>;
  /** What each model has learnt from, as its manifest lists it ("mitdb/101"). */
  readonly trainedOn: Readonly<Record<string, readonly string[]>>;
  /** Of the file that runs: its bytes, and the learnt numbers in it; absent for one that is refused. */
  readonly sizes: Readonly<Record<string, { readonly bytes: number; readonly parameters: number } | undefined>>;
}

export interface ModelsOptions {
  readonly clock: Clock;
  /** False in replay: there no clock may decide a result. */
  readonly timeouts: boolean;
  /** Is told of every package that is refused. */
  readonly log?: Pick<Log, "info" | "warn">;
  /** THE list unless told. */
  readonly registry?: Readonly<Record<string, RegisteredModel>>;
  /** Packages given from outside instead of the built-in ones, by id. */
  readonly instead?: Readonly<Record<string, Pick<PackageSource, "folder" | "manifestSha256">>>;
  /** Another child to compute in (`inference/wire.ts`). */
  readonly childUrl?: URL;
}

/** A model whose package is damaged, or that would never be asked, is refused and said; the house runs on without it. */
export async function startModels(options: ModelsOptions): Promise<Models> {
  const { clock, timeouts, log, childUrl, instead = {}, registry = modelRegistry } = options;
  const onRefused = ({ code, message, fields }: GatewayError) => log?.warn({ code, ...fields }, message);
  const specs: ModelSpec[] = [];
  const sources: PackageSource[] = [];
  const unasked: HostModel[] = [];
  for (const [id, entry] of Object.entries(registry)) {
    const spec = await entry
      .load()
      .then(usable(id, Object.keys(registry)))
      .catch((thrown): undefined => {
        const error = toGatewayError(thrown, "model.unloadable");
        onRefused(error);
        unasked.push({ id, version: "", sha256: "", precision: "", timeoutMs: 0, refused: `${error.code}: ${error.message}` });
      });
    if (spec === undefined) continue;
    specs.push(spec);
    const { folder, manifestSha256 } = instead[id] ?? { folder: spec.folder, manifestSha256: entry.manifestSha256 };
    sources.push({ id, folder, manifestSha256, timeoutMs: spec.resultTimeoutMs });
  }
  const models = [...(await openModelPackages(sources, onRefused)), ...unasked];
  const host = await startModelHost({
    ...{ models, clock, timeouts },
    ...(log === undefined ? {} : { log }),
    ...(childUrl === undefined ? {} : { childUrl }),
  });
  const trainedOn = models.map(({ id, manifest }): [string, readonly string[]] => [
    id,
    (manifest as { trainedOn?: string[] } | undefined)?.trainedOn ?? [],
  ]);
  const sizes = models.map(
    ({ id, bytes, parameters = 0 }) => [id, bytes === undefined ? undefined : { bytes: bytes.length, parameters }] as const,
  );
  return {
    host,
    specs,
    versions: Object.fromEntries(models.map(({ id, version }) => [id, version])),
    trainedOn: Object.fromEntries(trainedOn),
    sizes: Object.fromEntries(sizes),
  };
}

/** Throws `model.unclaimed` (bug) for a spec that no window maker would ever ask. */
const usable = (id: string, all: readonly string[]) => (spec: ModelSpec) => {
  const reason =
    spec.id === id
      ? unclaimed(
          spec,
          all.filter((other) => other !== id),
        )
      : `its spec calls itself ${spec.id}`;
  if (reason !== undefined)
    throw new GatewayError("model.unclaimed", "bug", `Model ${id} is refused: ${reason}.`, { fields: { model: id } });
  return spec;
};
