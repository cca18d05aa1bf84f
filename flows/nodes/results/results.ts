/** What the gateway's models found, as live events bring it, and how many of them a flow wants. Pure. */

import type { Settings } from "../../node-red/host.ts";
import { wordsOf } from "../settings.ts";

/** The data of an `event` of the live stream, for the kinds that are results. */
export interface LiveResult {
  readonly person: string;
  readonly event: {
    readonly kind: string;
    readonly device?: string;
    readonly stream?: string;
    /** Microseconds since 1970. */
    readonly timeUs?: number;
    readonly label?: string;
    readonly confidence?: number;
    readonly rrMs?: number;
  };
}

/** The data of a `result` of the live stream: what any model said, as far as it is read here. */
export interface LiveModelResult {
  readonly person: string;
  readonly model: { readonly id: string; readonly version: string };
  readonly device: string;
  readonly stream: string;
  readonly timeUs: number;
  readonly pass: string;
  readonly recorded: boolean;
  readonly outcome: {
    readonly kind: string;
    readonly label?: string;
    readonly probability?: number;
    readonly value?: number;
    readonly unit?: string;
    readonly score?: number;
    readonly difference?: string;
  };
}

interface Result {
  readonly person: string;
  /** beat, rhythm, or the id of the model. */
  readonly kind: string;
  /** In words what it is; of a number the kind of outcome (value, score). */
  readonly label: string;
  /** A model's number and its unit; null where its answer is a label. */
  readonly value: number | null;
  readonly unit: string | null;
  /** Probability of the label, 0 to 1; null where the model gives none. */
  readonly confidence: number | null;
  /** Interval that ends with the beat; null after a gap. */
  readonly rr_ms: number | null;
  readonly device: string;
  readonly stream: string;
  readonly at: string;
  readonly age_s: number;
  readonly quality: string;
}

/** Kinds of live events that are a model's result; the rest are measurements and book-keeping. */
const kinds = ["beat", "rhythm"];

/** Undefined for an event that is no result. `qualityOf` is what was last said of a stream's signal; `nowMs` is the gateway's time. */
export function resultOf(
  { person, event }: LiveResult,
  qualityOf: (device: string, stream: string) => string,
  nowMs: number,
): Result | undefined {
  const { kind, label, timeUs, device = "", stream = "", confidence = null, rrMs = null } = event;
  if (!kinds.includes(kind) || label === undefined || timeUs === undefined) return undefined;
  const atMs = timeUs / 1000;
  return {
    ...{ person, kind, label, value: null, unit: null, confidence, rr_ms: rrMs, device, stream },
    ...{ at: new Date(atMs).toISOString(), age_s: Math.max(0, (nowMs - atMs) / 1000), quality: qualityOf(device, stream) },
  };
}

/** What a model said, whichever it is; undefined for an early look, for what comes as an event as well, and where the model has no answer. */
export function modelResultOf(
  { person, model, device, stream, timeUs, pass, recorded, outcome }: LiveModelResult,
  qualityOf: (device: string, stream: string) => string,
  nowMs: number,
): Result | undefined {
  const { label, difference, probability = null, value = outcome.score, unit = null } = outcome;
  if (pass !== "final" || recorded || (label === undefined && value === undefined)) return undefined;
  const atMs = timeUs / 1000;
  return {
    ...{
      person,
      kind: model.id,
      label: label ?? difference ?? outcome.kind,
      value: value ?? null,
      unit,
      confidence: probability,
      rr_ms: null,
    },
    ...{ device, stream, at: new Date(atMs).toISOString(), age_s: Math.max(0, (nowMs - atMs) / 1000), quality: qualityOf(device, stream) },
  };
}

/**
 * Says of each result whether it is wanted: `persons`, `kinds`, `labels` are lists, an empty one matches all. `mode` "change": only another label than the
 * last of the same person, kind and stream; "interval": at most one in `everyS` of each; else all.
 */
export function createResultFilter(settings: Settings): { readonly persons: readonly string[]; wants(result: Result): boolean } {
  const persons = wordsOf(settings.persons);
  const wantedKinds = wordsOf(settings.kinds);
  const labels = wordsOf(settings.labels);
  const everyMs = Math.max(0, Number(settings.everyS) || 1) * 1000;
  const last = new Map<string, { readonly label: string; readonly atMs: number }>();
  const isIn = (list: readonly string[], word: string) => list.length === 0 || list.includes(word);
  return {
    persons,
    wants(result) {
      const { person, kind, label, device, stream } = result;
      if (!isIn(persons, person) || !isIn(wantedKinds, kind) || !isIn(labels, label)) return false;
      const key = `${person}/${kind}/${device}/${stream}`;
      const before = last.get(key);
      const atMs = Date.parse(result.at);
      if (settings.mode === "change" && before?.label === label) return false;
      // A time before the last one is a late block's: no reason to wait for hours.
      if (settings.mode === "interval" && before !== undefined && Math.abs(atMs - before.atMs) < everyMs) return false;
      last.delete(key);
      last.set(key, { label, atMs });
      const [oldest] = last.keys();
      if (last.size > maxStreams && oldest !== undefined) last.delete(oldest);
      return true;
    },
  };
}

/** Streams whose last result is remembered: more than a home has. */
const maxStreams = 1024;
