/** The order in which bytes are kept, acknowledged, decided, stored and told; on a journal and a store that answer when the test says so. */

import { deserialize, serialize } from "node:v8";
import { describe, expect, test } from "vitest";
import { type Driver, emptyCounters } from "../../device-drivers/contract/driver.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { createAlertCore } from "../alert/core.ts";
import type { Journal } from "../journal/journal-port.ts";
import { passingJournal, strictListener } from "../replay/collecting.ts";
import { defaultProfile } from "../rules/index.ts";
import type { PersonCommit, Snapshot, Watermark } from "../store/store-port.ts";
import { createPipeline } from "./pipeline.ts";
import type { Parts } from "./snapshot.ts";

const startUs = 1_700_000_000_000_000;
const descriptor: StreamDescriptor = {
  ...{ device: "clip", stream: "oxi", rateHz: 1, sentinels: [], contact: "none" },
  channels: [{ id: "hr", kind: "hr", unit: "/min", scale: 1, offset: 0 }],
};
/** Each byte is a heart rate, one a second; a zero makes it fall over. */
const driver: Driver = {
  ...{ name: "bytes", title: "Bytes", options: {} as never, silenceMs: 1000 },
  create(_options, device, state) {
    let index = (state as number | undefined) ?? 0;
    return {
      push({ bytes, stamps }) {
        if (bytes[0] === 0) throw new Error("a driver falls");
        const place = { bootId: "b", firstIndex: index, deviceTimeUs: index * 1e6, deviceClock: 0 as const };
        index += bytes.length;
        const own = { ...descriptor, device };
        return [{ kind: "samples", descriptor: own, ...place, count: bytes.length, stamps, channels: [Float32Array.from(bytes)] }];
      },
      ...{ counters: emptyCounters(), refusals: () => [], takeReplies: () => [{ channel: "config", bytes: Uint8Array.of(index) }] },
      state: () => index,
    } as ReturnType<Driver["create"]>;
  },
};
const diskFull = new GatewayError("journal.disk_full", "world", "full");
const dayFull = new GatewayError("journal.day_full", "world", "full");
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function river({ kept = {} as { mark?: Watermark; snapshot?: Snapshot }, records = [] as { value: number; atS: number }[] } = {}) {
  const told: string[] = [];
  const commits: { row: PersonCommit; urgent: boolean | undefined; done: (error?: Error) => void }[] = [];
  const waiting: ((error?: GatewayError) => void)[] = [];
  const faults: string[] = [];
  let position = records.length;
  let isAutomatic = true;
  let isStoring = false;
  const chunkOf = (value: number, atS: number, device = "clip") => {
    const timeUs = startUs + atS * 1e6;
    const stamps = { timeUs, monotonicUs: atS * 1e6, wallUs: timeUs, wallQuality: "ntp" as const };
    return { link: "mqtt", device, channel: "oxi/raw", bytes: Uint8Array.of(value), stamps };
  };
  const journal: Journal = {
    ...passingJournal(),
    offer(lane, _chunk, done) {
      told.push(`journal ${lane}`);
      const answer = (error?: GatewayError) =>
        error === undefined ? done(undefined, ++position) : (done as (e: GatewayError) => void)(error);
      if (isAutomatic) answer();
      else waiting.push(answer);
    },
    last: async () => (records.length === 0 ? undefined : { position: records.length, timeUs: startUs + (records.at(-1)?.atS ?? 0) * 1e6 }),
    seek: async (_lane, fromUs) => {
      const at = records.findIndex(({ atS }) => startUs + atS * 1e6 >= fromUs);
      return at < 0 ? undefined : at + 1;
    },
    async *read(_lane, from) {
      for (let at = from; at <= records.length; at++) {
        const { value, atS } = records[at - 1] as { value: number; atS: number };
        yield { position: at, bootId: "boot", chunk: chunkOf(value, atS) };
      }
    },
  };
  let nowS = 0;
  const pipeline = createPipeline({
    journal,
    driverOf: () => ({ driver, options: {} }),
    store: {
      commit: (row, urgent) =>
        new Promise((resolve, reject) => {
          commits.push({ row, urgent, done: (error) => (error === undefined ? resolve() : reject(error)) });
          if (isStoring) resolve();
        }),
      mark: async () => kept,
      events: async () => [],
    },
    personOf: (device) => (device.startsWith("clip") ? "person-b" : undefined),
    person: () => ({ profile: { ...defaultProfile, hrLimitHighBpm: 120 }, models: [], versions: {}, submit() {} }),
    decider: () => ({ flushS: 2, alerts: createAlertCore({ newId: () => "alert", mode: "real" }) }),
    idle: settled,
    nowUs: () => startUs + nowS * 1e6,
    listener: strictListener({
      onAlert: (changes) => told.push(...changes.map(({ why, alert }) => `${why} ${alert.rule}`)),
      onStoreError: (error) => told.push(`store ${error.code}`),
      onFault: (error) => faults.push(error.code),
      onNotKept: (person) => told.push(`not kept ${person}`),
      onKept: (person) => told.push(`kept ${person}`),
      onReply: (device, channel) => told.push(`reply ${device} ${channel}`),
      onSettled: (person) => told.push(`settled ${person}`),
    }),
  });
  const send = (value: number, atS: number, device = "clip") => {
    nowS = atS;
    pipeline.offer(chunkOf(value, atS, device), (error) => told.push(error === undefined ? "ack" : `refused ${error.code}`));
  };
  return {
    ...{ pipeline, told, commits, faults, send },
    /** Sends one second after the other and lets the store answer, up to but not with `toS`. */
    async play(value: number, fromS: number, toS: number) {
      for (let s = fromS; s < toS; s++) {
        send(value, s);
        await settled();
      }
    },
    holdJournal() {
      isAutomatic = false;
    },
    /** The store answers what it has been given, and from now on at once. */
    storeAtOnce() {
      isStoring = true;
      for (const { done } of commits) done();
    },
    answer: (error?: GatewayError) => waiting.shift()?.(error),
    snapshots: () => commits.filter(({ row }) => row.snapshot !== undefined),
    said: (word: string) => told.filter((line) => line.startsWith(word)).length,
  };
}

