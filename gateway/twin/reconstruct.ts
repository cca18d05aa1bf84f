/** What the twin has of a person's signals in a span: strips as they were measured, waveforms as a codec left them, and nothing else. Pure. */

import { codecOf } from "../semantic/codecs/index.ts";
import type { StripPayload } from "../semantic/payloads/strip.ts";
import type { WaveformPayload } from "../semantic/payloads/waveform.ts";
import { noValue } from "../semantic/strip-codec.ts";

/** Where a sample comes from. `imputed` is a guess at what nobody measured; no version makes one yet. */
type SampleSource = "measured" | "decoded" | "imputed" | "missing";

interface Reconstruction {
  readonly device: string;
  readonly stream: string;
  readonly channel: string;
  readonly lead?: string;
  readonly unit: string;
  readonly rateHz: number;
  /** Time of values[0]; the first sample at or after the span's beginning. */
  readonly startUs: number;
  /** Physical values; null where the twin has none. */
  readonly values: readonly (number | null)[];
  /** One for each run of samples of one kind, in order; their counts add up to the values. */
  readonly sources: readonly { readonly source: SampleSource; readonly count: number }[];
  /** What decoded samples state of themselves, window by window. */
  readonly errors: readonly StatedError[];
}

interface StatedError {
  readonly fromUs: number;
  readonly toUs: number;
  /** Root mean square error in the channel's unit. */
  readonly rmse: number;
  readonly codec: number;
  /** Name, number and hash of what read it. */
  readonly decoder: string;
  /** Of its code as it came. */
  readonly bytes: number;
  /** What lies above was not kept. */
  readonly highestHz: number;
}

/** Ten minutes at 10 kHz; a channel that says it is faster is not shown. */
const maxSamples = 6_000_000;

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

type Piece = StripPayload | WaveformPayload;

/** One for each channel of which anything is there, in order of device, stream and channel. Where both are there a measured sample goes before a decoded one. */
export function reconstruct(strips: readonly StripPayload[], waveforms: readonly WaveformPayload[], span: Span): Reconstruction[] {
  const byChannel = new Map<string, Piece[]>();
  for (const piece of [...waveforms, ...strips]) {
    const key = [piece.device, piece.stream, piece.channel, piece.unit, piece.rateHz].join("\n");
    byChannel.set(key, [...(byChannel.get(key) ?? []), piece]);
  }
  return [...byChannel].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, pieces]) => ofChannel(pieces, span) ?? []);
}

function ofChannel(pieces: readonly Piece[], { fromUs, toUs }: Span): Reconstruction | undefined {
  const [first] = pieces;
  if (first === undefined) return undefined;
  const { device, stream, channel, lead, unit, rateHz } = first;
  const count = Math.max(0, Math.ceil(((toUs - fromUs) * rateHz) / 1e6));
  if (count > maxSamples) return undefined;
  // The grid of the earliest piece: pieces of one boot share it, those of another are at most half a sample off.
  const phaseUs = Math.min(...pieces.map(({ startUs }) => startUs));
  const startUs = phaseUs + Math.round((Math.ceil(((fromUs - phaseUs) * rateHz) / 1e6) * 1e6) / rateHz);
  const values: (number | null)[] = new Array(count).fill(null);
  const kinds: SampleSource[] = new Array(count).fill("missing");
  const errors: StatedError[] = [];
  for (const piece of pieces) {
    const at = Math.round(((piece.startUs - startUs) * rateHz) / 1e6);
    const source = piece.kind === "strip" || piece.rmse === 0 ? "measured" : "decoded";
    piece.samples.forEach((raw, i) => {
      if (at + i < 0 || at + i >= count || raw === noValue) return;
      values[at + i] = raw * piece.scale + piece.offset;
      kinds[at + i] = source;
    });
    if (piece.kind !== "waveform") continue;
    const endUs = piece.startUs + Math.round((piece.samples.length * 1e6) / rateHz);
    const { name = "", number = piece.codec, hash = "", highestHz = rateHz / 2 } = codecOf(piece.codec) ?? {};
    const by = {
      codec: piece.codec,
      bytes: piece.code.length,
      decoder: `${name} ${number} ${hash}`,
      highestHz: Math.min(highestHz, rateHz / 2),
    };
    errors.push({ fromUs: piece.startUs, toUs: endUs, rmse: piece.rmse * Math.abs(piece.scale), ...by });
  }
  const what = { device, stream, channel, ...(lead === undefined ? {} : { lead }), unit, rateHz, startUs };
  return { ...what, values, sources: runsOf(kinds), errors: errors.sort((a, b) => a.fromUs - b.fromUs) };
}

function runsOf(kinds: readonly SampleSource[]): { source: SampleSource; count: number }[] {
  const runs: { source: SampleSource; count: number }[] = [];
  for (const source of kinds) {
    const last = runs.at(-1);
    if (last?.source === source) last.count++;
    else runs.push({ source, count: 1 });
  }
  return runs;
}
