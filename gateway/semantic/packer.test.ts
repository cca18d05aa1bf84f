import { describe, expect, test } from "vitest";
import type { AlertRecord, OutboxItem, PersonEvent, StripDue } from "../../device-drivers/contract/event.ts";
import { decodePayload } from "./payload-codec.ts";
import type { EventsPayload } from "./payloads/events.ts";
import type { StripPayload } from "./payloads/strip.ts";
import { alertItem, createPacker, heartbeatItem, mergeStrips, stripItem } from "./policy.ts";

const second = 1_000_000;
/** A line of the grid of 60 s. */
const lineUs = 1_700_000_040 * second;
const source = { device: "strap-a", stream: "ecg" };
const beat = (timeUs: number, more: object = {}): PersonEvent => ({ kind: "beat", ...source, timeUs, label: "N", confidence: 1, ...more });
const rhythm = (timeUs: number, label = "(VT"): PersonEvent => ({ kind: "rhythm", ...source, timeUs, label });
const vital = (timeUs: number, code: "hr" | "temp" = "hr"): PersonEvent => ({ kind: "vital", code, timeUs, value: 70, unit: "bpm" });
const gap = (fromUs: number, toUs: number): PersonEvent => ({ kind: "gap", ...source, fromUs, toUs });
const watched = (fromUs: number, toUs: number, rule = "hr.high"): PersonEvent => ({ kind: "watched", rule, fromUs, toUs });
const create = (state?: unknown) => createPacker({ person: "person-a", flushS: 60, state });
const framesOf = (items: readonly OutboxItem[]) => items.map(({ payload }) => decodePayload(payload) as EventsPayload);
const nothing = { beats: [], rhythms: [], vitals: [], gaps: [], watched: [] };

describe("a frame", () => {
  test("is a row of class semantic about one person and its stretch of signal, with every kind of event in its place", () => {
    const packer = create();
    packer.push(beat(lineUs + 5));
    packer.push(rhythm(lineUs + 6));
    packer.push(vital(lineUs + 7));
    packer.push(gap(lineUs + 1, lineUs + 9));
    packer.push(watched(lineUs + 2, lineUs + 8));
    const items = packer.flush();
    expect(items).toMatchObject([{ class: "semantic", timeUs: lineUs + 9 }]);
    expect(framesOf(items)).toEqual([
      {
        kind: "events",
        person: "person-a",
        fromUs: lineUs + 5,
        toUs: lineUs + 9,
        beats: [beat(lineUs + 5)],
        rhythms: [rhythm(lineUs + 6)],
        vitals: [vital(lineUs + 7)],
        gaps: [gap(lineUs + 1, lineUs + 9)],
        watched: [watched(lineUs + 2, lineUs + 8)],
      },
    ]);
    expect(packer.flush()).toEqual([]);
  });

  test("ends on the line of the grid that signal time has reached, the last of several", () => {
    const packer = create();
    packer.push(beat(lineUs - second));
    expect(packer.tick(lineUs - 0.75)).toEqual([]);
    expect(framesOf(packer.tick(lineUs - 0.5))).toMatchObject([{ fromUs: lineUs - second, toUs: lineUs }]);
    packer.push(beat(lineUs));
    expect(packer.tick(lineUs)).toEqual([]);
    expect(framesOf(packer.tick(lineUs + 185 * second))).toMatchObject([{ fromUs: lineUs, toUs: lineUs + 180 * second }]);
  });

  test("takes what comes late, and ends at the newest signal seen where it is cut short", () => {
    const packer = create();
    packer.tick(lineUs - second);
    packer.push(beat(lineUs - second));
    packer.tick(lineUs + 5 * second);
    packer.push(beat(lineUs - 2 * second));
    expect(framesOf(packer.flush())).toEqual([
      { kind: "events", person: "person-a", fromUs: lineUs, toUs: lineUs + 5 * second, ...nothing, beats: [beat(lineUs - 2 * second)] },
    ]);
  });

  test.each([
    ["beats", beat],
    ["rhythms", rhythm],
    ["vitals", vital],
    ["gaps", (timeUs: number) => gap(timeUs, timeUs + 1)],
    ["spans of watched time", (timeUs: number) => watched(timeUs * 2, timeUs * 2)],
  ] as const)("of 4096 %s is full and goes at once", (_what, event) => {
    const packer = create();
    for (let i = 0; i < 4094; i++) expect(packer.push(event(lineUs + i))).toEqual([]);
    expect(packer.push(beat(lineUs + 9000))).toEqual([]);
    expect(framesOf(packer.push(rhythm(lineUs + 9001)))).toMatchObject([{ fromUs: expect.any(Number) }]);
    expect(packer.flush()).toEqual([]);
  });

  test("holds five stretches while only events go and nothing is urgent, and one where something urgent began", () => {
    const calmUs = Math.ceil(lineUs / (300 * second)) * 300 * second;
    let isCalm = true;
    const packer = createPacker({ person: "person-a", flushS: 60, isCalm: () => isCalm });
    const lines = (fromS: number, toS: number) => {
      const ends: number[] = [];
      for (let atS = fromS; atS < toS; atS += 10) {
        packer.push(beat(calmUs + atS * second));
        ends.push(...framesOf(packer.tick(calmUs + atS * second)).map(({ toUs }) => (toUs - calmUs) / second));
      }
      return ends;
    };
    expect(lines(0, 610)).toEqual([300, 600]);
    packer.hurry(calmUs + 605 * second);
    expect(lines(610, 1210)).toEqual([660, 720, 780, 840, 900, 1200]);
    isCalm = false;
    expect(lines(1210, 1330)).toEqual([1260, 1320]);
  });

  test("that may hold five stretches began at the last line of five, as far as anybody knows after a restart", () => {
    const calmUs = Math.ceil(lineUs / (300 * second)) * 300 * second;
    const packer = createPacker({ person: "person-a", flushS: 60, isCalm: () => true });
    packer.tick(calmUs + 250 * second);
    packer.repeat([beat(calmUs + second)]);
    expect(framesOf(packer.flush())).toMatchObject([{ beats: [beat(calmUs + second)] }]);
  });

  test("of another grid ends on that grid", () => {
    const packer = createPacker({ person: "person-a", flushS: 10 });
    packer.push(beat(lineUs + 4 * second));
    expect(packer.tick(lineUs + 10 * second)).toMatchObject([{ timeUs: lineUs + 10 * second }]);
  });
});

