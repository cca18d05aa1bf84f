/** What any driver must promise about bytes that nobody vouches for: `testDriver(name, driver, capture)` in a driver's own test. */

import { serialize } from "node:v8";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Chunk, Driver, DriverInstance } from "../../device-drivers/contract/driver.ts";
import { refusalCodes } from "../../device-drivers/contract/refusal.ts";
import type { Block } from "../../device-drivers/contract/sample-block.ts";
import { runs } from "../runs.ts";

export interface DriverCapture<Options> {
  readonly options: Options;
  /** Good bytes: one stream of a serial or TCP port, or whole messages by channel. */
  readonly bytes: Uint8Array | readonly { readonly channel: string; readonly bytes: Uint8Array }[];
  /** Samples that the good bytes hold, all streams together. */
  readonly sampleCount: number;
  /** What frames begin with, for a byte stream. */
  readonly sync?: Uint8Array;
  /** Whether every single-bit error is detected, so that no sample may be invented from damaged bytes. */
  readonly isChecked?: boolean;
}

type Piece = Pick<Chunk, "channel" | "bytes">;

const device = "strap";
/** A state has to be kept with every snapshot: what waits for a descriptor or the rest of a frame, never more. */
const maxStateBytes = 2 << 20;
const often = runs(25);

/** A generator of bytes that is cheap for a megabyte and the same for the same seed. */
function noise(seed: number, count: number): Uint8Array {
  let x = seed | 1;
  return Uint8Array.from({ length: count }, () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x & 0xff;
  });
}

/** Cuts bytes at the given places (shares of the whole). */
function cut(bytes: Uint8Array, shares: readonly number[]): Uint8Array[] {
  const places = [0, ...shares.map((share) => Math.floor(share * bytes.length)), bytes.length].sort((a, b) => a - b);
  return places.slice(1).map((place, i) => bytes.subarray(places[i], place));
}

const concat = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const sampleCountOf = (blocks: readonly Block[]) => blocks.reduce((sum, block) => sum + block.count, 0);
/** One text per sample: stream and the values of all channels. */
const samplesOf = (blocks: readonly Block[]) =>
  blocks.flatMap(({ count, channels, descriptor }) =>
    Array.from({ length: count }, (_, i) => `${descriptor.stream} ${channels.map((channel) => channel[i]).join(" ")}`),
  );

