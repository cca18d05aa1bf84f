import { describe, expect, test } from "vitest";
import type { AlertRecord, OutboxItem, PersonEvent, StripDue } from "../../device-drivers/contract/event.ts";
import { decodePayload } from "./payload-codec.ts";
import type { EventsPayload } from "./payloads/events.ts";
import { alertItem, createPacker, heartbeatItem, mergeStrips, stripItem } from "./policy.ts";

const startUs = 1_700_000_000_000_000;
const gridUs = 60_000_000;
const beatAt = (timeUs: number): PersonEvent => ({ kind: "beat", device: "strap-a", stream: "ecg", timeUs, label: "N", confidence: 1 });
const eventsOf = (items: readonly OutboxItem[]) => items.map(({ payload }) => decodePayload(payload) as EventsPayload);

/** Twenty minutes of signal: a tick every 250 ms, a beat every 0.8 s that comes 2 s late, watched spans of 30 s. */
function drive(packer: ReturnType<typeof createPacker>, fromS: number, toS: number): OutboxItem[] {
  const items: OutboxItem[] = [];
  for (let quarter = fromS * 4; quarter < toS * 4; quarter++) {
    const nowUs = startUs + quarter * 250_000;
    if (quarter % 3 === 0) items.push(...packer.push(beatAt(nowUs - 2_000_000)));
    if (quarter % 120 === 0) items.push(...packer.push({ kind: "watched", rule: "rhythm.vt", fromUs: nowUs - 30_000_000, toUs: nowUs }));
    if (quarter % 60 === 0) items.push(...packer.push({ kind: "vital", code: "hr", timeUs: nowUs, value: 70, unit: "bpm" }));
    items.push(...packer.tick(nowUs));
  }
  return items;
}

describe("packer", () => {
  test("frames end on the grid, follow each other without a hole, and hold every event once", () => {
    const packer = createPacker({ person: "person-a", flushS: 60 });
    const items = [...drive(packer, 0, 1200), ...packer.flush()];
    const frames = eventsOf(items);
    for (const { toUs } of frames.slice(0, -1)) expect(toUs % gridUs).toBe(0);
    expect(frames.slice(1).map(({ fromUs }) => fromUs)).toEqual(frames.slice(0, -1).map(({ toUs }) => toUs));
    expect(items.map(({ timeUs }) => timeUs)).toEqual(frames.map(({ toUs }) => toUs));
    const beats = frames.flatMap(({ beats }) => beats.map(({ timeUs }) => timeUs));
    expect(beats).toEqual(Array.from({ length: 1600 }, (_, i) => startUs + i * 750_000 - 2_000_000));
    expect(frames.flatMap(({ vitals }) => vitals)).toHaveLength(80);
  });

  test("spans of a rule that touch are sent as one", () => {
    const packer = createPacker({ person: "person-a", flushS: 60 });
    const watched = eventsOf([...drive(packer, 0, 300), ...packer.flush()]).flatMap((frame) => frame.watched);
    expect(watched.length).toBeLessThan(8);
    expect(watched.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0)).toBe(300_000_000);
  });

  test("stopped and restored anywhere it writes the same bytes", () => {
    const whole = createPacker({ person: "person-a", flushS: 60 });
    const expected = [...drive(whole, 0, 300), ...whole.flush()];
    for (const cutS of [0, 59, 60, 61, 133]) {
      const before = createPacker({ person: "person-a", flushS: 60 });
      const items = drive(before, 0, cutS);
      const after = createPacker({ person: "person-a", flushS: 60, state: structuredClone(before.state()) });
      items.push(...drive(after, cutS, 300), ...after.flush());
      expect(items).toEqual(expected);
    }
  });

  test("a state that was given out does not change any more", () => {
    const packer = createPacker({ person: "person-a", flushS: 60 });
    packer.push(beatAt(startUs));
    const state = packer.state();
    const copy = structuredClone(state);
    packer.push(beatAt(startUs + 1));
    expect(state).toEqual(copy);
  });

  test("nothing is sent for a minute without events, and a flood does not wait for the tick", () => {
    const packer = createPacker({ person: "person-a", flushS: 60 });
    expect([packer.tick(startUs), packer.tick(startUs + 10 * gridUs), packer.flush()]).toEqual([[], [], []]);
    const items = Array.from({ length: 9000 }, (_, i) => packer.push(beatAt(startUs + i))).flat();
    expect(eventsOf([...items, ...packer.flush()]).flatMap(({ beats }) => beats)).toHaveLength(9000);
    expect(items).toHaveLength(2);
  });
});

describe("strips", () => {
  const due = (alertId: string, fromS: number, toS: number, stream = "ecg", bootId = "b1"): StripDue => ({
    alertId,
    person: "person-a",
    device: "strap-a",
    stream,
    fromUs: startUs + fromS * 1e6,
    toUs: startUs + toS * 1e6,
    anchor: { bootId, index: 0, timeUs: startUs },
  });

  test("overlapping and touching ones of a stream become one, others stay", () => {
    const given = [
      due("a", 40, 70),
      due("b", 0, 34),
      due("c", 30, 41),
      due("d", 71, 90),
      due("e", 10, 20, "ppg"),
      due("f", 10, 20, "ecg", "b2"),
    ];
    const before = structuredClone(given);
    const spans = mergeStrips(given).map(({ alertId, fromUs, toUs }) => [alertId, (fromUs - startUs) / 1e6, (toUs - startUs) / 1e6]);
    expect(spans).toEqual([
      ["b", 0, 70],
      ["e", 10, 20],
      ["f", 10, 20],
      ["d", 71, 90],
    ]);
    expect(given).toEqual(before);
  });

  test("a strip's row has its end's time and class raw", () => {
    const strip = {
      kind: "strip",
      person: "person-a",
      alertIds: ["a"],
      device: "d",
      stream: "ecg",
      channel: "ecg1",
      unit: "mV",
      scale: 1,
      offset: 0,
      rateHz: 250,
      startUs,
      samples: new Int32Array(500),
    } as const;
    expect(stripItem(strip)).toMatchObject({ class: "raw", timeUs: startUs + 2_000_000 });
  });
});

test("an alert's row has the time of its newest change", () => {
  const alert: AlertRecord = {
    id: "a",
    person: "person-a",
    rule: "hr.high",
    device: "d",
    priority: "medium",
    kind: "physiological",
    state: "active",
    mode: "real",
    onsetUs: 1,
    raisedUs: 5,
    lastSeenUs: 7,
    count: 1,
    quality: "good",
    snoozes: [],
    deliveries: [],
  };
  expect(alertItem(alert)).toMatchObject({ class: "alert", timeUs: 7 });
  expect(alertItem({ ...alert, acknowledgedAtUs: 9, acknowledgedBy: "Person B" }).timeUs).toBe(9);
  expect(decodePayload(alertItem(alert).payload)).toEqual({ kind: "alert", alert });
  expect(heartbeatItem({ timeUs: 5, uptimeS: 1, version: "1", people: [], devices: [], outboxDepth: 0 })).toMatchObject({
    class: "status",
    timeUs: 5,
  });
});
