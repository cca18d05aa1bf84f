/** The text header of a WFDB record (`NAME.hea`): parsed to plain data and written back. Pure over text; it never opens a file. */

import { GatewayError } from "../../device-drivers/contract/error.ts";

export interface SignalSpec {
  /** Samples of this signal's file, relative to the header's folder. Signals of one file are interleaved. */
  readonly fileName: string;
  readonly format: number;
  readonly samplesPerFrame: number;
  /** Samples by which this signal lags the others in the file; the reader takes it out. */
  readonly skew: number;
  /** Bytes before the first sample (24 in a MATLAB v4 file). */
  readonly byteOffset: number;
  /** ADC counts per physical unit; 200 where the header gives none. */
  readonly gain: number;
  /** False where the header gives no usable gain (absent, 0 or NaN). */
  readonly isCalibrated: boolean;
  /** The count that means zero physical units. */
  readonly baseline: number;
  readonly unit: string;
  readonly adcResolution: number;
  readonly adcZero: number;
  readonly firstValue?: number;
  /** Sum of all samples modulo 65,536; 0 or absent = not stated. */
  readonly checksum?: number;
  readonly blockSize: number;
  readonly name: string;
}

export interface RecordHeader {
  readonly name: string;
  /** Frames per second. A signal with samplesPerFrame n runs at n times this. */
  readonly rateHz: number;
  /** Frames in the record; absent = to the end of the file. */
  readonly frameCount?: number;
  /** As written, `HH:MM:SS[.sss]` and `DD/MM/YYYY`. */
  readonly baseTime?: string;
  readonly baseDate?: string;
  readonly signals: readonly SignalSpec[];
  readonly comments: readonly string[];
  /** What was odd and read all the same, in plain words. */
  readonly warnings: readonly string[];
}

const defaultRateHz = 250;
const defaultGain = 200;
/** WFDB takes 12 bit where the header says 0 or nothing. */
const defaultAdcResolution = 12;
const maxSignals = 256;
/** header(5) allows 255 characters a line; comments of published records are longer, and none comes near this. */
const maxLineLength = 4096;
/** Every signal described and a thousand lines of comments stay below. */
export const maxHeaderBytes = 256 << 10;
/** Of a field that is quoted in an error. */
const maxQuotedLength = 40;

/**
 * Reads a header. `label` (the file's path) names it in errors. Takes time in proportion to the text, whatever it holds.
 * Throws `recording.header_malformed` (world) and `recording.unsupported` (operator, multi-segment records).
 * Rules: WFDB header(5).
 */
export function parseHeader(text: string, label: string): RecordHeader {
  if (text.length > maxHeaderBytes) throw malformed(label, `longer than ${maxHeaderBytes} bytes`);
  // An editor's byte order mark, read as Latin-1, is no part of the name.
  const lines = text.replace(/^(?:\u00ef\u00bb\u00bf|\ufeff)/, "").split(/\r\n|\n|\r/);
  const tooLong = lines.findIndex((line) => line.length > maxLineLength);
  if (tooLong >= 0) throw malformed(label, `line ${tooLong + 1} is longer than ${maxLineLength} characters`);
  const comments = lines.filter((line) => line.startsWith("#")).map((line) => line.slice(1).trim());
  const content = lines.filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const fields = (content[0] ?? "").trim().split(/\s+/);
  const [name = "", signalCountText = "", rateText, frameText, baseTime, baseDate] = fields;
  if (/^[^/]+\/\d+$/.test(name))
    throw new GatewayError(
      "recording.unsupported",
      "operator",
      `${label}: a record of several segments is not read; each of its segments is`,
    );
  // Some writers put the folder of the record into its name.
  if (!/^[\w.-]+(\/[\w.-]+)*$/.test(name) || !/^\d+$/.test(signalCountText))
    throw malformed(label, 'the first line is not "name signals rate samples"');
  const signalCount = Number(signalCountText);
  const rateHz = rateText === undefined ? defaultRateHz : Number.parseFloat(rateText);
  if (!(rateHz > 0 && Number.isFinite(rateHz))) throw malformed(label, `sampling rate "${quoted(rateText)}" is not a positive number`);
  if (signalCount > maxSignals) throw malformed(label, `${quoted(signalCountText)} signals; at most ${maxSignals} are read`);
  if (frameText !== undefined && !/^\d+$/.test(frameText))
    throw malformed(label, `number of samples "${quoted(frameText)}" is not a whole number`);
  const warnings: string[] = [];
  const signals: SignalSpec[] = [];
  for (let i = 0; i < signalCount; i++) {
    const line = content[1 + i];
    if (line === undefined) throw malformed(label, `${signalCount} signals announced, ${i} described`);
    signals.push(parseSignalLine(line, i, { label, warnings }));
  }
  const frameCount = Number(frameText ?? 0);
  return {
    name,
    rateHz,
    ...(frameCount > 0 ? { frameCount } : {}),
    ...(baseTime === undefined ? {} : { baseTime }),
    ...(baseDate === undefined ? {} : { baseDate }),
    signals,
    comments,
    warnings,
  };
}

