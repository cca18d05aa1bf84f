/** Opens a package folder and checks it against the hash that the registry trusts, before anything of it is loaded. It never runs a model. */

import { createHash } from "node:crypto";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import { readBounded } from "../runtime/read-bounded.ts";
import { readOnnx } from "./onnx-file.ts";

/** What the host is given: a checked file, or the reason why there is none. */
export interface HostModel {
  readonly id: string;
  readonly version: string;
  /** Of the ONNX file, as hex. */
  readonly sha256: string;
  readonly precision: string;
  /** As `resultTimeoutMs` of the spec: then a window counts as `unknown/timeout`. */
  readonly timeoutMs: number;
  /** The checked ONNX file; absent when `refused` says why. */
  readonly bytes?: Uint8Array;
  /** Learnt numbers in it. */
  readonly parameters?: number;
  readonly refused?: string;
  readonly metrics?: unknown;
  readonly manifest?: ModelManifest;
}

interface ManifestFile {
  readonly path: string;
  readonly precision?: string;
  readonly bytes?: number;
  readonly sha256: string;
}

interface ModelManifest {
  readonly id: string;
  readonly version: string;
  readonly files: readonly ManifestFile[];
  readonly runtime: { readonly ops: readonly string[] };
  readonly metrics?: unknown;
}

export interface PackageSource {
  readonly id: string;
  /** Ends in "/". */
  readonly folder: URL;
  /** Hex SHA-256 of the exact bytes of manifest.json, as the registry trusts it. */
  readonly manifestSha256: string;
  readonly timeoutMs: number;
  /** Which of the package's files; "model.onnx" unless told. */
  readonly file?: string;
}

/** Of each file of a package, looked at before it is read. Far above any model of the house (≤ 200 kB each), far below what would hurt. */
const sizeLimitBytes = 8 << 20;
/** A package is a model, its card and a few vectors. */
const fileLimit = 16;

/**
 * Reads and checks one package. Throws `model.missing`, `model.hash_mismatch`, `model.bad_manifest`, `model.bad_file`, `model.size`, `model.op_not_allowed`,
 * each of kind operator: the package must be replaced.
 */
export async function openModelPackage(source: PackageSource): Promise<HostModel> {
  const manifestBytes = await read(source, "manifest.json");
  requireHash(source, "manifest.json", manifestBytes, source.manifestSha256);
  const manifest = parseManifest(source, manifestBytes);
  const name = source.file ?? "model.onnx";
  if (manifest.files.length > fileLimit)
    refuse(source, "model.size", `its manifest lists ${manifest.files.length} files; ${fileLimit} are allowed`);
  let model: { bytes: Uint8Array; entry: ManifestFile } | undefined;
  for (const entry of manifest.files) {
    const bytes = await read(source, entry.path);
    requireHash(source, entry.path, bytes, entry.sha256);
    if (entry.bytes !== undefined && entry.bytes !== bytes.length) {
      refuse(source, "model.size", `${entry.path} has ${bytes.length} bytes; the manifest says ${entry.bytes}`);
    }
    if (entry.path === name) model = { bytes, entry };
  }
  if (model === undefined) return refuse(source, "model.bad_manifest", `its manifest does not list ${name}`);
  const { parameters } = requireOps(source, model.bytes, manifest);
  return {
    id: source.id,
    version: manifest.version,
    sha256: model.entry.sha256,
    precision: model.entry.precision ?? "fp32",
    timeoutMs: source.timeoutMs,
    bytes: model.bytes,
    parameters,
    manifest,
    ...(manifest.metrics === undefined ? {} : { metrics: manifest.metrics }),
  };
}

/** Opens every package; a damaged one becomes an entry that the host refuses, so that it harms only itself. */
export function openModelPackages(sources: readonly PackageSource[], onRefused?: (error: GatewayError) => void): Promise<HostModel[]> {
  return Promise.all(
    sources.map((source) =>
      openModelPackage(source).catch((thrown): HostModel => {
        const error = toGatewayError(thrown, "model.unreadable");
        onRefused?.(error);
        const { id, timeoutMs } = source;
        return { id, version: "", sha256: "", precision: "", timeoutMs, refused: `${error.code}: ${error.message}` };
      }),
    ),
  );
}

async function read(source: PackageSource, path: string): Promise<Uint8Array> {
  // A manifest names files beside it and nowhere else.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(path))
    return refuse(source, "model.bad_manifest", "its manifest names a file outside the package");
  const bytes = await readBounded(new URL(path, source.folder), sizeLimitBytes).catch((cause: unknown) => {
    throw new GatewayError("model.missing", "operator", `Model ${source.id}: ${path} cannot be read.`, {
      cause,
      fields: { model: source.id, file: path },
    });
  });
  if (Buffer.isBuffer(bytes)) return bytes;
  return refuse(source, "model.size", `${path} has ${bytes.tooLargeBytes} bytes; ${sizeLimitBytes} are allowed`);
}

function requireHash(source: PackageSource, path: string, bytes: Uint8Array, expected: string): void {
  if (createHash("sha256").update(bytes).digest("hex") === expected.toLowerCase()) return;
  refuse(source, "model.hash_mismatch", `${path} is not the file that was trusted (its SHA-256 differs)`);
}

function parseManifest(source: PackageSource, bytes: Uint8Array): ModelManifest {
  let parsed: Partial<ModelManifest> | undefined;
  try {
    parsed = JSON.parse(new TextDecoder().decode(bytes)) as Partial<ModelManifest>;
  } catch (cause) {
    throw new GatewayError("model.bad_manifest", "operator", `Model ${source.id}: manifest.json is not JSON.`, { cause });
  }
  if (parsed?.id !== source.id) refuse(source, "model.bad_manifest", "its manifest has another id");
  const { version, files, runtime } = parsed ?? {};
  if (typeof version !== "string") refuse(source, "model.bad_manifest", "its manifest has no version");
  if (!Array.isArray(files) || files.some((file) => typeof file?.path !== "string" || typeof file.sha256 !== "string")) {
    refuse(source, "model.bad_manifest", "its manifest must list files with path and sha256");
  }
  if (!Array.isArray(runtime?.ops)) refuse(source, "model.bad_manifest", "its manifest must list runtime.ops");
  return parsed as ModelManifest;
}

function requireOps(source: PackageSource, bytes: Uint8Array, manifest: ModelManifest): ReturnType<typeof readOnnx> {
  const contents = readOnnx(bytes);
  if (contents.hasFunctions || contents.hasExternalData) refuse(source, "model.bad_file", "functions and outside weights are not allowed");
  const allowed = new Set(manifest.runtime.ops);
  for (const op of contents.ops)
    if (!allowed.has(op)) refuse(source, "model.op_not_allowed", `operator ${op} is not in its manifest's runtime.ops`);
  return contents;
}

function refuse(source: PackageSource, code: string, why: string): never {
  throw new GatewayError(code, "operator", `Model ${source.id} is refused: ${why}.`, { fields: { model: source.id } });
}