describe("watched spans of a rule", () => {
  const joined = (...spans: (readonly [fromUs: number, toUs: number, rule?: string])[]) => {
    const packer = create();
    for (const [fromUs, toUs, rule] of spans) packer.push(watched(lineUs + fromUs, lineUs + toUs, rule));
    return framesOf(packer.flush())[0]?.watched.map(({ rule, fromUs, toUs }) => [fromUs - lineUs, toUs - lineUs, rule]);
  };

  test("become one where they touch or overlap, whatever comes between, and never shorter", () => {
    expect(joined([10, 20], [20, 30])).toEqual([[10, 30, "hr.high"]]);
    expect(joined([10, 20], [5, 10])).toEqual([[5, 20, "hr.high"]]);
    expect(joined([10, 20], [12, 15])).toEqual([[10, 20, "hr.high"]]);
    expect(joined([10, 20], [5, 25])).toEqual([[5, 25, "hr.high"]]);
    expect(joined([10, 20], [11, 12, "hr.low"], [20, 30])).toEqual([
      [10, 30, "hr.high"],
      [11, 12, "hr.low"],
    ]);
  });

  test("stay two where time lies between them", () => {
    expect(joined([10, 20], [21, 30])).toEqual([
      [10, 20, "hr.high"],
      [21, 30, "hr.high"],
    ]);
    expect(joined([10, 20], [1, 9])).toEqual([
      [10, 20, "hr.high"],
      [1, 9, "hr.high"],
    ]);
    expect(joined([10, 20], [30, 40], [20, 25])).toHaveLength(3);
  });
});

describe("after a restart that does not know what has gone", () => {
  const repeated = (packer: ReturnType<typeof create>, ...events: PersonEvent[]) => {
    expect(packer.repeat(events)).toEqual([]);
    const [frame] = framesOf(packer.flush());
    return frame === undefined ? [] : [...frame.beats, ...frame.rhythms, ...frame.vitals, ...frame.gaps, ...frame.watched];
  };
  /** The frame from `lineUs` on is open. */
  const open = () => {
    const packer = create();
    packer.tick(lineUs - 30 * second);
    packer.tick(lineUs + 20 * second);
    return packer;
  };

  test("what can have been in the open frame goes once more: events come at most 15 s late", () => {
    const fromUs = lineUs - 15 * second;
    expect(repeated(open(), beat(fromUs - 1), rhythm(fromUs - 1), vital(fromUs - 1), gap(0, fromUs - 1))).toEqual([]);
    const events = [beat(fromUs), rhythm(fromUs), vital(fromUs), gap(0, fromUs)];
    expect(repeated(open(), ...events)).toEqual(events);
  });

  test("watched time does not: it is told by whoever watches again", () => {
    expect(repeated(open(), watched(lineUs, lineUs + 20 * second))).toEqual([]);
  });

  test("a frame that began between two lines may have begun at the one before; one without ticks reaches back to its first event", () => {
    const between = create();
    between.tick(lineUs + 20 * second);
    expect(repeated(between, beat(lineUs - 15 * second - 1), beat(lineUs - 15 * second))).toEqual([beat(lineUs - 15 * second)]);
    const unticked = create();
    unticked.push(watched(lineUs - 40 * second, lineUs - 30 * second));
    unticked.push(watched(lineUs - 30 * second, lineUs + 5 * second));
    const [first, second_] = [beat(lineUs - 45 * second - 1), beat(lineUs - 45 * second)];
    expect(repeated(unticked, first, second_)).toEqual([second_, watched(lineUs - 40 * second, lineUs + 5 * second)]);
    expect(repeated(create(), beat(lineUs))).toEqual([beat(lineUs)]);
  });

  test("what is still held is not held twice, and what differs in anything that makes it another event is another", () => {
    const held = [
      beat(lineUs + 1),
      rhythm(lineUs + 1, "(VT"),
      rhythm(lineUs + 1, "(N"),
      vital(lineUs + 1, "hr"),
      gap(lineUs + 1, lineUs + 2),
    ];
    const packer = open();
    for (const event of held) packer.push(event);
    const others = [
      beat(lineUs + 2),
      beat(lineUs + 1, { device: "strap-b" }),
      beat(lineUs + 1, { stream: "ppg" }),
      rhythm(lineUs + 1, "(AFIB"),
      vital(lineUs + 1, "temp"),
      gap(lineUs + 2, lineUs + 3),
    ];
    const back = repeated(packer, ...held, beat(lineUs + 1.25), ...others);
    expect(back).toHaveLength(held.length + others.length);
    expect(back).toEqual(expect.arrayContaining([...held, ...others]));
  });

  test("a repeat that fills a frame sends it", () => {
    const events = Array.from({ length: 4096 }, (_, i) => beat(lineUs + i));
    expect(open().repeat(events)).toHaveLength(1);
  });

  test("a state that a packer is made from stays as it was", () => {
    const first = open();
    first.push(beat(lineUs));
    const state = first.state();
    const copy = structuredClone(state);
    const second_ = create(state);
    second_.push(beat(lineUs + 1));
    expect(state).toEqual(copy);
    expect(framesOf(second_.flush())).toMatchObject([{ fromUs: lineUs, toUs: lineUs + 20 * second, beats: [{}, {}] }]);
  });
});

