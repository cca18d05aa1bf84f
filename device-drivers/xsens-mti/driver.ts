/** Xsens MTi over Xbus: one block per MTData2 message, acceleration and rate of turn as "imu", orientation as "quaternion". A missing item is an absent value, a missing message a gap. */

import { createHash } from "node:crypto";
import { type Chunk, type Driver, type DriverInstance, emptyCounters } from "../contract/driver.ts";
import type { RefusalCode } from "../contract/refusal.ts";
import { type Block, type Channel, Flag, type GatewayStamps, type StreamDescriptor } from "../contract/sample-block.ts";
import { createRefusals } from "../framing/refusals.ts";
import { decodeMtData2, type MtData2, mtData2 } from "./frame.ts";
import { type XsensMtiOptions, xsensMtiOptions } from "./options.ts";
import { type CountState, placeOf } from "./sample-count.ts";
import { createXbusFramer, type FramerState } from "./xbus-framer.ts";

interface DeviceState {
  readonly framer: FramerState;
  readonly bootId: string;
  readonly count: CountState | undefined;
  /** Streams that this device has shown to have. */
  readonly seen: readonly StreamName[];
}

type StreamName = "imu" | "quaternion";

export const xsensMti: Driver<XsensMtiOptions> = {
  name: "xsens-mti",
  title: "Xsens MTi (Xbus, MTData2)",
  options: xsensMtiOptions,
  serial: { baud: 115_200, dataBits: 8, parity: "none", stopBits: 2 },
  silenceMs: 2000,
  create: (options, device, state) => createXsensMti(options, device, state as DeviceState | undefined),
};

function createXsensMti(options: XsensMtiOptions, device: string, saved?: DeviceState): DriverInstance {
  const counters = emptyCounters();
  const refusals = createRefusals();
  const framer = createXbusFramer(counters, saved?.framer);
  const descriptors = descriptorsOf(options, device);
  const { rateHz } = descriptors.imu;
  const seen = new Set<StreamName>(saved?.seen);
  let bootId = saved?.bootId ?? "";
  let count = saved?.count;

  const discard = (reason: RefusalCode) => {
    counters.discarded[reason] = (counters.discarded[reason] ?? 0) + 1;
    refusals.add(reason, "");
  };

  const take = (data: MtData2, stamps: GatewayStamps): Block[] => {
    const place = placeOf(data, count, rateHz);
    count = place.at;
    if (place.kind === "discarded") {
      discard(place.reason);
      return [];
    }
    counters.frames++;
    if (place.isLoss) counters.sequenceGaps++;
    if (place.kind === "no-sample") {
      refusals.add("driver.no_sample", "");
      return [];
    }
    refusals.over("");
    if (place.isRestart) {
      bootId = bootIdOf(device, data, stamps);
      seen.clear();
    }
    const values = { imu: imuValues(data), quaternion: data.quaternion };
    return (["imu", "quaternion"] as const).flatMap((stream): Block[] => {
      if (values[stream] !== undefined) seen.add(stream);
      return seen.has(stream) ? [sampleOf(stream, values[stream], { at: place.at, stamps })] : [];
    });
  };

  const sampleOf = (
    stream: StreamName,
    values: readonly number[] | undefined,
    { at, stamps }: { at: CountState; stamps: GatewayStamps },
  ): Block => {
    const descriptor = descriptors[stream];
    const numbers = values ?? descriptor.channels.map(() => Number.NaN);
    return {
      kind: "samples",
      descriptor,
      bootId,
      firstIndex: at.index,
      count: 1,
      deviceTimeUs: at.ticks === undefined ? Math.round((at.index * 1e6) / rateHz) : at.ticks * 100,
      deviceClock: at.ticks === undefined ? 0 : 1,
      stamps,
      channels: numbers.map((number) => Float32Array.of(Number.isFinite(number) ? number : Number.NaN)),
      ...(numbers.some(Number.isFinite) ? {} : { flags: Uint8Array.of(Flag.absent) }),
    };
  };

  return {
    counters,
    refusals: refusals.list,
    push({ bytes, stamps }: Chunk) {
      const blocks: Block[] = [];
      const { bytesSkipped, checksumFails } = counters;
      framer.push(bytes, (messageId, payload) => {
        if (messageId !== mtData2) {
          discard("driver.other_message");
          return true;
        }
        const data = decodeMtData2(payload);
        if (data === undefined) {
          discard("driver.bad_items");
          return false;
        }
        for (const block of take(data, stamps)) blocks.push(block);
        return true;
      });
      if (blocks.length > 0) return blocks;
      if (counters.checksumFails > checksumFails) refusals.add("driver.bad_checksum", "");
      else if (counters.bytesSkipped > bytesSkipped) refusals.add("driver.no_frame", "");
      return blocks;
    },
    state: (): DeviceState => ({ framer: framer.state(), bootId, count, seen: [...seen] }),
  };
}

/** Six numbers, absent ones NaN; undefined when the message has none of them. */
function imuValues({ acceleration, rateOfTurn }: MtData2): readonly number[] | undefined {
  if (acceleration === undefined && rateOfTurn === undefined) return undefined;
  const none = [Number.NaN, Number.NaN, Number.NaN];
  return [...(acceleration ?? none), ...(rateOfTurn ?? none)];
}

/** The device has no boot id: what it sent first and when make one that no other start has, and the same one on reading the journal again. */
function bootIdOf(device: string, { packetCounter, sampleTimeFine }: MtData2, { timeUs }: GatewayStamps): string {
  return createHash("sha256").update(`${device} ${packetCounter} ${sampleTimeFine} ${timeUs}`).digest("hex").slice(0, 16);
}

function descriptorsOf({ rateHz = 100, placement = "waist" }: XsensMtiOptions, device: string): Record<StreamName, StreamDescriptor> {
  const common = { device, rateHz, placement, sentinels: [], contact: "none" } as const;
  const channel = (id: string, kind: Channel["kind"], unit: string, limit: number): Channel => ({
    id,
    kind,
    unit,
    scale: 1,
    offset: 0,
    range: [-limit, limit],
  });
  const axes = ["x", "y", "z"];
  return {
    imu: {
      ...common,
      stream: "imu",
      channels: [
        ...axes.map((axis) => channel(`acc-${axis}`, "acc", "m/s2", 200)),
        ...axes.map((axis) => channel(`gyro-${axis}`, "gyro", "rad/s", 40)),
      ],
    },
    quaternion: {
      ...common,
      stream: "quaternion",
      channels: ["w", "x", "y", "z"].map((part) => channel(`q-${part}`, "quaternion", "1", 1.01)),
    },
  };
}