/** The header as text, LF at each line's end; `parseHeader` reads it back to the same data (warnings apart). */
export function formatHeader(header: Omit<RecordHeader, "warnings">): string {
  const parts = [header.name, header.signals.length, header.rateHz, header.frameCount ?? 0];
  if (header.baseTime !== undefined) parts.push(header.baseTime);
  if (header.baseTime !== undefined && header.baseDate !== undefined) parts.push(header.baseDate);
  const lines = [parts.join(" ")];
  for (const s of header.signals) {
    const frame = s.samplesPerFrame === 1 ? "" : `x${s.samplesPerFrame}`;
    const skew = s.skew === 0 ? "" : `:${s.skew}`;
    const offset = s.byteOffset === 0 ? "" : `+${s.byteOffset}`;
    const baseline = s.baseline === s.adcZero ? "" : `(${s.baseline})`;
    const gain = `${s.isCalibrated ? s.gain : 0}${baseline}/${s.unit}`;
    const format = `${s.format}${frame}${skew}${offset}`;
    lines.push(
      `${s.fileName} ${format} ${gain} ${s.adcResolution} ${s.adcZero} ${s.firstValue ?? s.adcZero} ${s.checksum ?? 0} ${s.blockSize} ${s.name}`,
    );
  }
  for (const comment of header.comments) lines.push(`# ${comment}`);
  return `${lines.join("\n")}\n`;
}

/** Wall time of the first sample in microseconds since 1970, read as UTC; 2000-01-01T00:00:00Z where the header has none. */
export function baseWallUs(header: Pick<RecordHeader, "baseTime" | "baseDate">): number {
  const time = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?$/.exec(header.baseTime ?? "");
  const date = /^(\d{1,2})\/(\d{1,2})\/(\d{1,4})$/.exec(header.baseDate ?? "");
  const dayMs = date === null ? Date.UTC(2000, 0, 1) : Date.UTC(Number(date[3]), Number(date[2]) - 1, Number(date[1]));
  const seconds = time === null ? 0 : Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3] ?? 0);
  return dayMs * 1000 + Math.round(seconds * 1e6);
}

function parseSignalLine(line: string, index: number, ctx: { label: string; warnings: string[] }): SignalSpec {
  const match = /^(\S+)\s+(\S+)(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+(.*))?$/.exec(
    line.trim(),
  );
  const where = `signal ${index}`;
  if (match === null) throw malformed(ctx.label, `${where}: file and format are missing`);
  const [, fileName = "", formatText = "", gainText, resolutionText, zeroText, firstText, checksumText, blockText, nameText] = match;
  if (/^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)/.test(fileName))
    throw malformed(ctx.label, `${where}: file "${quoted(fileName)}" lies outside the record's folder`);
  const format = /^(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?$/.exec(formatText);
  if (format === null) throw malformed(ctx.label, `${where}: format "${quoted(formatText)}"`);
  const gainParts = /^([^(/]*)(?:\(([^)]*)\))?(?:\/(.*))?$/.exec(gainText ?? "");
  if (gainParts === null) throw malformed(ctx.label, `${where}: gain "${quoted(gainText)}"`);
  const integer = (text: string | undefined, fallback: number, what: string): number => {
    if (text === undefined) return fallback;
    const value = Number(text);
    if (Number.isInteger(value)) return value;
    if (!Number.isNaN(value) || /^nan$/i.test(text)) {
      ctx.warnings.push(`${where}: ${what} "${quoted(text)}" is not a whole number, ${fallback} taken`);
      return fallback;
    }
    throw malformed(ctx.label, `${where}: ${what} "${quoted(text)}"`);
  };
  const gainNumber = gainParts[1] === undefined || gainParts[1] === "" ? 0 : Number(gainParts[1]);
  if (Number.isNaN(gainNumber) && !/^[+-]?nan$/i.test(gainParts[1] ?? ""))
    throw malformed(ctx.label, `${where}: gain "${quoted(gainText)}"`);
  const isCalibrated = Number.isFinite(gainNumber) && gainNumber !== 0;
  if (!Number.isFinite(gainNumber)) ctx.warnings.push(`${where}: gain "${quoted(gainParts[1])}" is not a number, ${defaultGain} taken`);
  const adcZero = integer(zeroText, 0, "ADC zero");
  const resolution = integer(resolutionText, 0, "ADC resolution");
  const name = withoutTail(nameText ?? "").trim();
  return {
    fileName,
    format: Number(format[1]),
    samplesPerFrame: Math.max(1, Number(format[2] ?? 1)),
    skew: Number(format[3] ?? 0),
    byteOffset: Number(format[4] ?? 0),
    gain: isCalibrated ? gainNumber : defaultGain,
    isCalibrated,
    baseline: integer(gainParts[2], adcZero, "baseline"),
    unit: gainParts[3] === undefined || gainParts[3] === "" ? "mV" : gainParts[3],
    adcResolution: resolution > 0 ? resolution : defaultAdcResolution,
    adcZero,
    ...(firstText === undefined ? {} : { firstValue: integer(firstText, adcZero, "first value") }),
    ...(checksumText === undefined ? {} : { checksum: integer(checksumText, 0, "checksum") }),
    blockSize: integer(blockText, 0, "block size"),
    name: name === "" ? `signal ${index}` : name,
  };
}

/** Without the blanks and commas at its end. From the end, for a pattern tries anew at every blank of a long text. */
function withoutTail(text: string): string {
  let end = text.length;
  while (end > 0 && /[\s,]/.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

function quoted(text: string | undefined): string {
  return text !== undefined && text.length > maxQuotedLength ? `${text.slice(0, maxQuotedLength)}…` : `${text}`;
}

function malformed(label: string, what: string): GatewayError {
  return new GatewayError("recording.header_malformed", "world", `${label}: ${what}`, { fields: { file: label } });
}