describe("rows that go as they come", () => {
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
    lastSeenUs: 4,
    count: 1,
    quality: "good",
    snoozes: [],
    deliveries: [],
  };

  test("an alert's row has the time of its newest change, whichever that is", () => {
    const delivered = (...timesUs: number[]) => timesUs.map((atUs) => ({ channel: "c", receipt: "r", atUs }));
    expect(alertItem(alert).timeUs).toBe(5);
    expect(alertItem({ ...alert, lastSeenUs: 6.6 }).timeUs).toBe(7);
    expect(alertItem({ ...alert, endedUs: 8 }).timeUs).toBe(8);
    expect(alertItem({ ...alert, acknowledgedAtUs: 9 }).timeUs).toBe(9);
    expect(alertItem({ ...alert, deliveries: delivered(11, 10) }).timeUs).toBe(11);
  });

  test("a heartbeat's row has its time in whole microseconds and says all of it", () => {
    const heartbeat = { timeUs: 5.5, uptimeS: 1, version: "1", people: [], devices: [], outboxDepth: 2 };
    const item = heartbeatItem(heartbeat);
    expect(item).toMatchObject({ class: "status", timeUs: 6 });
    expect(decodePayload(item.payload)).toEqual({ kind: "heartbeat", ...heartbeat, timeUs: 6 });
  });

  test("a strip's row has the time at which its last sample ends", () => {
    const strip: StripPayload = {
      kind: "strip",
      person: "person-a",
      alertIds: ["a"],
      device: "d",
      stream: "ecg",
      channel: "ecg1",
      unit: "mV",
      scale: 1,
      offset: 0,
      rateHz: 300,
      startUs: lineUs,
      samples: new Int32Array(100),
    };
    const item = stripItem(strip);
    expect(item).toMatchObject({ class: "raw", timeUs: lineUs + 333_333 });
    expect(decodePayload(item.payload)).toEqual(strip);
  });
});

describe("strips that are owed", () => {
  const due = (fromS: number, toS: number, more: Partial<StripDue> = {}): StripDue => ({
    alertId: "a",
    person: "person-a",
    ...source,
    fromUs: lineUs + fromS * second,
    toUs: lineUs + toS * second,
    anchor: { bootId: "b1", index: 0, timeUs: lineUs },
    ...more,
  });
  const spans = (...given: StripDue[]) =>
    mergeStrips(given).map(({ fromUs, toUs }) => [(fromUs - lineUs) / second, (toUs - lineUs) / second]);

  test("become one up to two minutes; a longer stretch goes in pieces that overlap, and what follows joins the newest piece", () => {
    expect(spans(due(0, 60), due(60, 120))).toEqual([[0, 120]]);
    expect(spans(due(0, 60), due(50, 120.000001))).toEqual([
      [0, 60],
      [50, 120.000001],
    ]);
    expect(spans(due(0, 60), due(50, 121), due(110, 130), due(20, 30))).toEqual([
      [0, 60],
      [50, 130],
    ]);
    expect(spans(due(0, 60), due(60.000001, 70))).toHaveLength(2);
    expect(spans(due(0, 60), due(10, 20))).toEqual([[0, 60]]);
  });

  test.each([{ person: "person-b" }, { device: "strap-b" }, { stream: "ppg" }, { anchor: { bootId: "b2", index: 0, timeUs: lineUs } }])(
    "stay two where they are not of one boot of one person's stream: %o",
    (other) => {
      expect(spans(due(0, 10), due(5, 15, other), due(10, 20))).toEqual([
        [0, 20],
        [5, 15],
      ]);
    },
  );
});
