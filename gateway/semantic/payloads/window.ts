/** A stretch of a person's time in one frame: its events, and the waveforms of the same time, which then need not say again whose they are and where beats lie. */

import { undecodable } from "../bits.ts";
import { codeEvents } from "../compact-events.ts";
import { symbolReader, symbolWriter } from "../symbols.ts";
import { codeWaveform, type WaveformPayload } from "../waveform-code.ts";
import type { EventsPayload } from "./events.ts";
import type { AnyPayload, PayloadKind } from "./kind.ts";
import { bytesOf } from "./waveform.ts";

export interface WindowPayload {
  readonly kind: "window";
  readonly person: string;
  readonly events: EventsPayload;
  readonly waveforms: readonly WaveformPayload[];
}

/** Bytes that end early, or are another layout's, do not end in this. */
const endMark = 0x5aa5;

export const windowKind: PayloadKind<WindowPayload> = {
  kind: "window",
  class: "semantic",
  layouts: [12],
  timeUs: ({ events }) => events.toUs,
  peopleOf: ({ person }) => [person],
  renamed: (payload, names) => {
    const person = names.person(payload.person);
    const waveforms = payload.waveforms.map((waveform) => ({ ...waveform, person }));
    return { ...payload, person, events: { ...payload.events, person }, waveforms };
  },
  encode({ events, waveforms }) {
    const io = symbolWriter();
    codeEvents(io, events);
    for (const waveform of waveforms) codeWaveform(io, { given: waveform, code: waveform.code, events });
    io.plain(16, endMark);
    return { layout: 12, content: [io.bytes(), ...waveforms.map(({ code }) => code)] };
  },
  decode(content) {
    const [head, ...codes] = bytesOf(content);
    if (head === undefined) throw undecodable("a window says nothing");
    const io = symbolReader(head);
    const events = codeEvents(io, undefined);
    const waveforms = codes.map((code) => codeWaveform(io, { code, events }));
    if (io.plain(16, 0) !== endMark) throw undecodable("a window ends otherwise than it was written");
    return { kind: "window", person: events.person, events, waveforms };
  },
};

/** What a payload says, each as a payload of its own. */
export function partsOf<Payload extends AnyPayload>(
  payload: Payload | WindowPayload,
): (Exclude<Payload, WindowPayload> | EventsPayload | WaveformPayload)[] {
  if (!isWindow(payload)) return [payload as Exclude<Payload, WindowPayload>];
  return [payload.events, ...payload.waveforms];
}

function isWindow(payload: AnyPayload): payload is WindowPayload {
  return payload.kind === "window";
}
