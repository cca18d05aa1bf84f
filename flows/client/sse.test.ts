import { expect, test } from "vitest";
import { createSseParser } from "./sse.ts";

const stream = 'event: hello\ndata: {}\nretry: 1000\n\nid: b-7\nevent: alert\ndata: {"a":1}\n\nevent: ping\ndata: {}\n\n';
const events = [
  { event: "hello", data: "{}", id: "" },
  { event: "alert", data: '{"a":1}', id: "b-7" },
  { event: "ping", data: "{}", id: "b-7" },
];

test("events come whole, wherever the text is cut, and keep the last id", () => {
  expect(createSseParser()(stream)).toEqual(events);
  for (const line of [stream, stream.replaceAll("\n", "\r\n")]) {
    const parse = createSseParser();
    expect([...line].flatMap((letter) => parse(letter))).toEqual(events);
  }
});

test("lines of data are joined, comments and unknown fields passed over", () => {
  expect(createSseParser()(": note\nnonsense\ndata: a\ndata: b\n\n: only a note\n\n")).toEqual([
    { event: "message", data: "a\nb", id: "" },
  ]);
});

test("an event that never ends is refused, not kept", () => {
  const parse = createSseParser();
  const fill = () => {
    for (let i = 0; i < 20; i++) parse("x".repeat(100_000));
  };
  expect(fill).toThrow(/1 MB/);
});
