/** A stream's descriptor as its device publishes it (`<stream>/meta`), checked once and translated into the house's words. Pure. */

import Value from "typebox/value";
import type { FieldFault } from "../contract/refusal.ts";
import { type Channel, Flag, type Sentinel, type StreamDescriptor } from "../contract/sample-block.ts";
import { readJson } from "../framing/json-reader.ts";
import { hashOfMeta } from "./frame.ts";
import { channelKinds, type MetaPayload, metaSchema } from "./meta-schema.ts";

/** A descriptor under its hash, ready for decoding. */
export interface Meta {
  readonly kind: "meta";
  readonly hash: string;
  /** The payload as received: the hash is over exactly these bytes. */
  readonly payload: Uint8Array;
  readonly descriptor: StreamDescriptor;
  /** App flags for every value of the device's low eight quality bits, and for the high eight. */
  readonly flagsOfLow: Uint8Array;
  readonly flagsOfHigh: Uint8Array;
}

export const maxMetaBytes = 16 * 1024;

/** Names of the profile's quality bits. "poor" has no flag of its own: motion is what lowers quality without hiding the sample. */
const flagByName: Readonly<Record<string, number>> = {
  "lead-off": Flag.leadOff,
  saturated: Flag.saturated,
  motion: Flag.motion,
  poor: Flag.motion,
  synthetic: Flag.synthetic,
  "not-worn": Flag.notWorn,
};

/** What is wrong with a descriptor: the first field that breaks a rule ("channels[0].scale"), none where it is no JSON object at all. */
interface BadMeta {
  readonly kind: "bad";
  readonly field?: string;
  readonly fault?: FieldFault;
}

/** The descriptor, or why the payload is none. */
export function parseMeta(payload: Uint8Array, device: string, stream: string): Meta | BadMeta {
  const read = readJson(payload, { maxBytes: maxMetaBytes });
  if (read === undefined) return { kind: "bad" };
  const parsed = read.value;
  if (!Value.Check(metaSchema, parsed)) return schemaFault(parsed);
  const fault = crossFault(parsed);
  if (fault !== undefined) return fault;
  const quality = parsed.quality ?? {};
  return {
    kind: "meta",
    hash: hashOfMeta(payload),
    payload,
    descriptor: descriptorOf(parsed, device, stream),
    flagsOfLow: flagTable(quality, 0),
    flagsOfHigh: flagTable(quality, 8),
  };
}

function schemaFault(parsed: unknown): BadMeta {
  const [error] = Value.Errors(metaSchema, parsed);
  if (error === undefined) return { kind: "bad" };
  const path = fieldOf(error.instancePath);
  const [missing] = error.keyword === "required" ? error.params.requiredProperties : [];
  if (missing !== undefined) return { kind: "bad", field: path === "" ? missing : `${path}.${missing}`, fault: "missing" };
  return path === "" ? { kind: "bad" } : { kind: "bad", field: path, fault: error.keyword === "type" ? "type" : "range" };
}

/** "/channels/0/scale" as "channels[0].scale". */
function fieldOf(instancePath: string): string {
  return instancePath
    .replace(/\/(\d+)/g, "[$1]")
    .replace(/\//g, ".")
    .replace(/^\./, "");
}

/** Rules between fields, which no schema tells. */
function crossFault({ channels, sentinels }: MetaPayload): BadMeta | undefined {
  const ids = channels.map(({ id }) => id);
  for (const [at, { id, scale, range }] of channels.entries()) {
    if (ids.indexOf(id) !== at) return { kind: "bad", field: `channels[${at}].id`, fault: "twice" };
    if (scale === 0) return { kind: "bad", field: `channels[${at}].scale`, fault: "range" };
    if (range !== undefined && range[0] >= range[1]) return { kind: "bad", field: `channels[${at}].range`, fault: "range" };
  }
  const lost = sentinels.findIndex(({ channel }) => !ids.includes(channel));
  return lost < 0 ? undefined : { kind: "bad", field: `sentinels[${lost}].channel`, fault: "unknown" };
}

function descriptorOf(parsed: MetaPayload, device: string, stream: string): StreamDescriptor {
  const { rateHz, placement, missedData } = parsed;
  return {
    device,
    stream,
    rateHz,
    ...(placement === undefined ? {} : { placement }),
    channels: parsed.channels.map(channelOf),
    sentinels: parsed.sentinels.map(({ channel, value, meaning }): Sentinel => ({ channel, value, meaning })),
    contact: parsed.contact ?? "none",
    ...(missedData === undefined ? {} : { missedData: { warnS: missedData.warnS, urgentS: missedData.urgentS } }),
  };
}

function channelOf({ id, kind = id, lead, unit, scale, offset = 0, range, mdc }: MetaPayload["channels"][number]): Channel {
  return {
    id,
    kind: channelKinds.find((known) => known === kind) ?? "other",
    ...(lead === undefined ? {} : { lead }),
    unit,
    scale,
    offset,
    ...(range === undefined ? {} : { range }),
    ...(mdc === undefined ? {} : { mdc }),
  };
}

/** Bits of the device → flags of the house, for eight bits from `shift` on. Bits without a name that the house knows are left out. */
function flagTable(quality: Readonly<Record<string, number>>, shift: number): Uint8Array {
  const table = new Uint8Array(256);
  for (const [name, value] of Object.entries(quality)) {
    const flag = flagByName[name] ?? 0;
    const bits = (value >> shift) & 0xff;
    if (flag === 0 || bits === 0) continue;
    for (let i = 1; i < 256; i++) if ((i & bits) !== 0) table[i] = (table[i] ?? 0) | flag;
  }
  return table;
}
