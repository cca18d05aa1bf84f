/** What is worth sending and when: events packed per person on a fixed grid, alerts and strips as they come. Pure; it owns no clock and no queue. */

import type {
  AlertRecord,
  BeatEvent,
  GapEvent,
  OutboxItem,
  PersonEvent,
  RhythmEvent,
  StripDue,
  VitalEvent,
  WatchedEvent,
} from "../../device-drivers/contract/event.ts";
import { shippedPayloads } from "./payload-codec.ts";
import type { EventsPayload } from "./payloads/events.ts";
import type { HeartbeatPayload } from "./payloads/heartbeat.ts";
import type { StripPayload } from "./payloads/strip.ts";

interface Packer {
  /** Takes an event into the open frame. A frame that is full goes at once; else the answer is empty. */
  push(event: PersonEvent): OutboxItem[];
  /** Signal time has reached `timeUs`: the frame that ended on the grid, if it has anything. */
  tick(timeUs: number): OutboxItem[];
  /** Something urgent began at `timeUs`: nobody waits for the stretches round it. */
  hurry(timeUs: number): void;
  /** Takes events of which it is not known whether they have gone: those that may not have go once more, but for watched time. The twin takes a repeat for what it is. */
  repeat(events: readonly PersonEvent[]): OutboxItem[];
  /** What is still held, at a clean end. */
  flush(): OutboxItem[];
  /** Structured-cloneable; a packer made from it writes the same frames. */
  state(): unknown;
}

interface PackerOptions {
  readonly person: string;
  /** Seconds of signal per frame; the grid's lines are whole multiples of it since 1970. */
  readonly flushS: number;
  /** What becomes of a stretch's events; a frame of their own unless told. */
  readonly pack?: (events: EventsPayload) => OutboxItem[];
  /** Whether a frame may hold `calmStretches` stretches of the grid, as far as signals decide it. Pure and dated as `ModeOf` is; without it none may. */
  readonly isCalm?: () => boolean;
  readonly state?: unknown;
}

/**
 * Stretches in one frame while nothing urgent happens and events alone go: the signature of a frame is worth some forty beats, and nobody acts on calm beats at once.
 * What is urgent goes as an alert of its own, whatever the grid.
 */
const calmStretches = 5;

/** An event is told this much later than its time at most. */
const latestUs = 15_000_000;
/** Events of a frame at most: memory and packet stay bounded when ticks fail to come. */
const maxEvents = 4096;

interface PackerState {
  /** Start of the open frame; undefined before the first event or tick. */
  fromUs: number | undefined;
  /** Newest signal time seen. */
  nowUs: number;
  /** Until then each stretch goes by itself; a state saved by an older version has none. */
  urgentUntilUs?: number;
  beats: BeatEvent[];
  rhythms: RhythmEvent[];
  vitals: VitalEvent[];
  gaps: GapEvent[];
  watched: WatchedEvent[];
}

