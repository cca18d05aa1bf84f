/** One person's signals on their way to the twin: what of them goes, and what is packed and waits for the next settled item, with which it is stored. */

import type { OutboxItem } from "../../device-drivers/contract/event.ts";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { codecs, readableCodecs } from "../semantic/codecs/index.ts";
import { createFramePacker } from "../semantic/frame-packer.ts";
import { eventOnly, type ModeOf } from "../semantic/mode.ts";
import type { EventsPayload } from "../semantic/payloads/events.ts";
import type { Placed } from "../stream/reorder.ts";
import { errorBoundOf, sentChannels } from "../stream/sent-channels.ts";

interface WaveformsOptions {
  readonly person: string;
  /** Seconds of signal a frame holds at most. */
  readonly windowS: number;
  readonly modeOf: ModeOf | undefined;
  /** Hashes of the decoders that the twin has; without it every one of ours. */
  readonly decoders: (() => readonly string[]) | undefined;
  readonly saved: unknown;
}

interface WaveformsState {
  readonly packer: unknown;
  readonly waiting: readonly OutboxItem[];
}

export function createWaveforms({ person, windowS, modeOf = eventOnly, decoders, saved }: WaveformsOptions) {
  const was = saved as WaveformsState | undefined;
  const listed = () => decoders?.() ?? codecs.map(({ hash }) => hash);
  const packer = createFramePacker({
    ...{ person, windowS, modeOf, boundOf: errorBoundOf, state: was?.packer },
    codecs: () => readableCodecs(listed()),
    // A twin that lists decoders reads the frames that they came with.
    isCompactRead: () => codecs.some(({ hash }) => listed().includes(hash)),
  });
  let waiting: OutboxItem[] = [...(was?.waiting ?? [])];
  let tickUs = 0;
  return {
    push(descriptor: StreamDescriptor, placed: Placed): void {
      for (const channel of sentChannels(descriptor)) waiting.push(...packer.push(descriptor, channel, placed));
    },
    ...{ peak: packer.peak, close: packer.close },
    get isIdle(): boolean {
      return packer.isIdle;
    },
    events: (payload: EventsPayload): OutboxItem[] => packer.events(payload),
    tick(timeUs: number): void {
      // The axis was put right: nothing of the old one waits for its time to come again.
      waiting.push(...(timeUs < tickUs ? packer.flush() : packer.tick(timeUs)));
      tickUs = timeUs;
    },
    take(): OutboxItem[] {
      const taken = waiting;
      waiting = [];
      return taken;
    },
    flush: (): OutboxItem[] => [...waiting.splice(0), ...packer.flush()],
    state: (): WaveformsState => ({ packer: packer.state(), waiting: [...waiting] }),
  };
}
