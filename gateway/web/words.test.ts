import { describe, expect, test } from "vitest";
import type { consentToWire } from "../api/consent-wire.ts";
import type { AlertWire, DeviceWire, PersonWire, RefusalWire, StatusWire, StreamWire } from "../api/wire.ts";
import { bytesText, dayText, durationText, unitText, valueText } from "./format.ts";
import { createSseParser } from "./sse-parser.ts";
import { stripPath } from "./strip-picture.tsx";
import type { Alert, Consent, Device, Person, Refusal, Status, Stream } from "./wire-types.ts";

/** Compiles only while what the API sends is what the page reads. */
const fits = {
  alert: (wire: AlertWire): Alert => wire,
  device: (wire: DeviceWire): Device => wire,
  person: (wire: PersonWire): Person => wire,
  consent: (wire: ReturnType<typeof consentToWire>): Consent => wire,
  status: (wire: StatusWire): Status => wire,
  refusal: (wire: RefusalWire): Refusal => wire,
  stream: (wire: StreamWire): Stream => wire,
};

describe("words", () => {
  test("times, sizes, values and units read as people write them", () => {
    expect([3, 59.6, 180, 7500, 7200, 86_400, 100_000].map(durationText)).toEqual([
      "3 s",
      "1 min",
      "3 min",
      "2 h 5 min",
      "2 h",
      "1 d",
      "1 d 3 h",
    ]);
    expect([512, 83_600, 3_100_000].map(bytesText)).toEqual(["512 B", "83.6 kB", "3.1 MB"]);
    expect([156.4, 3.24, 0.456, 4].map(valueText)).toEqual(["156", "3.2", "0.46", "4"]);
    expect([unitText("/min"), unitText("s"), unitText(null)]).toEqual(["beats/min", "s", ""]);
    expect(Object.keys(fits)).toHaveLength(7);
    const now = new Date(2026, 10, 28);
    expect([new Date(2026, 4, 3, 12), new Date(2025, 4, 3, 12)].map((day) => dayText(day.toISOString(), now))).toEqual([
      "3 May",
      "3 May 2025",
    ]);
  });

  test("events are found however the stream is cut", () => {
    const text = 'event: samples\ndata: {"a":1}\n\nevent: ping\r\ndata: {}\r\n\r\n: comment\n\ndata: one\ndata: two\n\n';
    for (let size = 1; size <= text.length; size += 1) {
      const parse = createSseParser();
      const found = [];
      for (let at = 0; at < text.length; at += size) found.push(...parse(text.slice(at, at + size)));
      expect(found).toEqual([
        { event: "samples", data: '{"a":1}' },
        { event: "ping", data: "{}" },
        { event: "message", data: "one\ntwo" },
      ]);
    }
  });

  test("a strip's line breaks where samples are missing", () => {
    expect(stripPath([1, 2, null, null, 3, 4], 6, { low: 1, high: 4 }).match(/M/g)).toHaveLength(2);
    expect(stripPath([null, null], 2, { low: 0, high: 1 })).toBe("");
    expect(stripPath([], 2, { low: 0, high: 1 })).toBe("");
  });
});
