/** Turns what the rules settled into one commit: events, alert changes, rows for the twin, strips owed. Pure on its arguments. */

import type { AlertRecord, GapEvent, OutboxItem, PersonEvent, StripDue } from "../../device-drivers/contract/event.ts";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { AlertChange, AlertCore } from "../alert/core.ts";
import { type TechnicalRuleId, technicalRules } from "../alert/technical.ts";
import type { Body } from "../facts/body.ts";
import type { Fact } from "../facts/fact.ts";
import type { RuleDecision } from "../rules/rule.ts";
import { alertItem, createPacker } from "../semantic/policy.ts";
import type { AuditRow, PersonCommit } from "../store/store-port.ts";
import type { Anchor } from "../stream/clock/anchor.ts";
import type { Placed } from "../stream/reorder.ts";
import { createBodies } from "./bodies.ts";
import { createCalmChanges } from "./calm-changes.ts";
import { createPastDecider } from "./decide-past.ts";
import type { LostStretch } from "./recovery.ts";
import type { Settled } from "./settle-queue.ts";
import { createWaveforms } from "./waveforms.ts";

export interface Decided {
  readonly ordinal: number;
  readonly releasedUs: number;
  readonly timeUs: number;
  readonly events: readonly PersonEvent[];
  readonly changes: readonly AlertChange[];
  readonly alerts: readonly AlertRecord[];
  readonly outbox: readonly OutboxItem[];
  readonly stripsDue: readonly StripDue[];
  readonly audit: readonly AuditRow[];
  /** The body's next stretch. */
  readonly body?: Body;
  /** Of a past that was brought late: it says nothing of the present. */
  readonly isPast?: true;
}

interface Decider {
  /** Samples in their place among what is settled; what is packed of them goes with the next settled item. */
  samples(descriptor: StreamDescriptor, placed: Placed, isPast: boolean): void;
  /** `historyOnly`: the store has this already; states move on and nothing comes out. */
  settle(settled: Settled, nowUs: number, historyOnly: boolean): Decided;
  /**
   * Part of the record is gone: a gap for each stream and one technical alert tell it. What the store has of that time goes to the twin once more, for the frame
   * that was open then is gone with it.
   */
  lose(lost: LostRecord, at: Pick<Settled, "ordinal" | "releasedUs">, nowUs: number): Decided;
  /** What the packer still holds, at a clean end. */
  flush(): OutboxItem[];
  state(): unknown;
}

interface LostRecord {
  /** Oldest first, at least one. */
  readonly stretches: readonly LostStretch[];
  readonly streams: readonly Pick<GapEvent, "device" | "stream">[];
  /** What the store has of it. */
  readonly stored: readonly PersonEvent[];
}

interface DeciderOptions {
  readonly person: string;
  readonly flushS: number;
  /** How much of the signals goes to the twin; without it events alone. */
  readonly waveforms?: Partial<Pick<Parameters<typeof createWaveforms>[0], "modeOf" | "decoders">>;
  readonly alerts: Pick<AlertCore, "decide" | "record" | "held">;
  readonly anchor: (device: string, stream: string) => Anchor | undefined;
  /** What of an event the store does not have yet. */
  readonly fresh: (event: PersonEvent) => readonly PersonEvent[];
  readonly saved?: unknown;
}

interface DeciderState {
  packer: unknown;
  noisy: [string, boolean][];
  tickUs?: number;
  waveforms?: unknown;
  bodies?: unknown;
  /** A state saved by an older version has none. */
  calm?: unknown;
  past?: unknown;
}

/** Context on either side of an alert that a reader needs to judge it. */
const stripAroundUs = 15_000_000;
/** What led to an alert is judged from the beats before it too: so much of them goes to the twin as finely as the rest. */
const closeBeforeUs = 8_000_000;

