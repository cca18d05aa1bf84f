/** What was brought late on its way to the store: as of the present, but for alerts, which are in the record once they are over and tell nobody. */

import type { AlertRecord, OutboxItem, PersonEvent, StripDue } from "../../device-drivers/contract/event.ts";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { AlertCore } from "../alert/core.ts";
import { createEpisodes } from "../alert/episodes.ts";
import type { RuleDecision } from "../rules/rule.ts";
import { alertItem, createPacker } from "../semantic/policy.ts";
import type { Anchor } from "../stream/clock/anchor.ts";
import type { Placed } from "../stream/reorder.ts";
import type { Settled } from "./settle-queue.ts";
import type { createWaveforms } from "./waveforms.ts";

interface PastDeciderOptions {
  readonly person: string;
  readonly flushS: number;
  readonly record: AlertCore["record"];
  readonly openWaveforms: (saved: unknown) => ReturnType<typeof createWaveforms>;
  readonly fresh: (event: PersonEvent) => readonly PersonEvent[];
  readonly strip: (
    decision: RuleDecision & { kind: "begin" },
    alertId: string,
    anchorOf?: (device: string, stream: string) => Anchor | undefined,
  ) => StripDue[];
  readonly eventsOf: (settled: Omit<Settled, "past">, noisy: Map<string, boolean>) => readonly PersonEvent[];
  readonly saved: unknown;
}

/** Of the past that is being judged, apart from the present's. */
interface PastState {
  readonly packer: unknown;
  /** A state saved by an older version has none. */
  readonly waveforms?: unknown;
  readonly noisy: [string, boolean][];
  readonly episodes: AlertRecord[];
}

export function createPastDecider({ person, flushS, record, openWaveforms, fresh, strip, eventsOf, saved }: PastDeciderOptions) {
  const open = (from?: PastState) => {
    const waveforms = openWaveforms(from?.waveforms);
    return {
      packer: createPacker({ person, flushS, pack: waveforms.events, ...(from === undefined ? {} : { state: from.packer }) }),
      waveforms,
      noisy: new Map(from?.noisy ?? []),
      episodes: createEpisodes((begin) => record(person, begin), from?.episodes),
    };
  };
  let past = saved === undefined ? undefined : open(saved as PastState);

  return {
    samples(descriptor: StreamDescriptor, placed: Placed): void {
      past ??= open();
      past.waveforms.push(descriptor, placed);
    },
    settle({ past: of, ...settled }: Settled, nowUs: number, historyOnly: boolean) {
      const { ordinal, releasedUs, input, decisions } = settled;
      past ??= open();
      const { packer, waveforms, noisy, episodes } = past;
      const isLast = of?.isLast === true;
      const made = eventsOf(settled, noisy);
      const events = historyOnly ? made : made.flatMap(fresh);
      const outbox: OutboxItem[] = events.flatMap((event) => packer.push(event));
      const stripsDue = decisions.flatMap((decision) => {
        const begun = episodes.decide(decision);
        return decision.kind === "begin" && begun !== undefined ? strip(decision, begun.id, of?.anchor) : [];
      });
      if (input.kind === "qrs") waveforms.peak(input, input.timeUs);
      if (input.kind === "tick") {
        outbox.push(...packer.tick(input.timeUs));
        waveforms.tick(input.timeUs);
      }
      outbox.push(...waveforms.take());
      const changes = isLast ? episodes.end(input.timeUs, nowUs) : input.kind === "tick" ? episodes.tick(input.timeUs, nowUs) : [];
      if (isLast) {
        outbox.push(...packer.flush(), ...waveforms.flush());
        past = undefined;
      }
      const base = { ordinal, releasedUs, timeUs: input.timeUs, isPast: true } as const;
      if (historyOnly) return { ...base, events: [], changes: [], alerts: [], outbox, stripsDue: [], audit: [] };
      return {
        ...base,
        ...{ events, changes, stripsDue },
        alerts: changes.map(({ alert }) => alert),
        outbox: [...changes.map(({ alert }) => alertItem(alert)), ...outbox],
        audit: changes.map(({ audit }) => audit),
      };
    },
    flush: (): OutboxItem[] => (past === undefined ? [] : [...past.packer.flush(), ...past.waveforms.flush()]),
    state: (): PastState | undefined =>
      past === undefined
        ? undefined
        : {
            ...{ packer: past.packer.state(), waveforms: past.waveforms.state() },
            ...{ noisy: [...past.noisy], episodes: past.episodes.state() },
          },
  };
}
