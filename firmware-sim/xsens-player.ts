/** Plays real Xsens MTi messages round and round at their own rate. Packet counter, sample time and checksum are written anew so that the device seems to run on; measured values are never touched. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Clock } from "../device-drivers/contract/clock.ts";
import { decodeMtData2, encodeXbus, mtData2 } from "../device-drivers/xsens-mti/frame.ts";
import type { BytePort } from "./link/byte-port.ts";

interface XsensPlayerOptions {
  /** Recorded messages one after the other, as `loadXsensCapture` gives them. */
  readonly capture: Uint8Array;
  readonly clock: Clock;
  readonly port: Pick<BytePort, "write">;
  /** Where the device's counters start. */
  readonly firstCounter?: number;
}

export interface XsensPlayer {
  /** While set, the device measures on but sends nothing. */
  isSilent: boolean;
  readonly messageCount: number;
  stop(): void;
}

export const xsensOrigin = "Xsens MTi recording of github.com/einride/xsens-go, 400 messages, played in a loop (MIT, Einride AB)";

const rateHz = 100;
const ticksPerSample = 10_000 / rateHz;
const periodMs = 50;
const packetCounterId = 0x1020;
const sampleTimeFineId = 0x1060;

/** The committed recording of 400 messages. */
export async function loadXsensCapture(): Promise<Uint8Array> {
  return new Uint8Array(await readFile(fileURLToPath(new URL("./excerpts/xsens-mti.bin", import.meta.url))));
}

/** Starts at once; messages go out every 50 ms. */
export function startXsensPlayer({ capture, clock, port, firstCounter = 0 }: XsensPlayerOptions): XsensPlayer {
  const payloads = payloadsOf(capture);
  const startUs = clock.monotonicUs();
  let sampleCount = 0;
  let messageCount = 0;

  const next = (): Uint8Array => {
    const { payload, hasSample } = payloads[messageCount % payloads.length] ?? { payload: new Uint8Array(0), hasSample: true };
    // A satellite message tells the time of its fix, four samples ago.
    const sampleIndex = hasSample ? sampleCount++ : sampleCount - 4;
    const counter = (firstCounter + messageCount++) & 0xffff;
    return encodeXbus(mtData2, restamp(payload, counter, (firstCounter + sampleIndex) * ticksPerSample));
  };

  const play = () => {
    const dueCount = Math.floor(((clock.monotonicUs() - startUs) * rateHz) / 1e6);
    const due: number[] = [];
    while (sampleCount < dueCount) for (const byte of next()) due.push(byte);
    if (!player.isSilent && due.length > 0) port.write(Uint8Array.from(due));
  };
  const stop = clock.every(periodMs, play);

  const player: XsensPlayer = {
    isSilent: false,
    get messageCount() {
      return messageCount;
    },
    stop,
  };
  return player;
}

/** Payloads of whole messages that follow each other without a stray byte. */
function payloadsOf(capture: Uint8Array): { payload: Uint8Array; hasSample: boolean }[] {
  const payloads = [];
  for (let at = 0; at < capture.length; ) {
    const short = capture[at + 3] ?? 0;
    const header = short < 255 ? 4 : 6;
    const length = short < 255 ? short : ((capture[at + 4] ?? 0) << 8) | (capture[at + 5] ?? 0);
    const payload = capture.slice(at + header, at + header + length);
    const { acceleration, rateOfTurn } = decodeMtData2(payload) ?? {};
    payloads.push({ payload, hasSample: acceleration !== undefined || rateOfTurn !== undefined });
    at += header + length + 1;
  }
  return payloads;
}

/** The same payload with another packet counter and sample time. */
function restamp(payload: Uint8Array, counter: number, ticks: number): Uint8Array {
  const out = payload.slice();
  const view = new DataView(out.buffer);
  for (let at = 0; at + 3 <= out.length; at += 3 + view.getUint8(at + 2)) {
    const id = view.getUint16(at);
    if (id === packetCounterId) view.setUint16(at + 3, counter);
    if (id === sampleTimeFineId) view.setUint32(at + 3, ticks >>> 0);
  }
  return out;
}