export function createDecider({ person, flushS, waveforms: how, alerts, anchor, fresh, saved }: DeciderOptions): Decider {
  const was = saved as DeciderState | undefined;
  const openWaveforms = (from: unknown) =>
    createWaveforms({ person, windowS: flushS, modeOf: how?.modeOf, decoders: how?.decoders, saved: from });
  const waveforms = openWaveforms(was?.waveforms);
  const bodies = createBodies(person, how?.modeOf, was?.bodies);
  const calm = createCalmChanges(person, alerts.held, was?.calm);
  const packer = createPacker({
    ...{ person, flushS, pack: waveforms.events, isCalm: () => waveforms.isIdle },
    ...(was === undefined ? {} : { state: was.packer }),
  });
  const noisy = new Map(was?.noisy ?? []);
  let tickUs = was?.tickUs ?? 0;
  const strip = (decision: RuleDecision & { kind: "begin" }, alertId: string, anchorOf = anchor): StripDue[] => {
    const at = anchorOf(decision.device, decision.stream);
    if (!isUrgent(decision) || at === undefined) return [];
    return [
      {
        alertId: `${alertId}@${decision.onsetUs}`,
        person,
        device: decision.device,
        stream: decision.stream,
        ...(decision.channel === undefined ? {} : { channel: decision.channel }),
        fromUs: decision.onsetUs - stripAroundUs,
        toUs: decision.timeUs + stripAroundUs,
        anchor: at,
      },
    ];
  };

  const past = createPastDecider({ person, flushS, record: alerts.record, openWaveforms, fresh, strip, eventsOf, saved: was?.past });

  return {
    samples: (descriptor, placed, isPast) => (isPast ? past.samples(descriptor, placed) : waveforms.push(descriptor, placed)),
    settle(settled, nowUs, historyOnly) {
      if (settled.past !== undefined) return past.settle(settled, nowUs, historyOnly);
      const { ordinal, releasedUs, input, decisions } = settled;
      const made = eventsOf(settled, noisy);
      const events = historyOnly || made.length === 0 ? made : made.flatMap(fresh);
      const outbox: OutboxItem[] = [];
      for (const event of events) outbox.push(...packer.push(event));
      for (const decision of decisions) {
        if (decision.kind !== "begin" || !isUrgent(decision)) continue;
        packer.hurry(decision.timeUs);
        waveforms.close(decision, { fromUs: decision.onsetUs - closeBeforeUs, toUs: decision.timeUs });
      }
      if (input.kind === "qrs") waveforms.peak(input, input.timeUs);
      if (input.kind === "tick") {
        // The axis was put right: nothing of the old one waits for its time to come again.
        const isBack = input.timeUs < tickUs;
        outbox.push(...(isBack ? calm.flush() : calm.tick(input.timeUs)), ...(isBack ? packer.flush() : packer.tick(input.timeUs)));
        waveforms.tick(input.timeUs);
        tickUs = input.timeUs;
      }
      const { body, outbox: ofBody } = bodies.push(input);
      outbox.push(...waveforms.take(), ...ofBody);
      const of = body === undefined ? {} : { body };
      const base = {
        ordinal,
        releasedUs,
        timeUs: input.timeUs,
        ...of,
        events: [],
        changes: [],
        alerts: [],
        outbox,
        stripsDue: [],
        audit: [],
      };
      if (historyOnly) {
        for (const decision of decisions) calm.past(decision, input.timeUs);
        return base;
      }
      const changes: AlertChange[] = [];
      const stripsDue: StripDue[] = [];
      for (const decision of decisions) {
        if (decision.kind !== "begin" && decision.kind !== "update" && decision.kind !== "end") continue;
        const changed = alerts.decide(person, decision, nowUs);
        changes.push(...changed);
        const alertId = changed.find(({ why }) => why === "raised" || why === "retriggered")?.alert.id;
        if (decision.kind === "begin" && alertId !== undefined && decision.inhibitedBy === undefined)
          stripsDue.push(...strip(decision, alertId));
      }
      return {
        ...base,
        events,
        changes,
        alerts: changes.map(({ alert }) => alert),
        outbox: [...calm.push(changes, input.timeUs), ...outbox],
        stripsDue,
        audit: changes.map(({ audit }) => audit),
      };
    },
    lose({ stretches, streams, stored }, { ordinal, releasedUs }, nowUs) {
      const events = stretches.flatMap((lost) => streams.map((source): GapEvent => ({ kind: "gap", ...source, ...lost, reason: "lost" })));
      const changes = tellLoss(stretches).flatMap((decision) => alerts.decide(person, { ...decision, timeUs: nowUs }, nowUs));
      const outbox = [...changes.map(({ alert }) => alertItem(alert)), ...packer.repeat(stored)];
      const told = { events, changes, alerts: changes.map(({ alert }) => alert), audit: changes.map(({ audit }) => audit) };
      return { ordinal, releasedUs, timeUs: nowUs, ...told, outbox, stripsDue: [] };
    },
    flush: () => [...calm.flush(), ...packer.flush(), ...past.flush(), ...waveforms.flush(), ...bodies.flush()],
    state: (): DeciderState => ({
      ...{ packer: packer.state(), noisy: [...noisy], tickUs, waveforms: waveforms.state(), bodies: bodies.state() },
      calm: calm.state(),
      past: past.state(),
    }),
  };
}

