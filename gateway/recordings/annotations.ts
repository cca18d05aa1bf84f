/** Annotation files in the MIT format (`NAME.atr`, `NAME.hearth`), read and written. Pure over bytes; order is kept as it stands in the file. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { codeOf, symbolOf } from "./annotation-codes.ts";

export interface Annotation {
  /** Sample index at the file's rate (the record's own, unless the file states another). */
  readonly sample: number;
  /** Mnemonic: `N`, `V`, `+`, `~`, `[` … */
  readonly symbol: string;
  /** −128 … 127; noise bits with `~`. */
  readonly subtype: number;
  readonly channel: number;
  readonly number: number;
  /** Text, NUL bytes at the end cut off; rhythm labels such as `(AFIB` with `+`. */
  readonly aux: string;
}

export interface AnnotationFile {
  readonly annotations: readonly Annotation[];
  /** Where the file states its own time resolution. */
  readonly rateHz?: number;
}

const skipCode = 59;
const numberCode = 60;
const subtypeCode = 61;
const channelCode = 62;
const auxCode = 63;
const noteSymbol = '"';
const resolutionNote = /^## time resolution: (\d+(?:\.\d+)?)/;

/** Annotation with the fields that are not given at zero or empty. */
export function annotation(sample: number, symbol: string, more: Partial<Omit<Annotation, "sample" | "symbol">> = {}): Annotation {
  return { sample, symbol, subtype: 0, channel: 0, number: 0, aux: "", ...more };
}

/** Reads a whole file. `label` names it in errors: `recording.annotation_damaged` (world). Rules: WFDB annot(5). */
export function parseAnnotations(bytes: Uint8Array, label: string): AnnotationFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const annotations: Annotation[] = [];
  let current: { -readonly [K in keyof Annotation]: Annotation[K] } | undefined;
  let sample = 0;
  let channel = 0;
  let number = 0;
  let at = 0;
  const need = (count: number): void => {
    if (at + count > bytes.length) throw damaged(label, `ends at byte ${bytes.length} inside an annotation`);
  };
  for (;;) {
    need(2);
    const word = view.getUint16(at, true);
    at += 2;
    if (word === 0) break;
    const code = word >> 10;
    const low = word & 0x3ff;
    if (code === skipCode) {
      need(4);
      // The high word comes first, each word little-endian.
      sample += (view.getInt16(at, true) << 16) | view.getUint16(at + 2, true);
      at += 4;
    } else if (code === auxCode) {
      need(low + (low & 1));
      if (current === undefined) throw damaged(label, "text before the first annotation");
      current.aux = Buffer.from(bytes.subarray(at, at + low))
        .toString("utf8")
        .replace(/\0+$/, "");
      at += low + (low & 1);
    } else if (code === numberCode || code === subtypeCode || code === channelCode) {
      if (current === undefined) throw damaged(label, "a field before the first annotation");
      if (code === subtypeCode) current.subtype = signedByte(low);
      // Number and channel stay in force until changed.
      else if (code === numberCode) current.number = number = signedByte(low);
      else current.channel = channel = low & 0xff;
    } else {
      sample += low;
      // A code of 0 with a time step carries time only.
      if (code === 0) continue;
      current = { sample, symbol: symbolOf(code), subtype: 0, channel, number, aux: "" };
      annotations.push(current);
    }
  }
  const first = annotations[0];
  const stated = first !== undefined && first.sample === 0 && first.symbol === noteSymbol ? resolutionNote.exec(first.aux) : null;
  if (stated === null) return { annotations };
  return { annotations: annotations.slice(1), rateHz: Number(stated[1]) };
}

/** The file's bytes. Throws `recording.annotation_invalid` (bug) for an unknown mnemonic, a negative sample or text above 255 bytes. */
export function formatAnnotations(annotations: readonly Annotation[]): Uint8Array {
  const out: number[] = [];
  const word = (code: number, low: number): void => {
    const value = (code << 10) | (low & 0x3ff);
    out.push(value & 0xff, value >> 8);
  };
  let sample = 0;
  let channel = 0;
  let number = 0;
  for (const a of annotations) {
    const code = codeOf(a.symbol);
    if (code === undefined || code < 1 || code >= skipCode || !Number.isInteger(a.sample) || a.sample < 0)
      throw new GatewayError("recording.annotation_invalid", "bug", `annotation "${a.symbol}" at sample ${a.sample} cannot be written`);
    const step = a.sample - sample;
    if (step < 0 || step > 0x3ff) {
      word(skipCode, 0);
      out.push((step >> 16) & 0xff, (step >> 24) & 0xff, step & 0xff, (step >> 8) & 0xff);
    }
    word(code, step < 0 || step > 0x3ff ? 0 : step);
    sample = a.sample;
    if (a.subtype !== 0) word(subtypeCode, a.subtype & 0xff);
    if (a.channel !== channel) word(channelCode, a.channel & 0xff);
    if (a.number !== number) word(numberCode, a.number & 0xff);
    channel = a.channel;
    number = a.number;
    if (a.aux !== "") {
      const text = Buffer.from(a.aux, "utf8");
      if (text.length > 255)
        throw new GatewayError("recording.annotation_invalid", "bug", "annotation text above 255 bytes cannot be written");
      word(auxCode, text.length);
      for (const byte of text) out.push(byte);
      if (text.length % 2 === 1) out.push(0);
    }
  }
  out.push(0, 0);
  return Uint8Array.from(out);
}

function signedByte(low: number): number {
  return (low << 24) >> 24;
}

function damaged(label: string, what: string): GatewayError {
  return new GatewayError("recording.annotation_damaged", "world", `${label}: ${what}`, { fields: { file: label } });
}
