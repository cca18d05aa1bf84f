/** Keeps the newest descriptors of devices for strips: few writes, however often a device declares itself. Losing a write costs nothing: it declares again. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { createTokenBucket, type TokenBucket } from "../runtime/token-bucket.ts";
import type { Store } from "../store/store-port.ts";
import { readDescriptors, writeDescriptors } from "../strips/kept-descriptors.ts";

interface DescriptorKeeper {
  /** The newest descriptor of one of the device's channels. */
  note(device: string, channel: string, bytes: Uint8Array): void;
  /** As it was last noted, over restarts too. */
  newest(device: string, channel: string): Promise<Uint8Array | undefined>;
}

/** A device declares its streams when it connects, each once; then it has nothing new to say for days. */
const newWriteMs = 60_000;
const writes = { depth: 8, everyUs: newWriteMs * 1000 };
/** What a driver reads; larger ones are refused there, with words. */
const maxDescriptorBytes = 16 * 1024;
/** All descriptors of a device together: each write is of all. */
const maxDeviceBytes = 256 * 1024;

interface Device {
  known: Record<string, string> | undefined;
  /** Not in `known` yet; by channel, the newest. */
  news: Record<string, string>;
  isBusy: boolean;
  readonly writes: TokenBucket;
}

export function createDescriptorKeeper(store: Pick<Store, "getValue" | "putValue">, clock: Clock): DescriptorKeeper {
  const devices = new Map<string, Device>();

  const write = async (name: string, device: Device) => {
    const known = device.known ?? (await readDescriptors(store, name));
    const news = Object.entries(device.news).filter(([channel, text]) => known[channel] !== text);
    device.news = {};
    device.known = known;
    const next = { ...known, ...Object.fromEntries(news) };
    if (news.length === 0 || sizeOf(next) > maxDeviceBytes) return;
    device.known = next;
    device.writes.take(clock.monotonicUs());
    await writeDescriptors(store, name, next);
  };

  const run = (name: string, device: Device): void => {
    if (device.isBusy || Object.keys(device.news).length === 0) return;
    device.isBusy = true;
    const over = () => {
      device.isBusy = false;
      run(name, device);
    };
    if (!device.writes.isReady(clock.monotonicUs())) return void clock.after(newWriteMs, over);
    // A disk that refuses it is told elsewhere.
    const failed = () => {
      device.known = undefined;
    };
    void write(name, device).catch(failed).then(over);
  };

  return {
    async newest(name, channel) {
      const device = devices.get(name);
      const text = device?.news[channel] ?? (device?.known ?? (await readDescriptors(store, name)))[channel];
      return text === undefined ? undefined : new TextEncoder().encode(text);
    },
    note(name, channel, bytes) {
      if (bytes.length > maxDescriptorBytes) return;
      const fresh = (): Device => ({ known: undefined, news: {}, isBusy: false, writes: createTokenBucket(writes, clock.monotonicUs()) });
      const device = devices.get(name) ?? fresh();
      devices.set(name, device);
      device.news[channel] = new TextDecoder().decode(bytes);
      run(name, device);
    },
  };
}

function sizeOf(descriptors: Readonly<Record<string, string>>): number {
  return Object.values(descriptors).reduce((sum, text) => sum + text.length, 0);
}