/** A stage on the person's ordered queue. Every event is in exactly one frame, the one open when it came; [fromUs, toUs) is the frame's stretch of signal. */
export function createPacker({ person, flushS, pack = ownFrame, isCalm, state: saved }: PackerOptions): Packer {
  const gridUs = flushS * 1_000_000;
  const longestUs = isCalm === undefined ? gridUs : calmStretches * gridUs;
  let state: PackerState = saved === undefined ? emptyState() : structuredClone(saved as PackerState);

  const count = () => state.beats.length + state.rhythms.length + state.vitals.length + state.gaps.length + state.watched.length;

  const close = (toUs: number): OutboxItem[] => {
    const { fromUs = toUs, nowUs, urgentUntilUs, ...events } = state;
    const isEmpty = count() === 0;
    state = { ...emptyState(), fromUs: toUs, nowUs, ...(urgentUntilUs === undefined ? {} : { urgentUntilUs }) };
    if (isEmpty) return [];
    const payload: EventsPayload = { kind: "events", person, fromUs: Math.min(fromUs, toUs), toUs, ...events };
    return pack(payload);
  };

  const see = (timeUs: number) => {
    state.fromUs ??= timeUs;
    state.nowUs = Math.max(state.nowUs, timeUs);
  };

  const push = (event: PersonEvent): OutboxItem[] => {
    see(Math.round("timeUs" in event ? event.timeUs : event.toUs));
    switch (event.kind) {
      case "beat":
        state.beats.push(event);
        break;
      case "rhythm":
        state.rhythms.push(event);
        break;
      case "vital":
        state.vitals.push(event);
        break;
      case "gap":
        state.gaps.push(event);
        break;
      case "watched":
        addWatched(state.watched, event);
    }
    return count() < maxEvents ? [] : close(state.nowUs);
  };

  return {
    push,
    repeat(events) {
      const held = new Set([...state.beats, ...state.rhythms, ...state.vitals, ...state.gaps].map(keyOf));
      // The frame that was open began at the newest line of the grid, at the latest.
      const fromUs = Math.min(state.fromUs ?? state.nowUs, Math.floor(state.nowUs / longestUs) * longestUs) - latestUs;
      return events.flatMap((event) => {
        const isOld = event.kind === "watched" || ("timeUs" in event ? event.timeUs : event.toUs) < fromUs;
        return isOld || held.has(keyOf(event)) ? [] : push(event);
      });
    },
    tick(timeUs) {
      const nowUs = Math.round(timeUs);
      see(nowUs);
      const stretchUs = isCalm?.() === true && nowUs > (state.urgentUntilUs ?? 0) ? longestUs : gridUs;
      const lineUs = Math.floor(nowUs / stretchUs) * stretchUs;
      return lineUs > (state.fromUs ?? lineUs) ? close(lineUs) : [];
    },
    hurry(timeUs) {
      state.urgentUntilUs = Math.max(state.urgentUntilUs ?? 0, timeUs + calmStretches * gridUs);
    },
    flush: () => close(state.nowUs),
    state: () => structuredClone(state),
  };
}

const ownFrame = (events: EventsPayload) => [shippedPayloads.toOutbox(events)];

function keyOf(event: Exclude<PersonEvent, WatchedEvent>): string {
  const of = `${event.device}/${event.stream} ${event.kind === "vital" ? event.code : ""}`;
  return `${event.kind} ${of} ${Math.round("timeUs" in event ? event.timeUs : event.fromUs)} ${event.kind === "rhythm" ? event.label : ""}`;
}

function emptyState(): PackerState {
  return { fromUs: undefined, nowUs: 0, beats: [], rhythms: [], vitals: [], gaps: [], watched: [] };
}

/** A span that touches the rule's last one makes it longer. */
function addWatched(watched: WatchedEvent[], span: WatchedEvent): void {
  const at = watched.findLastIndex(({ rule }) => rule === span.rule);
  const last = watched[at];
  if (last === undefined || span.fromUs > last.toUs || span.toUs < last.fromUs) watched.push(span);
  else watched[at] = { ...last, fromUs: Math.min(last.fromUs, span.fromUs), toUs: Math.max(last.toUs, span.toUs) };
}

/** The whole record at a change. */
export function alertItem(alert: AlertRecord): OutboxItem {
  return shippedPayloads.toOutbox({ kind: "alert", alert });
}

export function heartbeatItem(heartbeat: Omit<HeartbeatPayload, "kind">): OutboxItem {
  return shippedPayloads.toOutbox({ kind: "heartbeat", ...heartbeat });
}

export function stripItem(strip: StripPayload): OutboxItem {
  return shippedPayloads.toOutbox(strip);
}

/** Longer ones go in pieces, so that the twin need not wait for the end of a long episode; where pieces overlap they say the same. */
const longestStripUs = 120_000_000;

/**
 * Strips owed, overlapping and touching ones of a channel's boot as one; ordered by start. A merged strip carries the first one's alert and anchor:
 * within a boot every anchor tells the same.
 */
export function mergeStrips(due: readonly StripDue[]): StripDue[] {
  const merged: StripDue[] = [];
  const ordered = [...due].sort((a, b) => a.fromUs - b.fromUs);
  for (const strip of ordered) {
    const at = merged.findLastIndex((other) => isSameBoot(other, strip));
    const last = merged[at];
    const isTooLong = last !== undefined && Math.max(last.toUs, strip.toUs) - last.fromUs > longestStripUs;
    if (last === undefined || strip.fromUs > last.toUs || isTooLong) merged.push(strip);
    else merged[at] = { ...last, toUs: Math.max(last.toUs, strip.toUs) };
  }
  return merged;
}

function isSameBoot(a: StripDue, b: StripDue): boolean {
  return (
    a.person === b.person &&
    a.device === b.device &&
    a.stream === b.stream &&
    a.channel === b.channel &&
    a.anchor.bootId === b.anchor.bootId
  );
}