describe("a chunk", () => {
  test("is acknowledged and goes on only when the journal has answered", () => {
    const { told, send, holdJournal, answer, pipeline } = river();
    holdJournal();
    send(70, 0);
    expect(told).toEqual(["journal person-b"]);
    expect(pipeline.timings()).toEqual([]);
    answer();
    expect(told.slice(0, 2)).toEqual(["journal person-b", "ack"]);
    expect(told).toContain("reply clip config");
    expect(pipeline.timings()).toHaveLength(1);
  });

  test("of a device that nobody wears is kept apart, decides nothing, and is refused when the disk refuses it", () => {
    const { told, send, holdJournal, answer, pipeline } = river();
    send(70, 0, "spare");
    expect(told).toEqual(["journal unassigned", "ack"]);
    holdJournal();
    send(70, 1, "spare");
    answer(diskFull);
    expect(told.slice(2)).toEqual(["journal unassigned", "refused journal.disk_full"]);
    expect(pipeline.timings()).toEqual([]);
  });

  test("that the disk refuses is judged and acknowledged all the same; one that is refused for a fault of ours is not acknowledged", () => {
    const { told, send, holdJournal, answer } = river();
    holdJournal();
    send(70, 0);
    answer(diskFull);
    expect(told).toContain("ack");
    expect(told).toContain("not kept person-b");
    send(70, 1);
    answer(new GatewayError("journal.bug", "bug", "ours"));
    expect(told).toContain("refused journal.bug");
  });

  test("over which a driver falls harms only itself", async () => {
    const { send, told, pipeline } = river();
    send(0, 0);
    send(70, 1);
    await settled();
    expect(told.filter((line) => line === "ack")).toHaveLength(2);
    expect(pipeline.counters("clip")?.discarded).toEqual({ "driver.fault": 1 });
    expect(pipeline.timings()).toHaveLength(1);
  });

  test("whose answer is awaited holds the grid, so that a restart orders everything as this run does", async () => {
    const { send, told, holdJournal, answer, pipeline, play } = river();
    await play(70, 0, 5);
    holdJournal();
    send(70, 5);
    const before = told.filter((line) => line.startsWith("settled")).length;
    pipeline.advance(startUs + 60e6);
    expect(told.filter((line) => line.startsWith("settled")).length - before).toBeLessThan(20);
    answer();
    pipeline.advance(startUs + 60e6);
    expect(told.filter((line) => line.startsWith("settled")).length - before).toBeGreaterThan(100);
  });

  test("that the journal takes while the home closes is not decided", async () => {
    const { send, holdJournal, answer, pipeline, storeAtOnce, told } = river();
    send(70, 0);
    await settled();
    holdJournal();
    send(70, 1);
    const closing = pipeline.close();
    await settled();
    answer(diskFull);
    expect(told).toContain("refused journal.disk_full");
    expect(told).not.toContain("not kept person-b");
    storeAtOnce();
    await closing;
  });
});

describe("an alarm", () => {
  test("is told when its rows are in the store, and not before", async () => {
    const home = river();
    await home.play(131, 0, 20);
    const alarm = home.commits.find(({ row }) => (row.alerts ?? []).length > 0);
    expect(alarm?.row.alerts?.map(({ rule }) => rule)).toEqual(["hr.limit-high"]);
    expect(alarm?.urgent).toBe(true);
    expect(alarm?.row).toMatchObject({ person: "person-b", mark: { position: expect.any(Number) }, audit: [{ what: "alert.raised" }] });
    expect(alarm?.row.outbox?.map((row) => row.class)).toContain("alert");
    expect(home.said("raised")).toBe(0);
    alarm?.done();
    await settled();
    expect(home.said("raised hr.limit-high")).toBe(1);
  });

  test("that the disk refuses is told all the same, and the refusal with it", async () => {
    const home = river();
    await home.play(131, 0, 20);
    home.commits.find(({ row }) => (row.alerts ?? []).length > 0)?.done(new GatewayError("store.disk_full", "world", "full"));
    await settled();
    expect(home.told.filter((line) => /^(store|raised)/.test(line))).toEqual(["store store.disk_full", "raised hr.limit-high"]);
  });

  test("is the only thing that makes the store write at once", async () => {
    const home = river();
    await home.play(70, 0, 30);
    expect(home.commits.length).toBeGreaterThan(5);
    expect(home.commits.filter(({ urgent }) => urgent)).toEqual([]);
  });
});

