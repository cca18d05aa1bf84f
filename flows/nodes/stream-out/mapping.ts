/** The samples in a message of a flow. Pure. */

import { msOfIso } from "../../../gateway/runtime/iso-time.ts";
import { HearthProblem } from "../../client/problem.ts";
import type { Message } from "../../node-red/host.ts";
import type { OutChannel, OutSettings } from "./settings.ts";

export interface Taken {
  /** One row a channel, all as long; null = no value. */
  readonly rows: readonly (readonly (number | null)[])[];
  /** Of the first sample, milliseconds since 1970; undefined where the message is not asked for it. */
  readonly timeMs: number | undefined;
}

/** Samples of one channel in one message; a minute of an ECG has 30,000. */
const maxSamples = 60_000;
/** Text of one line. */
const maxLine = 4096;
/** Beyond it 32 bits have no number. */
const mostNumber = 3.4e38;
const rateTolerance = 0.02;

type Read = Pick<OutSettings, "channels" | "rateHz" | "timeFrom">;

/**
 * What each channel's place in the message holds at `nowMs` (milliseconds since 1970): a number, a text that is one, true or false, one of the channel's words, or a list of these. Throws
 * `flows.no_match`, `flows.no_number`, `flows.wrong_unit`, `flows.wrong_rate`, `flows.unequal_lengths`, `flows.no_time`, `flows.too_large`.
 */
export function samplesOf(message: Message, { channels, rateHz, timeFrom }: Read, nowMs: number): Taken {
  const found = channels.map(({ from }) => valueAt(message, from));
  if (found.every((value) => value === undefined)) {
    const places = channels.map(({ from }) => from).slice(0, 8);
    throw new HearthProblem("flows.no_match", `Nothing stands at ${places.join(", ")} in this message.`);
  }
  const rows = channels.map((channel, at) => rowOf(channel, found[at]));
  const lengths = [...new Set(rows.flatMap((row, at) => (found[at] === undefined ? [] : [row.length])))];
  const [length = 0] = lengths;
  if (lengths.length > 1)
    throw new HearthProblem(
      "flows.unequal_lengths",
      `The channels have ${lengths.slice(0, 4).join(", ")} samples: as many of each are needed.`,
    );
  if (length === 0) throw new HearthProblem("flows.no_match", "The list of samples is empty.");
  checkUnits(message, channels);
  checkRate(message, rateHz, length);
  return {
    rows: rows.map((row, at) => (found[at] === undefined ? new Array<null>(length).fill(null) : row)),
    timeMs: timeOf(message, timeFrom, nowMs),
  };
}

/** By names and numbers in brackets; `line` is the payload's text cut at commas, semicolons and blanks. Only what a message holds itself is seen. */
function valueAt(message: Message, path: string): unknown {
  const steps = path.replace(/^msg\./, "").match(/[^.[\]\s"']+/g) ?? [];
  const whole: Readonly<Record<string, unknown>> = steps[0] === "line" ? { line: lineOf(message.payload) } : message;
  let at: unknown = whole;
  for (const step of steps) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[step];
  }
  return at;
}

function lineOf(payload: unknown): string[] {
  const text = Buffer.isBuffer(payload) ? payload.subarray(0, maxLine).toString("latin1") : payload;
  if (typeof text !== "string") return [];
  return text
    .slice(0, maxLine)
    .trim()
    .split(/[\s,;]+/);
}

function rowOf(channel: OutChannel, found: unknown): (number | null)[] {
  const list =
    Array.isArray(found) || (ArrayBuffer.isView(found) && !(found instanceof DataView)) ? (found as ArrayLike<unknown>) : [found];
  if (list.length > maxSamples)
    throw new HearthProblem("flows.too_large", `${list.length} samples in one message; ${maxSamples} are taken.`);
  return Array.from(list, (value) => numberOf(value, channel));
}

function numberOf(value: unknown, { id, words }: OutChannel): number | null {
  if (value === null || value === undefined || (typeof value === "number" && Number.isNaN(value))) return null;
  const said = typeof value === "string" ? value.trim() : value;
  const meant = typeof said === "string" && Object.hasOwn(words, said) ? words[said] : said;
  const number = typeof meant === "boolean" ? Number(meant) : typeof meant === "string" && meant !== "" ? Number(meant) : meant;
  if (typeof number === "number" && Math.abs(number) <= mostNumber) return number;
  const shown = typeof value === "string" ? `“${value.slice(0, 40)}”` : typeof value;
  throw new HearthProblem(
    "flows.no_number",
    `The channel ${id} takes a number, not ${shown}; a word gets one in the node's table, such as single=1.`,
  );
}

/** UCUM's spelling of what people and other programs write. */
const spelt: Readonly<Record<string, string>> = {
  "°C": "Cel",
  C: "Cel",
  "°F": "[degF]",
  bpm: "/min",
  "1/min": "/min",
  µV: "uV",
  μV: "uV",
  "m/s²": "m/s2",
  "m/s^2": "m/s2",
};
const ucum = (unit: string) => spelt[unit] ?? unit;

/** `unit` of the payload or of the message: a text, or a text for each channel. */
function checkUnits({ payload, unit }: Message, channels: readonly OutChannel[]): void {
  const given = (payload as { readonly unit?: unknown } | null | undefined)?.unit ?? unit;
  for (const channel of channels) {
    const said =
      typeof given === "object" && given !== null && Object.hasOwn(given, channel.id)
        ? (given as Record<string, unknown>)[channel.id]
        : given;
    if (typeof said !== "string" || said === "" || ucum(said.trim()) === ucum(channel.unit)) continue;
    throw new HearthProblem("flows.wrong_unit", `The message is in ${said.slice(0, 32)}; the channel ${channel.id} takes ${channel.unit}.`);
  }
}

/** Only a list has a rate of its own. */
function checkRate({ payload }: Message, rateHz: number, length: number): void {
  const said = (payload as { readonly rateHz?: unknown } | null | undefined)?.rateHz;
  if (length < 2 || typeof said !== "number" || Math.abs(said - rateHz) <= rateTolerance * rateHz) return;
  throw new HearthProblem("flows.wrong_rate", `The message has ${said} samples a second; the stream takes ${rateHz}.`);
}

/** What is before 1971 counts seconds, or from the device's own start; what is further ahead than any clock or time zone would leave all that follows in its past. */
const leastMs = Date.UTC(1971, 0);
const aheadMs = 86_400_000;

function timeOf(message: Message, timeFrom: string, nowMs: number): number | undefined {
  if (timeFrom === "") return undefined;
  const value = valueAt(message, timeFrom);
  const ms = value instanceof Date ? value.getTime() : typeof value === "string" ? msOfIso(value) : value;
  if (typeof ms === "number" && ms >= leastMs && ms <= nowMs + aheadMs) return ms;
  throw new HearthProblem(
    "flows.no_time",
    `At ${timeFrom} stands no time: milliseconds since 1970, ISO 8601 or a Date, at most a day ahead.`,
  );
}
