/** Gives samples their numbers and times and packs them into batches of Hearth Stream 1. Pure: time is an argument. */

import { encodeBatch, maxBatchBytes } from "../../../device-drivers/hearth-stream/frame.ts";
import type { Taken } from "./mapping.ts";
import { noValue, type OutSettings } from "./settings.ts";

export interface NumberedBatch {
  readonly sequence: number;
  readonly samples: number;
  readonly bytes: Uint8Array;
}

interface Numbering {
  /** Takes samples and gives the batches that are full. `nowMs` counts from the node's start and never falls. */
  take(taken: Taken, nowMs: number): NumberedBatch[];
  /** What has waited for as long as a batch lasts, or all of it. */
  flush(nowMs: number, isAll?: boolean): NumberedBatch[];
  /** Samples that came sooner than the rate allows: of an irregular stream they were left out, of a regular one its time was set anew. */
  readonly tooFast: number;
}

interface NumberingParts {
  readonly settings: Pick<OutSettings, "channels" | "rateHz" | "metaHash" | "isRegular" | "batchS" | "timeFrom">;
  /** 16 hex digits, new at each start. */
  readonly bootId: string;
}

/** Beyond it a sample is not late but others are missing, as the gateway counts it too. */
const slackMs = 2000;
/** Of a batch's keys and of each channel's, above what they take. */
const [keysBytes, channelBytes] = [120, 16];

export function createNumbering({ settings, bootId }: NumberingParts): Numbering {
  const { channels, rateHz, metaHash, isRegular, batchS, timeFrom } = settings;
  const periodMs = 1000 / rateHz;
  const room = maxBatchBytes - keysBytes - channels.reduce((sum, { id }) => sum + channelBytes + Buffer.byteLength(id), 0);
  const fullAt = Math.max(1, Math.min(Math.round(batchS * rateHz), Math.floor(room / (4 * channels.length))));
  let sequence = 0;
  let next = 0;
  /** Where sample 0 lies: of a message's own times or of this node's. */
  let zeroMs: number | undefined;
  let tooFast = 0;
  let open = { first: 0, timeMs: 0, sinceMs: 0, rows: channels.map((): number[] => []) };
  const count = () => open.rows[0]?.length ?? 0;

  const close = (): NumberedBatch[] => {
    const samples = count();
    if (samples === 0) return [];
    const batch = {
      ...{ bootId, sequence, firstIndex: open.first, deviceTimeUs: Math.max(0, Math.round(open.timeMs * 1000)), metaHash },
      // 3: UTC since 1970, as the message says; 1: since this node's start.
      clockQuality: timeFrom === "" ? (1 as const) : (3 as const),
      periodNs: Math.round(1e9 / rateHz),
      channels: channels.map(({ id }, at) => ({ id, samples: Float32Array.from(open.rows[at] ?? []) })),
    };
    open = { ...open, rows: channels.map(() => []) };
    return [{ sequence: sequence++, samples, bytes: encodeBatch(batch) }];
  };

  /** The number of a sample taken at `timeMs`; undefined for one that has no place. */
  const numberAt = (timeMs: number): number | undefined => {
    zeroMs ??= timeMs;
    const offMs = timeMs - (zeroMs + next * periodMs);
    if (!isRegular) {
      const slot = Math.floor((timeMs - zeroMs) / periodMs + 1e-6);
      return slot < next ? undefined : slot;
    }
    const most = Math.max(slackMs, 3 * periodMs);
    if (offMs > most) return next + Math.round(offMs / periodMs);
    if (offMs < -most) {
      tooFast++;
      zeroMs += offMs;
    }
    return next;
  };

  return {
    get tooFast() {
      return tooFast;
    },
    take({ rows, timeMs }, nowMs) {
      const out: NumberedBatch[] = [];
      const length = rows[0]?.length ?? 0;
      // A list that comes without a time has ended just now.
      const startMs = timeMs ?? nowMs - (length - 1) * periodMs;
      for (let i = 0; i < length; i++) {
        const number = i === 0 || !isRegular ? numberAt(startMs + i * periodMs) : next;
        if (number === undefined) {
          tooFast++;
          continue;
        }
        if (number !== next) out.push(...close());
        if (count() === 0) open = { ...open, first: number, timeMs: startMs + i * periodMs, sinceMs: nowMs };
        for (const [at, row] of rows.entries()) open.rows[at]?.push(row[i] ?? noValue);
        next = number + 1;
        if (count() >= fullAt) out.push(...close());
      }
      return out;
    },
    flush: (nowMs, isAll = false) => (isAll || nowMs - open.sinceMs >= batchS * 1000 ? close() : []),
  };
}
