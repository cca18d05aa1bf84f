import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../test/runs.ts";
import { lossless } from "./codecs/lossless.ts";
import { decodePayload, encodePayload } from "./payload-codec.ts";
import type { EventsPayload } from "./payloads/events.ts";
import { partsOf, type WindowPayload, windowKind } from "./payloads/window.ts";
import { noValue } from "./strip-codec.ts";
import { symbolReader, symbolWriter } from "./symbols.ts";
import { anyEvents, baseUs } from "./testdata/any-events.ts";
import type { WaveformPayload } from "./waveform-code.ts";

const undecodable = expect.objectContaining({ code: "semantic.undecodable", kind: "world" });

/** A waveform of these samples without loss, whose codec claims to have used these peaks. */
function waveform(samples: number[], peaks: number[], more: Partial<WaveformPayload> = {}): WaveformPayload {
  const all = Int32Array.from(samples);
  const code = lossless.encode({ samples: all.filter((value) => value !== noValue) }).bytes;
  return {
    ...{ kind: "waveform", person: "person-a", device: "strap-a", stream: "ecg", channel: "ecg1", unit: "mV", scale: 0.005 },
    ...{ offset: -5.12, rateHz: 250, startUs: baseUs, codec: 0, rmse: 0, peaks, code, samples: all, ...more },
  };
}

const sample = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -5000, max: 5000 }) }, { weight: 1, arbitrary: fc.constant(noValue) });
const anyWaveform = fc
  .record({
    samples: fc.array(sample, { minLength: 1, maxLength: 400 }),
    at: fc.array(fc.nat({ max: 399 }), { maxLength: 6 }),
    lead: fc.constantFrom(undefined, "II", "ecg1"),
    startUs: fc.integer({ min: baseUs - 1e6, max: baseUs + 60e6 }),
    rateHz: fc.constantFrom(250, 360, 257.3),
    scale: fc.constantFrom(0.005, 1 / 3, -1e-9),
  })
  .map(({ samples, at, lead, ...more }) => {
    const peaks = [...new Set(at.filter((place) => place < samples.length))].sort((a, b) => a - b);
    return waveform(samples, peaks, { ...more, ...(lead === undefined ? {} : { lead }) });
  });

describe("symbols", () => {
  test("of every kind come back, in their order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), { maxLength: 20 }),
        fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, 0.1, 1 / 3, 1e300)), { maxLength: 5 }),
        fc.array(fc.string({ unit: "binary", maxLength: 9 }), { maxLength: 5 }),
        (numbers, reals, texts) => {
          const io = symbolWriter();
          for (const value of numbers)
            [io.signed(1, value), io.wide(value), io.number(2, Math.abs(value)), io.choice(3, 5, Math.abs(value) % 32)];
          for (const value of reals) io.real(4, value);
          for (const text of texts) io.text(6, text);
          const back = symbolReader(io.bytes());
          for (const value of numbers)
            expect([back.signed(1, 0), back.wide(0), back.number(2, 0), back.choice(3, 5, 0)]).toEqual([
              ...[value, value, Math.abs(value), Math.abs(value) % 32],
            ]);
          for (const value of reals) expect(back.real(4, 0)).toBe(value);
          for (const text of texts) expect(back.text(6, "")).toBe(text.toWellFormed());
        },
      ),
      runs(200),
    );
  });
});

describe("a window", () => {
  test("comes back, whatever events and waveforms it holds", () => {
    fc.assert(
      fc.property(anyEvents, fc.array(anyWaveform, { maxLength: 3 }), (events, waveforms) => {
        const own = waveforms.map((each) => ({ ...each, person: events.person }));
        const payload: WindowPayload = { kind: "window", person: events.person, events, waveforms: own };
        expect(decodePayload(encodePayload(payload))).toEqual(payload);
        expect(partsOf(payload)).toEqual([events, ...own]);
        for (const each of own) expect(decodePayload(encodePayload(each))).toEqual(each);
      }),
      runs(100),
    );
  });

  // A heart that breathes and wanders, on the samples of 250 Hz.
  const peakAt = (i: number) => 200 * i + ((i * 7919) % 23) + Math.round(15 * Math.sin(i / 2));
  const beats = Array.from({ length: 60 }, (_, i) => ({
    ...({ kind: "beat", device: "strap-a", stream: "ecg", label: "N", confidence: 1 - ((i * 31) % 7 === 0 ? 0.2 : 0) } as const),
    timeUs: baseUs + 4000 * peakAt(i),
    rrMs: 4 * (peakAt(i) - peakAt(i - 1)),
  }));
  const events: EventsPayload = {
    ...{ kind: "events", person: "person-a", fromUs: baseUs, toUs: baseUs + 60e6, rhythms: [], vitals: [], gaps: [], watched: [] },
    beats,
  };
  const at = beats.map(({ timeUs }) => Math.round(((timeUs - baseUs) * 250) / 1e6));
  const samples = Array.from({ length: 15_000 }, (_, i) => (i * 7919) % 50);
  const sizeOf = (payload: WindowPayload) => encodePayload(payload).length;
  const windowOf = (...waveforms: WaveformPayload[]): WindowPayload => ({ kind: "window", person: "person-a", events, waveforms });

  test("says its beats in fewer bytes than a frame of events, and a codec's peaks that are beats for next to nothing", () => {
    expect(sizeOf(windowOf())).toBeLessThan(encodePayload(events).length * 0.95);
    const bare = sizeOf(windowOf(waveform(samples, [])));
    expect(sizeOf(windowOf(waveform(samples, at))) - bare).toBeLessThan(10);
    expect(sizeOf(windowOf(waveform(samples, [...at.slice(0, -2), 14_000, 14_700]))) - bare).toBeLessThan(20);
  });

  test("that was cut off or changed is refused with a code or says the same", () => {
    const bytes = encodePayload(windowOf(waveform(samples.slice(0, 500), at.slice(0, 2))));
    for (let end = 0; end < bytes.length; end += 7) expect(() => decodePayload(bytes.subarray(0, end))).toThrow(/CBOR|decoded/);
    let others = 0;
    for (let place = 0; place < bytes.length; place += 3) {
      const broken = bytes.slice();
      broken[place] = (broken[place] ?? 0) ^ 16;
      try {
        decodePayload(broken);
        others++;
      } catch (error) {
        expect(error).toEqual(expect.objectContaining({ kind: "world" }));
      }
    }
    expect(others).toBeLessThan(3);
  });

  test("without a head, or of no bytes, is refused", () => {
    const read = (content: unknown) => windowKind.decode(content as never, 12);
    for (const content of [[], [1], "x", [new Uint8Array()]]) expect(() => read(content)).toThrow(undecodable);
  });
});
