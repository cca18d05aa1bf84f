import { afterEach, beforeEach, expect, test } from "vitest";
import { createHarness, type Harness, until } from "../../test/support/twin-harness.ts";
import { encodeCbor } from "../semantic/cbor.ts";
import { movement } from "../semantic/codecs/movement.ts";
import { beatWavelet, wavelet } from "../semantic/codecs/wavelet.ts";
import { encodeWithin } from "../semantic/encode-within.ts";
import { shippedPayloads } from "../semantic/payload-codec.ts";
import type { WaveformPayload } from "../semantic/payloads/waveform.ts";
import { createMemoryOutbox } from "../sync/memory-outbox.ts";

const baseUs = 1_699_999_980_000_000;
const samples = Int32Array.from({ length: 2500 }, (_, i) => Math.round(1024 + 200 * Math.exp(-((((i % 210) - 60) / 4) ** 2))));
const waveform: WaveformPayload = {
  ...{ kind: "waveform", person: "person-a", device: "strap-a", stream: "ecg", channel: "ecg1", lead: "II", unit: "mV" },
  ...{ scale: 0.005, offset: -5.12, rateHz: 250, startUs: baseUs },
  ...encodeWithin({ samples, rateHz: 250, peaks: [], mvPerCount: 0.005 }, [wavelet]),
};

let home: Harness;
beforeEach(async () => {
  home = await createHarness();
});
afterEach(() => home.close());

async function send(...payloads: Uint8Array[]) {
  const outbox = createMemoryOutbox("00112233445566aa");
  outbox.add(...payloads.map((payload) => ({ class: "semantic" as const, timeUs: baseUs, payload })));
  home.openUplink(outbox);
  await until(home.clock, () => outbox.rows().length === 0, "the outbox is empty");
}

test("a waveform is asked for as a strip that says of every sample where it is from, and what error is stated", async () => {
  await send(shippedPayloads.encode(waveform));
  const { body } = await home.ask(`/api/v1/people/person-a/strip?from=${baseUs + 5e6}&to=${baseUs + 12e6}`);
  const [trace] = body.reconstructions as { values: (number | null)[]; sources: object[]; errors: { rmse: number }[]; startUs: number }[];
  expect(body.traces).toEqual([]);
  expect(trace?.startUs).toBe(baseUs + 5e6);
  expect(trace?.sources).toEqual([
    { source: "decoded", count: 1250 },
    { source: "missing", count: 500 },
  ]);
  expect(trace?.errors[0]?.rmse).toBeGreaterThan(0);
  const off = (trace?.values ?? []).slice(0, 1250).map((value, i) => (value ?? 0) - ((samples[1250 + i] ?? 0) * 0.005 - 5.12));
  expect(Math.sqrt(off.reduce((sum, each) => sum + each ** 2, 0) / 1250)).toBeLessThan(2 * (trace?.errors[0]?.rmse ?? 0));
});

test("a waveform that this version can't decode is acknowledged, kept as it came and counted, and harms nothing else", async () => {
  const broken = { ...waveform, code: waveform.code.slice(0, -9) };
  await send(
    shippedPayloads.encode(broken),
    shippedPayloads.encode({ ...waveform, codec: 15 }),
    encodeCbor([11, [new Uint8Array(3), new Uint8Array()]]),
    // By the tables of another codec, and in a layout that is yet to come.
    shippedPayloads.encode({ ...waveform, codec: beatWavelet.number, peaks: [60, 270, 480] }),
    shippedPayloads.encode({ ...waveform, codec: movement.number }),
    encodeCbor([99, [new Uint8Array(3)]]),
    shippedPayloads.encode({ ...waveform, startUs: baseUs + 60e6 }),
  );
  const { body } = await home.ask("/api/v1/gateways");
  expect(body.gateways).toMatchObject([{ opaque_frames: 6 }]);
  const strip = await home.ask(`/api/v1/people/person-a/strip?from=${baseUs}&to=${baseUs + 120e6}`);
  expect((strip.body.reconstructions as { errors: object[] }[])[0]?.errors).toHaveLength(1);
});
