/**
 * What of a person goes in one frame: the events of a stretch of the grid, and the waveforms that end with it. A window that ends earlier goes at once,
 * and so do events where no waveform is on its way. Pure; it owns no clock and no queue.
 */

import type { OutboxItem } from "../../device-drivers/contract/event.ts";
import { shippedPayloads } from "./payload-codec.ts";
import type { EventsPayload } from "./payloads/events.ts";
import type { StripPayload } from "./payloads/strip.ts";
import type { WaveformPayload } from "./waveform-code.ts";
import { createWaveformPacker } from "./waveform-packer.ts";

type WaveformPackerOptions = Parameters<typeof createWaveformPacker>[0];
type WaveformPacker = ReturnType<typeof createWaveformPacker>;

interface FramePacker {
  push(...of: Parameters<WaveformPacker["push"]>): OutboxItem[];
  peak: WaveformPacker["peak"];
  close: WaveformPacker["close"];
  /** Events of a stretch, as policy.ts packs them. */
  events(payload: EventsPayload): OutboxItem[];
  /** No waveform is on its way. */
  readonly isIdle: boolean;
  /** Signal time has reached `timeUs`. */
  tick(timeUs: number): OutboxItem[];
  flush(): OutboxItem[];
  /** Structured-cloneable; a packer made from it writes the same frames. */
  state(): unknown;
}

/** The last beats of a stretch are known so much later, and its last samples are there. */
const waitUs = 1_000_000;

interface State {
  readonly waveforms: unknown;
  readonly held: readonly EventsPayload[];
}

function spanOf({ startUs, samples, rateHz }: WaveformPayload): { fromUs: number; toUs: number } {
  return { fromUs: Math.round(startUs), toUs: Math.round(startUs + (samples.length * 1e6) / rateHz) };
}

interface FramePackerOptions extends WaveformPackerOptions {
  /** Whether the twin reads events in the layout of frames with waveform, which is half as long. Asked when a frame is packed. */
  readonly isCompactRead: () => boolean;
}

export function createFramePacker(options: FramePackerOptions): FramePacker {
  const was = options.state as State | undefined;
  const waveforms = createWaveformPacker({ ...options, state: was?.waveforms });
  let held: EventsPayload[] = [...(was?.held ?? [])];

  /** The frame of a line: its events if they are held, and the waveforms that ended there. */
  const frame = (events: EventsPayload | undefined, packed: readonly (WaveformPayload | StripPayload)[]): OutboxItem[] => {
    const own = packed.flatMap((each) => (each.kind === "waveform" ? [each] : []));
    const strips = packed.flatMap((each) => (each.kind === "strip" ? [shippedPayloads.toOutbox(each)] : []));
    if (events === undefined) return [...own.map((each) => shippedPayloads.toOutbox(each)), ...strips];
    const plain = own.length > 0 ? undefined : shippedPayloads.toOutbox(events);
    if (plain !== undefined && !options.isCompactRead()) return [plain, ...strips];
    const window = shippedPayloads.toOutbox({ kind: "window", person: events.person, events, waveforms: own });
    // Of a few beats, or of very regular ones, the other layout is shorter.
    return [plain !== undefined && plain.payload.length <= window.payload.length ? plain : window, ...strips];
  };

  /** Channels that ended on a line of which there are no events: one signature for all of them. */
  const together = (packed: readonly (WaveformPayload | StripPayload)[]): OutboxItem[] => {
    const spans = packed.flatMap((each) => (each.kind === "waveform" ? [spanOf(each)] : []));
    if (spans.length < 2) return frame(undefined, packed);
    const [fromUs, toUs] = [Math.min(...spans.map((span) => span.fromUs)), Math.max(...spans.map((span) => span.toUs))];
    return frame(
      { kind: "events", person: options.person, fromUs, toUs, beats: [], rhythms: [], vitals: [], gaps: [], watched: [] },
      packed,
    );
  };

  const due = (timeUs: number): OutboxItem[] => {
    const ready = held.filter(({ toUs }) => toUs + waitUs <= timeUs);
    held = held.filter((events) => !ready.includes(events));
    return [...ready.flatMap((events) => frame(events, waveforms.ended(events.toUs))), ...together(waveforms.ended(timeUs - waitUs))];
  };

  return {
    push: (...of) => frame(undefined, waveforms.push(...of)),
    ...{ peak: waveforms.peak, close: waveforms.close },
    events(payload) {
      const { nextLineUs } = waveforms;
      if (nextLineUs === undefined || nextLineUs > payload.toUs) return frame(payload, []);
      held.push(payload);
      return [];
    },
    get isIdle() {
      return waveforms.nextLineUs === undefined;
    },
    tick: (timeUs) => [...frame(undefined, waveforms.tick(timeUs)), ...due(timeUs)],
    flush: () => [...due(Number.POSITIVE_INFINITY), ...together(waveforms.flush())],
    state: (): State => ({ waveforms: waveforms.state(), held: [...held] }),
  };
}
