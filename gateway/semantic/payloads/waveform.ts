/** A stretch of one channel as a codec left it, with the error that it states. Each frame decodes alone. */

import { undecodable } from "../bits.ts";
import { symbolReader, symbolWriter } from "../symbols.ts";
import { codeWaveform, type WaveformPayload } from "../waveform-code.ts";
import type { PayloadKind } from "./kind.ts";

export type { WaveformPayload };

export const waveformKind: PayloadKind<WaveformPayload> = {
  kind: "waveform",
  class: "semantic",
  layouts: [11],
  timeUs: ({ startUs, samples, rateHz }) => startUs + (samples.length * 1e6) / rateHz,
  place: ({ person, device, stream, channel, startUs, samples, rateHz }) => ({
    person,
    key: `${device}/${stream}/${channel}`,
    fromUs: Math.round(startUs),
    toUs: Math.round(startUs + (samples.length * 1e6) / rateHz),
  }),
  peopleOf: ({ person }) => [person],
  encode(waveform) {
    const io = symbolWriter();
    codeWaveform(io, { given: waveform, code: waveform.code });
    return { layout: 11, content: [io.bytes(), waveform.code] };
  },
  decode(content) {
    const [head, code] = bytesOf(content);
    if (head === undefined || code === undefined) throw undecodable("a waveform has no code");
    return codeWaveform(symbolReader(head), { code });
  },
};

/** @throws GatewayError `semantic.undecodable` */
export function bytesOf(content: unknown): readonly Uint8Array[] {
  if (!Array.isArray(content) || !content.every((part) => part instanceof Uint8Array)) throw undecodable("it is no list of bytes");
  return content;
}
