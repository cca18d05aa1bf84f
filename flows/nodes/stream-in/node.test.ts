import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createFakeGateway, openFakeHost } from "../../node-red/fake-host.ts";
import { streamIn } from "./node.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const samples = {
  person: "person-a",
  device: "strap",
  stream: "ecg",
  channel: "ecg",
  unit: "mV",
  startUs: 1e15,
  rateHz: 250,
  values: [0, 1, null],
};

test("each block is a message; the status says what comes, that it has gone silent, and what there is when nothing matches", async () => {
  const { gateway, event, listeners } = createFakeGateway();
  const node = openFakeHost(streamIn, { device: "strap" }, gateway);
  expect(node.line()).toEqual({ look: "idle", key: "stream-in.status.nothing" });
  event("samples", { ...samples, device: "clip" });
  vi.advanceTimersByTime(2000);
  expect(node.line()).toEqual({ look: "attention", key: "stream-in.status.none-match", values: { others: "clip/ecg/ecg" } });
  event("quality", { device: "strap", stream: "ecg", level: "good", contact: "on" });
  event("samples", samples);
  expect(node.sent).toEqual([
    {
      topic: "strap/ecg/ecg",
      payload: {
        ...{ t: 1e12, rateHz: 250, unit: "mV", values: [0, 1, null], quality: "good", contact: "on" },
        ...{ person: "person-a", device: "strap", stream: "ecg", channel: "ecg" },
      },
    },
  ]);
  vi.advanceTimersByTime(2000);
  expect(node.line()).toEqual({
    look: "good",
    key: "stream-in.status.live",
    values: { of: "strap/ecg/ecg", rateHz: 250, quality: "good" },
  });
  vi.advanceTimersByTime(4000);
  expect(node.line()?.key).toBe("stream-in.status.silent");
  await node.close();
  event("samples", samples);
  expect([node.sent.length, listeners(), vi.getTimerCount()]).toEqual([1, 0, 0]);
});

test("a rate that makes no sense is said at the node", () => {
  const { gateway } = createFakeGateway();
  for (const rateHz of ["x", "-5", 0.01, 0])
    expect(openFakeHost(streamIn, { rateHz }, gateway).line()?.key).toBe("stream-in.status.bad-rate");
  expect(openFakeHost(streamIn, { rateHz: "50" }, gateway).line()?.key).toBe("stream-in.status.nothing");
});
