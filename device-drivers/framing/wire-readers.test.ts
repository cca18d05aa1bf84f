import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { readCbor } from "./cbor-reader.ts";
import { readJson } from "./json-reader.ts";
import { createMqttLengths } from "./mqtt-lengths.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const maxBytes = 1 << 20;

describe("the JSON reader", () => {
  test("reads any JSON value as it was written", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const text = JSON.stringify(value);
        expect(readJson(bytesOf(text), { maxBytes })).toEqual({ value: JSON.parse(text) });
      }),
      { seed: 17 },
    );
  });

  test("never throws, whatever the bytes", () => {
    const piece = fc.constantFrom("[", "]", "{", "}", '"', "\\", ",", ":", "1", "e", "-", "true", "null", " ", "\u00e9", "\ud800");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.array(piece).map((pieces) => bytesOf(pieces.join(""))),
        ),
        (bytes) => {
          readJson(bytes, { maxBytes, maxDepth: 4, maxItems: 20 });
        },
      ),
      { seed: 18, numRuns: 1000 },
    );
  });

  test.each([
    ["beyond its size", "[1]", { maxBytes: 2 }],
    ["nested too deeply", "[".repeat(17) + "]".repeat(17), { maxBytes }],
    ["nested too deeply in objects", `${'{"a":'.repeat(17)}1${"}".repeat(17)}`, { maxBytes }],
    ["of too many values", `[${"1,".repeat(99)}1]`, { maxBytes, maxItems: 100 }],
    ["with a number that is none", '{"a":[1e400]}', { maxBytes }],
    ["not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), { maxBytes }],
  ])("what is %s is not parsed", (_what, given, limits) => {
    const parser = vi.spyOn(JSON, "parse");
    const read = readJson(typeof given === "string" ? bytesOf(given) : given, limits);
    const parsed = parser.mock.calls.length;
    parser.mockRestore();
    expect(read).toBeUndefined();
    // That a number is too large shows only once it has been parsed.
    expect(parsed).toBe(typeof given === "string" && given.includes("1e400") ? 1 : 0);
  });

  test("brackets and commas within texts count for nothing", () => {
    const text = `["${"[{,".repeat(100)}","\\"[[[[[[[[[[[[[[[[[[","\\\\",[[1]]]`;
    expect(readJson(bytesOf(text), { maxBytes, maxDepth: 3, maxItems: 10 })).toEqual({ value: JSON.parse(text) });
  });
});

describe("the CBOR reader", () => {
  test("reads keys as they were written, more of them than it remembers, again and again", () => {
    const letters = "abcdefghijklmnopqrstuvwxyzéß";
    const keys = [...letters].flatMap((a) => [...letters].flatMap((b) => [a, `${a}${b}`, `${b}${a}x0`, `${a}-${b}-longer than four`]));
    const written = (key: string) => {
      const bytes = bytesOf(key);
      return bytes.length < 24 ? [0x60 + bytes.length, ...bytes] : [0x78, bytes.length, ...bytes];
    };
    for (let round = 0; round < 2; round++)
      for (const key of keys) expect(readCbor(Uint8Array.from([0xa1, ...written(key), 0x01]))?.value).toEqual(new Map([[key, 1]]));
    expect(new Set(keys).size).toBeGreaterThan(1000);
  });
});

describe("the lengths of MQTT packets", () => {
  const packet = (bodyBytes: number) => {
    const header = [0x30];
    let left = bodyBytes;
    do {
      header.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
      left >>= 7;
    } while (left > 0);
    return Uint8Array.from([...header, ...new Uint8Array(bodyBytes)]);
  };

  test("packets within the limit pass in any cutting, and the first above it ends it for good", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 400 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (bodies, cuts) => {
          const limit = 200;
          const packets = bodies.map(packet);
          const firstLarge = packets.findIndex(({ length }) => length > limit);
          const lengths = createMqttLengths(() => limit);
          const stream = Buffer.concat(packets);
          let isSound = true;
          for (let at = 0, i = 0; at < stream.length; i++) {
            const end = at + (cuts[i % cuts.length] ?? 1);
            isSound = lengths.push(stream.subarray(at, end));
            at = end;
          }
          expect(isSound).toBe(firstLarge === -1);
          expect(lengths.push(packet(1))).toBe(firstLarge === -1);
        },
      ),
      { seed: 19 },
    );
  });

  test("the largest packet of the protocol is known by its header, and so is a length that has no end", () => {
    expect(createMqttLengths(() => 65_536).push(Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0x7f))).toBe(false);
    expect(createMqttLengths(() => 2 ** 40).push(Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0x7f))).toBe(true);
    expect(createMqttLengths(() => 2 ** 40).push(Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0xff))).toBe(false);
  });
});
