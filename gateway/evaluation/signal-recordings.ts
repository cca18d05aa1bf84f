/** Recordings of a pulse by light and of movement in the folders that people bring: WFDB, or tables of numbers as motion sets have them. */

import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Channel, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { NO_VALUE } from "../recordings/signal-formats.ts";
import { readRecord } from "../recordings/wfdb.ts";
import { streamsOf } from "../replay/recording-driver.ts";
import { recordsOf } from "./data-folder.ts";

export type SignalKind = "ppg" | "imu";

/** One stream, whole, as a device would send it. */
export interface SignalRecording {
  readonly id: string;
  readonly descriptor: StreamDescriptor;
  /** Counts, a row for each of its channels; `NO_VALUE` where there is none. */
  readonly rows: readonly Int32Array[];
  /** Of one sample of one channel before anything is coded. */
  readonly bits: number;
}

interface NamedRecording {
  readonly id: string;
  /** Undefined where nothing of the kind is in it. Throws `recording.*`. */
  readonly read: () => Promise<SignalRecording | undefined>;
}

/** By name. `only` takes ids or names. */
export async function signalRecordings(kind: SignalKind, dirs: readonly string[], only?: ReadonlySet<string>): Promise<NamedRecording[]> {
  if (kind === "ppg") return (await recordsOf(dirs, "ppg/bidmc", only)).map(({ id, path }) => ({ id, read: () => readPulse(id, path) }));
  const found = await Promise.all(dirs.map(motionTables));
  return found.flat().filter(({ id }) => only === undefined || only.has(id) || only.has(basename(id)));
}

async function readPulse(id: string, path: string): Promise<SignalRecording | undefined> {
  const record = await readRecord(path);
  for (const { descriptor, signals } of streamsOf(record, "given")) {
    const at = descriptor.channels.findIndex(({ kind }) => kind === "ppg");
    const [channel, row] = [descriptor.channels[at], record.signals[signals[at] ?? -1]];
    if (channel === undefined || row === undefined) continue;
    // Headers of this set state no resolution: models.md §1.11 counts twelve bits there.
    return { id, descriptor: { ...descriptor, channels: [channel] }, rows: [row], bits: 12 };
  }
  return undefined;
}

/** What is known of a set that its tables do not say themselves. */
interface MotionSet {
  readonly folder: string;
  readonly files: RegExp;
  readonly rateHz: number;
  readonly separator: string;
  readonly hasHead: boolean;
  readonly acc: Axes;
  readonly gyro?: Axes;
}

interface Axes {
  readonly first: number;
  readonly unit: string;
  /** Of a sensor of today: ±8 g, ±2000 °/s in 16 bits. */
  readonly scale: number;
}

const inMps2 = { unit: "m/s2", scale: 9.80665 / 4096 } as const;
const inRadPerS = { unit: "rad/s", scale: Math.PI / 180 / 16.4 } as const;
const motionSets: readonly MotionSet[] = [
  // The watch of each pair.
  {
    ...{ folder: "sp-sw-har", files: /_sw\.csv\.gz$/, rateHz: 103, separator: ",", hasHead: true },
    ...{ acc: { first: 0, ...inMps2 }, gyro: { first: 3, ...inRadPerS } },
  },
  {
    ...{ folder: "pt-exercises-5imu", files: /test\.txt\.gz$/, rateHz: 25, separator: ";", hasHead: true },
    ...{ acc: { first: 1, ...inMps2 }, gyro: { first: 4, ...inRadPerS } },
  },
  {
    ...{ folder: "mex-thigh-acc", files: /\.csv\.gz$/, rateHz: 103, separator: ",", hasHead: false },
    ...{ acc: { first: 1, unit: "[g]", scale: 1 / 4096 } },
  },
];
const mostFiles = 20_000;
const mostBytes = 256 << 20;

async function motionTables(dir: string): Promise<NamedRecording[]> {
  const found: NamedRecording[] = [];
  for (const set of motionSets) {
    const root = join(dir, "motion", set.folder);
    const names = await readdir(root, { recursive: true }).catch(() => [] as string[]);
    for (const name of names
      .filter((each) => set.files.test(each))
      .sort()
      .slice(0, mostFiles)) {
      const path = join(root, name);
      const id = join(set.folder, dirname(relative(root, path)), basename(name).replace(/\.(csv|txt)\.gz$/, ""));
      found.push({ id, read: () => readTable(id, path, set) });
    }
  }
  return found;
}

async function readTable(id: string, path: string, set: MotionSet): Promise<SignalRecording> {
  const text = await promisify(gunzip)(await readFile(path), { maxOutputLength: mostBytes }).catch((cause) => {
    throw new GatewayError("recording.damaged", "world", `${path}: it can't be unpacked`, { cause });
  });
  const lines = text
    .toString()
    .split("\n")
    .slice(set.hasHead ? 1 : 0)
    .filter((line) => line.trim() !== "")
    .map((line) => line.split(set.separator));
  const parts = [{ kind: "acc" as const, axes: set.acc }, ...(set.gyro === undefined ? [] : [{ kind: "gyro" as const, axes: set.gyro }])];
  const columns = parts.flatMap(({ kind, axes }) => ["x", "y", "z"].map((axis, i) => ({ kind, axis, at: axes.first + i, axes })));
  const channels: Channel[] = columns.map(({ kind, axis, axes: { unit, scale } }) => ({
    id: `${kind}-${axis}`,
    kind,
    unit,
    scale,
    offset: 0,
  }));
  const rows = columns.map(({ at, axes }) =>
    Int32Array.from(lines, (line) => {
      const value = Number.parseFloat(line[at] ?? "");
      return Number.isFinite(value) ? Math.max(-32_768, Math.min(32_767, Math.round(value / axes.scale))) : NO_VALUE;
    }),
  );
  const descriptor = { device: "wrist", stream: "imu", rateHz: set.rateHz, channels, sentinels: [], contact: "none" as const };
  return { id, descriptor, rows, bits: 16 };
}
