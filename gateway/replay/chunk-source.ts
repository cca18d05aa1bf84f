/** Sources without a header: chunks that a gateway kept, and bytes that a device sent, whose times come from the device's own clock. */

import type { Chunk, Driver, DriverInstance } from "../../device-drivers/contract/driver.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { GatewayStamps, SampleBlock } from "../../device-drivers/contract/sample-block.ts";
import type { ReplaySource, ReplaySpan } from "./source.ts";

/** 2000-01-01T00:00:00Z, the wall time of a recording that states none. */
const undatedUs = 946_684_800_000_000;
/** Bytes offered at once: a few milliseconds of a fast device, less than a second of a slow one. */
const pieceBytes = 64;
/** A device's clock that leaps farther than this has been set; time goes on where it was. */
const leapUs = 86_400_000_000;

/** Chunks of one lane with the stamps they got when they arrived; `span` counts from the first. Descriptors are always let through. */
export function keptChunks(
  { name, person, driverOf }: Pick<ReplaySource, "name" | "driverOf"> & { person: string },
  chunks: AsyncIterable<Chunk>,
  { fromS = 0, toS = Number.POSITIVE_INFINITY }: ReplaySpan,
): ReplaySource {
  async function* within() {
    let firstUs: number | undefined;
    for await (const chunk of chunks) {
      firstUs ??= chunk.stamps.timeUs;
      const atS = (chunk.stamps.timeUs - firstUs) / 1e6;
      if (atS >= toS) return;
      if (atS >= fromS || chunk.channel.endsWith("/meta")) yield chunk;
    }
  }
  return { name, person, driverOf, chunks: within() };
}

interface DeviceBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly driver: Driver;
  readonly span: ReplaySpan;
}

/** Throws `recording.no_samples` (operator) where the driver finds nothing in the bytes. */
export function deviceBytes({ name, bytes, driver, span }: DeviceBytes): ReplaySource {
  const { fromS = 0, toS = Number.POSITIVE_INFINITY } = span;
  const timed = timePieces(bytes, driver.create({}, name));
  if (timed.length === 0)
    throw new GatewayError("recording.no_samples", "operator", `${name}: the driver "${driver.name}" finds no samples in it.`);
  return {
    name,
    driverOf: () => ({ driver, options: {} }),
    chunks: timed.filter(({ stamps }) => stamps.monotonicUs >= fromS * 1e6 && stamps.monotonicUs < toS * 1e6),
  };
}

/** Cuts bytes and stamps each piece with the end of what had been measured by then, as the device's clock tells it. */
function timePieces(bytes: Uint8Array, instance: DriverInstance): Chunk[] {
  const chunks: Chunk[] = [];
  const clock = createDeviceTime();
  let samples = 0;
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece: Omit<Chunk, "stamps"> = { link: "file", device: "recording", channel: "", bytes: bytes.subarray(at, at + pieceBytes) };
    for (const block of instance.push({ ...piece, stamps: stampsAt(clock.nowUs()) })) {
      if (block.kind !== "samples") continue;
      samples += block.count;
      clock.see(block);
    }
    chunks.push({ ...piece, stamps: stampsAt(clock.nowUs()) });
  }
  return samples === 0 ? [] : chunks;
}

function createDeviceTime() {
  let bootId: string | undefined;
  let originUs = 0;
  let lastUs = 0;
  let newestUs = 0;
  return {
    nowUs: () => newestUs,
    see({ bootId: boot, descriptor, firstIndex, count, deviceClock, deviceTimeUs }: SampleBlock) {
      const startUs = deviceClock === 0 ? (firstIndex * 1e6) / descriptor.rateHz : deviceTimeUs;
      if (boot !== bootId || Math.abs(startUs - lastUs) > leapUs) originUs = startUs - newestUs;
      bootId = boot;
      lastUs = startUs;
      newestUs = Math.max(newestUs, Math.round(startUs - originUs + (count * 1e6) / descriptor.rateHz));
    },
  };
}

function stampsAt(elapsedUs: number): GatewayStamps {
  const timeUs = undatedUs + elapsedUs;
  return { timeUs, monotonicUs: elapsedUs, wallUs: timeUs, wallQuality: "ntp" };
}