describe("the state of a person", () => {
  test("is kept every five minutes, behind the newest record", async () => {
    const home = river();
    await home.play(70, 0, 300);
    expect(home.snapshots()).toEqual([]);
    await home.play(70, 300, 302);
    expect(home.snapshots().map(({ row }) => row.snapshot?.position)).toEqual([301]);
    await home.play(70, 302, 602);
    expect(home.snapshots()).toHaveLength(2);
  });

  test("is kept at once when the journal refuses, every ten seconds while it does, and once more when it takes records again", async () => {
    const home = river();
    await home.play(70, 0, 5);
    home.holdJournal();
    const refused = async (fromS: number, toS: number) => {
      for (let s = fromS; s < toS; s++) {
        home.send(70, s);
        home.answer(diskFull);
        await settled();
      }
    };
    await refused(5, 6);
    expect(home.snapshots()).toHaveLength(1);
    await refused(6, 15);
    expect(home.snapshots()).toHaveLength(1);
    await refused(15, 16);
    expect(home.snapshots()).toHaveLength(2);
    home.send(70, 16);
    home.answer();
    await settled();
    expect(home.snapshots()).toHaveLength(3);
    expect(home.told).toContain("kept person-b");
    // What was refused has no number in the journal.
    expect(home.snapshots().map(({ row }) => row.snapshot?.position)).toEqual([5, 5, 6]);
    home.send(70, 17);
    home.answer();
    await settled();
    expect(home.snapshots()).toHaveLength(3);
    expect(home.said("kept")).toBe(1);
  });

  test("is kept every ten seconds, and no more often, while the journal takes one device's records and refuses another's", async () => {
    const home = river();
    await home.play(70, 0, 5);
    home.holdJournal();
    for (let s = 5; s < 45; s++) {
      home.send(70, s);
      home.answer();
      home.send(70, s, "clip-2");
      home.answer(dayFull);
      await settled();
    }
    expect(home.snapshots()).toHaveLength(1 + 3);
    expect([home.said("not kept person-b"), home.said("kept person-b")]).toEqual([40, 0]);
  });

  test("is written at the end, and a restart from it feeds what came behind it and nothing else", async () => {
    const first = river();
    await first.play(70, 0, 20);
    let isClosed = false;
    const closing = first.pipeline.close().then(() => {
      isClosed = true;
    });
    for (let turn = 0; turn < 20; turn++) await settled();
    expect(isClosed).toBe(false);
    first.storeAtOnce();
    await closing;
    const { row, urgent } = first.snapshots()[0] as (typeof first.commits)[number];
    expect(urgent).toBe(true);
    const { snapshot } = row as { snapshot: Snapshot };
    const mark = first.commits.findLast((commit) => commit.row.mark !== undefined)?.row.mark as Watermark;
    const records = Array.from({ length: 25 }, (_, s) => ({ value: 70, atS: s }));
    const second = river({ kept: { mark, snapshot }, records });
    second.storeAtOnce();
    expect(await second.pipeline.recover("person-b")).toEqual({ records: 5, lost: [] });
    expect(second.faults).toEqual([]);
    const marks = second.commits.flatMap((commit) => (commit.row.mark === undefined ? [] : [commit.row.mark]));
    expect(marks[0]?.ordinal).toBeGreaterThan(mark.ordinal);
    // The driver's own state went on: no index twice, so nothing contradicts.
    expect(second.pipeline.timings()[0]).toMatchObject({ clockFaults: 0, indexFaults: 0, dropped: { late: 0, history: 0 } });
    expect((deserialize(snapshot.bytes) as { parts: Parts }).parts["driver/clip"]?.state).toBe(20);
  });

  test("asked for so that days of the journal may go is on the disk when the answer comes", async () => {
    const home = river();
    await home.play(70, 0, 20);
    let isKept = false;
    const keeping = home.pipeline.snapshot("person-b").then(() => {
      isKept = true;
    });
    for (let turn = 0; turn < 20; turn++) await settled();
    expect(home.snapshots().map(({ urgent }) => urgent)).toEqual([true]);
    expect(isKept).toBe(false);
    home.storeAtOnce();
    await keeping;
    await home.pipeline.snapshot("nobody");
  });

  test("that cannot be read is told, and everything is judged by fresh stages", async () => {
    const snapshot = { position: 3, ordinal: 9, bytes: serialize("no state") };
    const mark = { ordinal: 9, timeUs: startUs + 3e6, position: 3 };
    const records = Array.from({ length: 5 }, (_, s) => ({ value: 70, atS: s }));
    const home = river({ kept: { mark, snapshot }, records });
    home.storeAtOnce();
    expect((await home.pipeline.recover("person-b")).records).toBe(5);
    expect(home.faults).toEqual(["river.snapshot_unreadable"]);
  });
});