/** Registers the suite. */
export function testDriver<Options>(name: string, driver: Driver<Options>, capture: DriverCapture<Options>): void {
  const open = (state?: unknown): DriverInstance => driver.create(capture.options, device, state);
  const push = (instance: DriverInstance, { channel, bytes }: Piece): Block[] =>
    instance.push({ link: "test", device, channel, bytes, stamps: { timeUs: 5e6, monotonicUs: 1e6, wallUs: 5e6, wallQuality: "fake" } });
  const pushAll = (instance: DriverInstance, pieces: readonly Piece[]) => pieces.flatMap((piece) => push(instance, piece));
  const isStream = capture.bytes instanceof Uint8Array;
  const stream = capture.bytes instanceof Uint8Array ? capture.bytes : new Uint8Array(0);
  const pieces: readonly Piece[] = capture.bytes instanceof Uint8Array ? [{ channel: "", bytes: stream }] : capture.bytes;
  const asPieces = (parts: readonly Uint8Array[]): Piece[] => parts.map((bytes) => ({ channel: "", bytes }));
  const whole = () => pushAll(open(), pieces);
  const stateBytes = (instance: DriverInstance) => serialize(instance.state()).length;
  const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });

  describe(`the driver ${name}`, () => {
    test("is named as in the registry and decodes the good bytes", () => {
      expect(driver.name).toBe(name);
      expect(sampleCountOf(whole())).toBe(capture.sampleCount);
    });

    test("describes its streams with a rate each and written-out sentinels", () => {
      for (const { descriptor } of whole()) {
        expect(descriptor.device).toBe(device);
        expect(descriptor.rateHz).toBeGreaterThan(0);
        expect(Array.isArray(descriptor.sentinels)).toBe(true);
      }
    });

    test("emits blocks whose channels and flags are all as long as they say", () => {
      for (const block of whole()) {
        expect(block.channels.length).toBe(block.descriptor.channels.length);
        for (const channel of block.channels) expect(channel.length).toBe(block.count);
        if (block.flags !== undefined) expect(block.flags.length).toBe(block.count);
      }
    });

    test("goes on exactly from its state, wherever it was interrupted", () => {
      const expected = whole();
      fc.assert(
        fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
          const at = Math.round(share * (pieces.length - 1));
          const [before, after] = isStream ? cut(stream, [share]).map((part) => asPieces([part])) : [pieces.slice(0, at), pieces.slice(at)];
          const first = open();
          const blocks = pushAll(first, before ?? []);
          const second = open(structuredClone(first.state()));
          expect(second.state()).toEqual(first.state());
          expect([...blocks, ...pushAll(second, after ?? [])]).toEqual(expected);
        }),
        often,
      );
    });

    test("survives a megabyte of noise without a throw, without growing and without a sample", () => {
      const instance = open();
      const channels = isStream ? [""] : [...new Set(pieces.map(({ channel }) => channel)), "x/y/z", ""];
      let invented = 0;
      for (let i = 0; i < 256; i++) {
        const bytes = noise(i + 7, 4096);
        invented += sampleCountOf(push(instance, { channel: channels[i % channels.length] ?? "", bytes }));
      }
      expect(invented).toBe(0);
      expect(stateBytes(instance)).toBeLessThan(maxStateBytes);
    });

    test("finds everything good that follows noise", () => {
      const expected = samplesOf(whole());
      fc.assert(
        fc.property(fc.integer({ min: 1 }), fc.integer({ min: 1, max: 5000 }), (seed, count) => {
          const instance = open();
          for (const channel of new Set(pieces.map((piece) => piece.channel))) push(instance, { channel, bytes: noise(seed, count) });
          expect(samplesOf(pushAll(instance, pieces)).slice(-expected.length)).toEqual(expected);
        }),
        // Always the same noise: the end of one in 100,000 makes a frame with the first good bytes whose 8-bit sum is right, and no driver can tell.
        { ...runs, seed: 7 },
      );
    });

    test("says why with a code of the list while nothing can be decoded, and no longer once something is", () => {
      const instance = open();
      expect(instance.refusals()).toEqual([]);
      const channels = new Set(pieces.map(({ channel }) => channel).filter((channel) => isStream || /\/(raw|meta)$/.test(channel)));
      const others = [noise(3, 4096), new TextEncoder().encode("$GPGGA,123519,4807.038,N,01131.000,E,1,08\r\n".repeat(60))];
      for (const channel of channels) {
        for (const bytes of others) push(instance, { channel, bytes });
        const own = instance.refusals().filter(({ stream: name }) => name === (isStream ? "" : channel.split("/")[0]));
        expect(own.length).toBeGreaterThan(0);
      }
      for (const { code, count } of instance.refusals()) {
        expect(refusalCodes).toContain(code);
        expect(count).toBeGreaterThan(0);
      }
      pushAll(instance, pieces);
      expect(instance.refusals()).toEqual([]);
    });

    test("never throws on truncated or damaged bytes", () => {
      const genuine = new Set(samplesOf(whole()));
      fc.assert(
        fc.property(
          fc.nat(),
          fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          (pick, flips, share) => {
            const victim = pick % pieces.length;
            const damaged = pieces.map((piece, i): Piece => {
              if (i !== victim) return piece;
              const bytes = piece.bytes.slice(0, Math.ceil(share * piece.bytes.length));
              const [flip = 0] = flips;
              for (const bit of capture.isChecked ? [flip] : flips) {
                const at = (bit >> 3) % Math.max(1, bytes.length);
                if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
              }
              return { ...piece, bytes };
            });
            const found = samplesOf(pushAll(open(), damaged));
            if (capture.isChecked) for (const sample of found) expect(genuine).toContain(sample);
          },
        ),
        runs(60),
      );
    });

    if (!isStream) return;

    test("decodes any cutting of the bytes as it decodes them whole", () => {
      const expected = whole();
      fc.assert(
        fc.property(shares, (at) => {
          expect(pushAll(open(), asPieces(cut(stream, at)))).toEqual(expected);
        }),
        often,
      );
      expect(pushAll(open(), asPieces(Array.from(stream.subarray(0, 2000), (byte) => Uint8Array.of(byte))))).toEqual(
        push(open(), { channel: "", bytes: stream.subarray(0, 2000) }),
      );
    });

    test("is not led astray by a sync pattern that stands twice or by text before the first frame", () => {
      const expected = samplesOf(whole());
      const boot = new TextEncoder().encode("\r\nboot v1.2 ready $$$\r\n");
      const { sync = new Uint8Array(0) } = capture;
      for (const prefix of [boot, sync, concat(sync, sync), concat(boot, sync)]) {
        expect(samplesOf(pushAll(open(), asPieces([prefix, stream])))).toEqual(expected);
      }
    });
  });
}
