/** What the dialog of `hearth stream out` stored, as a descriptor of Hearth Stream 1 and a way to fill its channels. Pure. */

import { parseMeta } from "../../../device-drivers/hearth-stream/meta.ts";
import { helpWords } from "../../../gateway/alert/device-help.ts";
import { causeWords } from "../../../gateway/alert/device-words.ts";
import { isDeviceName, isName } from "../../../gateway/ingest/topic.ts";
import { HearthProblem } from "../../client/problem.ts";
import type { Settings } from "../../node-red/host.ts";

export interface OutChannel {
  readonly id: string;
  readonly unit: string;
  /** Where its number stands in a message: "payload.hr", "payload.values", "line[1]". */
  readonly from: string;
  /** What words mean: {"single": 1}. */
  readonly words: Readonly<Record<string, number>>;
}

export interface OutSettings {
  readonly device: string;
  readonly stream: string;
  /** "" = as the gateway calls itself. */
  readonly site: string;
  /** Of the broker, or "" = by the gateway's REST interface. */
  readonly broker: string;
  readonly caFile: string;
  readonly rateHz: number;
  readonly channels: readonly OutChannel[];
  /** The descriptor as it is published. */
  readonly meta: Uint8Array;
  /** 16 hex digits. */
  readonly metaHash: string;
  /** Where a message says when its (first) sample was taken; "" = when it comes. */
  readonly timeFrom: string;
  /** False: messages come when something happens, not at the rate. */
  readonly isRegular: boolean;
  /** Seconds of samples that are sent together. */
  readonly batchS: number;
}

/** A number that no sensor gives, exact in 32 bits: a channel without a value beside others that have one. */
export const noValue = -(2 ** 127);
const [leastBatchS, mostBatchS] = [0.1, 5];

/** Throws `flows.bad_settings` with the gateway's own words for what is wrong with a descriptor. */
export function outSettings(settings: Settings): OutSettings {
  const [device, stream, site] = [text(settings.device), text(settings.stream), text(settings.site)];
  if (!isDeviceName(device)) throw bad("the device's name must be the one of its account: small letters, digits and hyphens");
  if (!isName(stream) || reserved.has(stream))
    throw bad("the stream's name must have small letters, digits and hyphens, and not be status, vitals, alert, event or cmd");
  if (site !== "" && !isName(site)) throw bad("the site must be what gateway.id says in hearth.yaml; empty = the gateway's own");
  const rateHz = Number(settings.rateHz);
  const rows = channelRows(settings.channels);
  const lost = rows.find(({ from }) => text(from) === "");
  if (lost !== undefined) throw bad(`nothing says where in a message the channel “${text(lost.id)}” stands`);
  const meta = new TextEncoder().encode(JSON.stringify(descriptorOf(settings, rateHz, rows)));
  const read = parseMeta(meta, device, stream);
  if (read.kind === "bad") {
    const cause = {
      code: "driver.bad_meta",
      ...(read.field === undefined ? {} : { field: read.field }),
      ...(read.fault === undefined ? {} : { fault: read.fault }),
    };
    throw bad(`${causeWords(cause)}; ${helpWords(cause)}`);
  }
  const batchS = settings.batchS === undefined || settings.batchS === "" ? 1 : Number(settings.batchS);
  if (!(batchS >= leastBatchS && batchS <= mostBatchS)) throw bad(`a batch has ${leastBatchS} to ${mostBatchS} s`);
  return {
    ...{ device, stream, site, rateHz, meta, metaHash: read.hash, batchS },
    ...{ broker: text(settings.broker), caFile: text(settings.caFile), timeFrom: text(settings.timeFrom) },
    isRegular: settings.isRegular !== false,
    channels: rows.map(({ id, unit, from, words }) => ({ id: text(id), unit: text(unit), from: text(from), words: wordsOf(words) })),
  };
}

type Row = Readonly<Record<string, unknown>>;
/** A descriptor takes no more. */
const maxRows = 64;
const reserved = new Set(["status", "vitals", "alert", "event", "cmd"]);

/** The dialog keeps its table as JSON. */
function channelRows(stored: unknown): Row[] {
  let rows: unknown = stored;
  try {
    if (typeof stored === "string") rows = JSON.parse(stored === "" ? "[]" : stored);
  } catch {
    rows = undefined;
  }
  if (!Array.isArray(rows) || !rows.every((row) => typeof row === "object" && row !== null)) throw bad("the table of channels is damaged");
  if (rows.length > maxRows) throw bad(`a stream has at most ${maxRows} channels`);
  return rows as Row[];
}

/** As far as the dialog says it: what is missing is left for the check to tell. */
function descriptorOf(settings: Settings, rateHz: number, rows: readonly Row[]) {
  const number = (value: unknown) => (value === undefined || value === null || value === "" ? undefined : Number(value));
  const filled = (value: unknown) => text(value) || undefined;
  const warnS = number(settings.warnS);
  const urgentS = number(settings.urgentS);
  return {
    v: 1,
    rateHz,
    placement: filled(settings.placement),
    channels: rows.map(({ id, kind, lead, unit, scale, offset, low, high }) => ({
      ...{ id: text(id), kind: filled(kind), lead: filled(lead), unit: filled(unit), scale: number(scale) ?? 1, offset: number(offset) },
      ...(number(low) === undefined && number(high) === undefined ? {} : { range: [number(low), number(high)] }),
    })),
    sentinels: rows.map(({ id }) => ({ channel: text(id), value: noValue, meaning: "invalid" })),
    contact: "none",
    ...(warnS === undefined && urgentS === undefined ? {} : { missedData: { warnS, urgentS } }),
  };
}

/** "single=1 double=2". */
function wordsOf(typed: unknown): Record<string, number> {
  const pairs = text(typed)
    .split(/[\s,;]+/)
    .filter((pair) => pair !== "");
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, word, number] = /^([^=]+)=([-+.\dEe]+)$/.exec(pair) ?? [];
      if (word === undefined || !Number.isFinite(Number(number)))
        throw bad(`“${pair.slice(0, 40)}” is no pair of a word and a number such as single=1`);
      return [word, Number(number)];
    }),
  );
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}

const bad = (what: string) => new HearthProblem("flows.bad_settings", what);
