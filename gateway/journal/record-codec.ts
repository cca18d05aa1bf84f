/**
 * Chunks as the bytes of a commit group and back. A group names its sources (link, device, channel) by number; the definitions stand in the
 * first group of a segment that uses them. Stamps are differences to the record before, so that a record costs about 7 bytes beside its payload.
 */

import type { WallClockQuality } from "../../device-drivers/contract/clock.ts";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { ByteReader, ByteWriter } from "./byte-cursor.ts";

/** What a record's difference is taken to at the start of each group; constant over the life of a segment. */
export interface StampOrigin {
  /** timeUs − monotonicUs */
  readonly axisUs: number;
  /** wallUs − timeUs */
  readonly wallUs: number;
}

export interface Source {
  readonly id: number;
  readonly link: string;
  readonly device: string;
  readonly channel: string;
}

/** Records of one lane that will be committed together. `body` is encoded, without definitions. */
export interface LaneBatch {
  readonly lane: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly count: number;
  readonly firstTimeUs: number;
  readonly minTimeUs: number;
  readonly maxTimeUs: number;
  readonly sources: readonly number[];
}

const qualities: readonly WallClockQuality[] = ["ntp", "rtc", "fake", "unsynced"];

export function originOf(chunk: Chunk): StampOrigin {
  const { timeUs, monotonicUs, wallUs } = chunk.stamps;
  return { axisUs: Math.round(timeUs - monotonicUs), wallUs: Math.round(wallUs - timeUs) };
}

export interface BatchEncoder {
  add(chunk: Chunk, sourceId: number): void;
  readonly count: number;
  take(): LaneBatch;
}

export function createBatchEncoder(lane: string, origin: StampOrigin, sizeBytes: number): BatchEncoder {
  const writer = new ByteWriter(sizeBytes);
  const sources = new Set<number>();
  let count = 0;
  let firstTimeUs = 0;
  let minTimeUs = Number.POSITIVE_INFINITY;
  let maxTimeUs = Number.NEGATIVE_INFINITY;
  let lastTimeUs = 0;
  let last = origin;
  return {
    get count() {
      return count;
    },
    add(chunk, sourceId) {
      const timeUs = Math.round(chunk.stamps.timeUs);
      if (count === 0) {
        firstTimeUs = timeUs;
        lastTimeUs = timeUs;
      }
      const here = originOf(chunk);
      sources.add(sourceId);
      writer.varint(sourceId * qualities.length + Math.max(0, qualities.indexOf(chunk.stamps.wallQuality)));
      writer.signed(timeUs - lastTimeUs);
      writer.signed(here.axisUs - last.axisUs);
      writer.signed(here.wallUs - last.wallUs);
      writer.varint(chunk.bytes.length);
      writer.raw(chunk.bytes);
      count += 1;
      lastTimeUs = timeUs;
      last = here;
      minTimeUs = Math.min(minTimeUs, timeUs);
      maxTimeUs = Math.max(maxTimeUs, timeUs);
    },
    take: () => ({ lane, body: writer.view(), count, firstTimeUs, minTimeUs, maxTimeUs, sources: [...sources] }),
  };
}

/** Definitions in front of a body. */
export function encodeSources(sources: readonly Source[]): Uint8Array {
  const writer = new ByteWriter(256);
  writer.varint(sources.length);
  for (const source of sources) {
    writer.varint(source.id);
    writer.text(source.link);
    writer.text(source.device);
    writer.text(source.channel);
  }
  return writer.view();
}

interface GroupBody {
  readonly bytes: Uint8Array;
  readonly definesSources: boolean;
  readonly count: number;
  readonly firstTimeUs: number;
}

/**
 * Decodes a group's plain body; `known` collects definitions and must have seen the earlier groups of the segment. A record whose source was defined in a
 * damaged group is undefined. Returns undefined where the bytes are not a body (only a writer's bug: the CRC and the seal have passed).
 */
export function decodeBody(body: GroupBody, known: Map<number, Source>, origin: StampOrigin): (Chunk | undefined)[] | undefined {
  const reader = new ByteReader(body.bytes);
  if (body.definesSources) readSources(reader, known);
  const chunks: (Chunk | undefined)[] = [];
  let { axisUs, wallUs } = origin;
  let timeUs = body.firstTimeUs;
  for (let i = 0; i < body.count; i++) {
    const token = reader.varint();
    const source = known.get(Math.floor(token / qualities.length));
    timeUs += reader.signed();
    axisUs += reader.signed();
    wallUs += reader.signed();
    const bytes = reader.raw(reader.varint());
    if (reader.isShort) return undefined;
    if (source === undefined) {
      chunks.push(undefined);
      continue;
    }
    const wallQuality = qualities[token % qualities.length] ?? "unsynced";
    const { link, device, channel } = source;
    chunks.push({ link, device, channel, bytes, stamps: { timeUs, monotonicUs: timeUs - axisUs, wallUs: timeUs + wallUs, wallQuality } });
  }
  return chunks;
}

/** Only the definitions of a body. */
export function readSources(reader: ByteReader, known: Map<number, Source>): void {
  const count = reader.varint();
  for (let i = 0; i < count && !reader.isShort; i++) {
    const source = { id: reader.varint(), link: reader.text(), device: reader.text(), channel: reader.text() };
    known.set(source.id, source);
  }
}