/** What a reader needs the signal of, and the beats round it soon. */
function isUrgent({ alertKind, priority }: RuleDecision & { kind: "begin" }): boolean {
  return alertKind === "physiological" && priority !== "low";
}

/** It is over when it is told: nothing that anybody does brings the record back. */
function tellLoss(stretches: readonly LostStretch[]): (RuleDecision & { kind: "begin" | "end" })[] {
  const rule = "record.lost" satisfies TechnicalRuleId;
  const of = { rule, device: "gateway" };
  const onsetUs = Math.min(...stretches.map(({ fromUs }) => fromUs));
  const endUs = Math.max(...stretches.map(({ toUs }) => toUs));
  const lostS = Math.max(1, Math.round(stretches.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0) / 1e6));
  const what = {
    priority: technicalRules[rule].priority,
    alertKind: "technical",
    onsetUs,
    value: lostS,
    unit: "s",
    quality: "unknown",
  } as const;
  return [
    { kind: "begin", ...of, stream: "", ...what, timeUs: endUs },
    { kind: "end", ...of, endUs, timeUs: endUs },
  ];
}

/** What was decided one after another, as the rows of one commit. */
export function rowsOf(decided: readonly Decided[]): Required<Pick<PersonCommit, "events" | "alerts" | "outbox" | "stripsDue" | "audit">> {
  return {
    events: decided.flatMap(({ events }) => events),
    alerts: decided.flatMap(({ alerts }) => alerts),
    outbox: decided.flatMap(({ outbox }) => outbox),
    stripsDue: decided.flatMap(({ stripsDue }) => stripsDue),
    audit: decided.flatMap(({ audit }) => audit),
  };
}

/** What of it goes into the person's record; nothing of most. */
function eventsOf({ record, input, decisions }: Omit<Settled, "past">, noisy: Map<string, boolean>): readonly PersonEvent[] {
  const ofInput = eventsOfInput(input, noisy);
  if (decisions.length === 0) return ofInput.length === 0 ? record : [...record, ...ofInput];
  return [...record, ...ofInput, ...decisions.flatMap(eventsOfDecision)];
}

const none: readonly PersonEvent[] = [];

function eventsOfInput(input: Fact, noisy: Map<string, boolean>): readonly PersonEvent[] {
  if (input.kind === "gap") {
    const { device, stream, fromUs, timeUs, pastFromUs = timeUs } = input;
    return pastFromUs > fromUs ? [{ kind: "gap", device, stream, fromUs, toUs: Math.min(timeUs, pastFromUs) }] : [];
  }
  if (input.kind !== "quality") return none;
  const key = `${input.device}/${input.stream}`;
  const isNoisy = input.level !== "good";
  if (isNoisy === (noisy.get(key) ?? false)) return none;
  noisy.set(key, isNoisy);
  return [{ kind: "rhythm", device: input.device, stream: input.stream, timeUs: input.timeUs, label: isNoisy ? "~noise" : "~clean" }];
}

function eventsOfDecision(decision: RuleDecision): PersonEvent[] {
  switch (decision.kind) {
    case "rhythm": {
      const { device, stream, timeUs, label } = decision;
      return [{ kind: "rhythm", device, stream, timeUs, label }];
    }
    case "vital":
      return [decision];
    case "watched":
      return [{ kind: "watched", rule: decision.rule, fromUs: decision.fromUs, toUs: decision.toUs }];
    default:
      return [];
  }
}
