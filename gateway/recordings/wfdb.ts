/** WFDB records on disk: the thin file layer over header, signals and annotations. It reads whole records and never changes what it reads. */

import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { readBounded } from "../runtime/read-bounded.ts";
import { type AnnotationFile, parseAnnotations } from "./annotations.ts";
import { encodeRecord, type RecordToWrite } from "./encode-record.ts";
import { maxHeaderBytes, parseHeader, type RecordHeader, type SignalSpec } from "./header.ts";
import { decodeSamples, formatOf, matlabV4Layout, NO_VALUE } from "./signal-formats.ts";

export interface WfdbRecord {
  readonly header: RecordHeader;
  /** ADC counts, one array per signal in header order, `frames · samplesPerFrame` long; NO_VALUE where there is none. */
  readonly signals: readonly Int32Array[];
  readonly warnings: readonly string[];
}

/** Node reads no more at once; 24 h of 12 leads at 500 Hz are 1 GB. */
const maxSignalBytes = 2 ** 31 - 1;

/**
 * Reads a record given its path without extension (a trailing `.hea` is taken off).
 * Throws `recording.not_found`, `recording.too_large` (operator), `recording.header_malformed`, `recording.truncated`, `recording.checksum`, `recording.damaged` (world), `recording.unsupported` (operator); each names the file.
 */
export async function readRecord(path: string): Promise<WfdbRecord> {
  const base = path.replace(/\.hea$/, "");
  const label = `${base}.hea`;
  const header = parseHeader((await readBytes(label, maxHeaderBytes)).toString("latin1"), label);
  const warnings = [...header.warnings];
  // By its place on disk, so that other spellings of one name don't read it again for each signal.
  const pathOf = ({ fileName }: SignalSpec) => join(dirname(base), fileName);
  const signals: Int32Array[] = new Array(header.signals.length);
  for (const file of new Set(header.signals.map(pathOf))) {
    const members = header.signals.flatMap((spec, index) => (pathOf(spec) === file ? [index] : []));
    const specs = members.map((index) => header.signals[index] as SignalSpec);
    const group = decodeGroup(specs, await readSignals(file, dirname(base)), { frameCount: header.frameCount, label: file });
    group.forEach((samples, k) => {
      signals[members[k] as number] = samples;
    });
  }
  header.signals.forEach((spec, i) => {
    const samples = signals[i] as Int32Array;
    const where = pathOf(spec);
    warnings.push(...verify(spec, samples, where));
    finish(samples, spec, where);
  });
  const frameCount = Math.min(
    ...header.signals.map((spec, i) => Math.floor((signals[i] as Int32Array).length / spec.samplesPerFrame)),
    Infinity,
  );
  return { header: { ...header, ...(Number.isFinite(frameCount) ? { frameCount } : {}) }, signals, warnings };
}

/** Reads `PATH.EXT`. Throws `recording.not_found` (operator) or `recording.annotation_damaged` (world). */
export async function readAnnotations(path: string, extension: string): Promise<AnnotationFile> {
  const label = `${path}.${extension}`;
  return parseAnnotations(await readBytes(label), label);
}

/** Writes `NAME.hea` and `NAME.dat` into a folder, signals interleaved, checksums stated. All signals must be of one length. */
export async function writeRecord(folder: string, record: RecordToWrite): Promise<void> {
  const { header, samples } = encodeRecord(record);
  await writeFile(join(folder, `${record.name}.dat`), samples);
  await writeFile(join(folder, `${record.name}.hea`), header);
}

function decodeGroup(specs: readonly SignalSpec[], file: Uint8Array, ctx: { frameCount: number | undefined; label: string }): Int32Array[] {
  const format = specs[0]?.format ?? 0;
  if (specs.some((s) => s.format !== format))
    throw new GatewayError("recording.unsupported", "operator", `${ctx.label}: one file with several formats`);
  const perFrame = specs.reduce((sum, s) => sum + s.samplesPerFrame, 0);
  let offset = specs[0]?.byteOffset ?? 0;
  if (/\.mat$/i.test(ctx.label)) {
    const layout = matlabV4Layout(file, ctx.label);
    if (layout.rows !== perFrame)
      throw new GatewayError(
        "recording.damaged",
        "world",
        `${ctx.label}: ${layout.rows} rows where the header describes ${perFrame} signals`,
      );
    offset = layout.dataOffset;
  }
  const bytes = file.subarray(Math.min(offset, file.length));
  const frames = ctx.frameCount ?? Math.floor(formatOf(format, ctx.label).samplesIn(bytes.length) / perFrame);
  const mixed = decodeSamples(format, bytes, frames * perFrame, ctx.label);
  let start = 0;
  return specs.map((spec) => {
    const n = spec.samplesPerFrame;
    const out = new Int32Array(frames * n);
    for (let f = 0, at = start; f < frames; f++, at += perFrame) for (let k = 0; k < n; k++) out[f * n + k] = mixed[at + k] ?? 0;
    start += n;
    return out;
  });
}

function verify(spec: SignalSpec, raw: Int32Array, label: string): string[] {
  if (spec.checksum !== undefined && spec.checksum !== 0) {
    let sum = 0;
    for (let i = 0; i < raw.length; i++) sum = (sum + (raw[i] ?? 0)) | 0;
    if (((sum - spec.checksum) & 0xffff) !== 0)
      throw new GatewayError(
        "recording.checksum",
        "world",
        `${label}: the samples of "${spec.name}" do not add up to the header's checksum`,
        { fields: { file: label } },
      );
  }
  const first = raw[0];
  if (spec.firstValue === undefined || first === undefined || first === spec.firstValue) return [];
  return [`${label}: first sample of "${spec.name}" is ${first}, the header says ${spec.firstValue}`];
}

/** Marks what has no value and takes the skew out. */
function finish(samples: Int32Array, spec: SignalSpec, label: string): void {
  const noValue = formatOf(spec.format, label).noValue;
  for (let i = 0; i < samples.length; i++) if (samples[i] === noValue) samples[i] = NO_VALUE;
  if (spec.skew === 0) return;
  const shift = Math.min(spec.skew * spec.samplesPerFrame, samples.length);
  samples.copyWithin(0, shift);
  samples.fill(NO_VALUE, samples.length - shift);
}

/** Some headers name their files from the top of the database ("a/b.dat" in a/b.hea): such a file lies beside its header. */
async function readSignals(file: string, folder: string): Promise<Buffer> {
  const beside = join(folder, basename(file));
  try {
    return await readBytes(file);
  } catch (error) {
    if (beside === file || (error as GatewayError).code !== "recording.not_found") throw error;
    return readBytes(beside).catch(() => {
      throw error;
    });
  }
}

async function readBytes(path: string, maxBytes = maxSignalBytes): Promise<Buffer> {
  const read = await readBounded(path, maxBytes).catch((cause: unknown) => {
    throw new GatewayError("recording.not_found", "operator", `${path}: cannot be read`, { cause, fields: { file: path } });
  });
  if (Buffer.isBuffer(read)) return read;
  throw new GatewayError("recording.too_large", "operator", `${path}: ${read.tooLargeBytes} bytes; ${maxBytes} are read`, {
    fields: { file: path, bytes: read.tooLargeBytes },
  });
}
