/** What any store of the twin must promise, whatever it is made of: `testTwinStore(open)` in an implementation's own test. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AlertRecord, TrafficClass } from "../../device-drivers/contract/event.ts";
import { lossless } from "../../gateway/semantic/codecs/lossless.ts";
import type { Frame } from "../../gateway/semantic/frame.ts";
import { encodePayload } from "../../gateway/semantic/payload-codec.ts";
import type { TwinPayload } from "../../gateway/semantic/payloads/index.ts";
import { payloadKinds } from "../../gateway/semantic/payloads/index.ts";
import type { Received, StoredAct, TwinStore } from "../../gateway/twin/store/port.ts";
import { runs } from "../runs.ts";

/** Opens the store of a folder; a second call while the first is open is another worker, after its `close` a restart. */
export type OpenTwinStoreAt = (dir: string) => Promise<TwinStore>;

const g = "home-a";
const who = "person-a";
export const everUs = { fromUs: 0, toUs: 10 ** 15, limit: 100 };

const classOf = new Map<TwinPayload["kind"], TrafficClass>(payloadKinds.map((each) => [each.kind, each.class]));

/** A frame of home-a's first epoch whose time is its number. */
export function received(n: number, payload: TwinPayload, more: Partial<Frame> = {}): Received {
  const frame = {
    g,
    e: new Uint8Array(8),
    n,
    c: classOf.get(payload.kind) ?? "raw",
    t: n,
    p: encodePayload(payload),
    s: new Uint8Array(64),
    ...more,
  };
  return { frame, payload };
}

export const events = (more: object): TwinPayload => ({
  ...{ kind: "events", person: who, fromUs: 0, toUs: 60_000_000, beats: [], rhythms: [], vitals: [], gaps: [], watched: [] },
  ...more,
});
export const beats = (...timesUs: number[]) =>
  events({ beats: timesUs.map((timeUs) => ({ kind: "beat", device: "d", stream: "ecg", timeUs, label: "N", confidence: 1, rrMs: 800 })) });
const record = (more: Partial<AlertRecord>): AlertRecord => ({
  ...{ id: "a1", person: who, rule: "hr.high", device: "d", priority: "medium", kind: "physiological", state: "active", mode: "real" },
  ...{ onsetUs: 1, raisedUs: 2, lastSeenUs: 3, count: 1, quality: "good", snoozes: [], deliveries: [], ...more },
});
export const alert = (more: Partial<AlertRecord>): TwinPayload => ({ kind: "alert", alert: record(more) });
const heartbeat = (timeUs: number, name = "Person A"): TwinPayload => ({
  ...{ kind: "heartbeat", timeUs, uptimeS: 1, version: "1", people: [{ id: who, name }], devices: [], outboxDepth: 0 },
});
const strip = (startUs: number, count = 500, value = 3): TwinPayload => ({
  ...{ kind: "strip", person: who, alertIds: ["a1"], device: "d", stream: "ecg", channel: "c", unit: "mV", scale: 1, offset: 0 },
  ...{ rateHz: 250, startUs, samples: new Int32Array(count).fill(value) },
});
const epochOf = (byte: number) => new Uint8Array(8).fill(byte);
const number = (timeUs: number, code: string, value: number, device: string) => ({
  ...{ kind: "vital", code, device, stream: "oxi", timeUs, value, unit: "%" },
});

/** Everything that can be asked about a home. */
async function askAll(store: TwinStore, gateway: string): Promise<object> {
  const people = await store.people(gateway);
  const ofPeople = people.map(async ({ id }) => ({
    state: await store.state(gateway, id),
    vitals: await store.vitals(gateway, id, everUs),
    beats: await store.beats(gateway, id, everUs),
    rhythms: await store.rhythms(gateway, id, everUs),
    gaps: await store.gaps(gateway, id, everUs),
    alerts: await store.alerts(gateway, id, { limit: 99 }),
    strips: await store.strips(gateway, id, everUs),
    newestStrip: await store.strips(gateway, id),
    watched: await store.watchedS(gateway, id, 0, 10 ** 12),
  }));
  return { people, ofPeople: await Promise.all(ofPeople), gateway: await store.gateway(gateway) };
}

/** Everything that stands in the folder's files. */
const filesIn = async (dir: string) =>
  readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), "latin1"))
    .join("");

/** Registers the suite. `keptAt` gives all that the store of a folder holds, as one text. */
export function testTwinStore(openAt: OpenTwinStoreAt, keptAt: (dir: string) => Promise<string> = filesIn): void {
  describe("a twin's store", () => {
    let dir: string;
    let store: TwinStore;
    beforeEach(async () => {
      dir = mkdtempSync(join(tmpdir(), "hearth-twin-store-"));
      store = await openAt(dir);
    });
    afterEach(async () => {
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    });
    const restart = async () => {
      await store.close();
      store = await openAt(dir);
    };

    test("a frame is new once per gateway, epoch and number, over a restart too", async () => {
      expect(await store.commit([received(1, beats(5)), received(1, beats(5))], 0)).toEqual([true, false]);
      const more = [received(1, beats(6), { e: epochOf(1) }), received(1, beats(7), { g: "home-b" }), received(2, beats(8))];
      expect(await store.commit(more, 0)).toEqual([true, true, true]);
      await restart();
      expect(await store.commit([...more, received(3, beats(9))], 0)).toEqual([false, false, false, true]);
      expect((await store.beats(g, who, everUs)).map(({ timeUs }) => timeUs)).toEqual([5, 6, 8, 9]);
      expect(await store.beats("home-b", who, everUs)).toEqual([
        { kind: "beat", device: "d", stream: "ecg", timeUs: 7, label: "N", confidence: 1, rrMs: 800 },
      ]);
      expect(await store.gateway(g)).toEqual({ gateway: g, frames: 4, opaque: 0 });
    });

    test("of frames that several workers commit at one time each is new for exactly one of them", async () => {
      const other = await openAt(dir);
      const frames = Array.from({ length: 30 }, (_, i) => received(i, beats(i)));
      const answers = await Promise.all([
        store.commit(frames.slice(0, 20), 1),
        other.commit(frames.slice(10), 2),
        store.commit(frames.slice(5, 25).reverse(), 3),
        other.commit(frames, 4),
      ]);
      expect(answers.flat().filter((isNew) => isNew)).toHaveLength(30);
      expect((await other.beats(g, who, everUs)).map(({ timeUs }) => timeUs)).toEqual(frames.map((_, i) => i));
      await other.close();
    });

    describe("of somebody who has left", () => {
      const leave = (n: number, person = who) => received(n, { kind: "leave", person, timeUs: n }, { mustBeUnderstood: true });
      const bob = (payload: TwinPayload): TwinPayload =>
        payload.kind === "alert"
          ? { ...payload, alert: { ...payload.alert, id: "a2", person: "person-b" } }
          : ({ ...payload, person: "person-b" } as TwinPayload);
      const all = [heartbeat(1), beats(2), alert({}), strip(3)].map((payload, i) => received(i + 1, payload));

      test("nothing is answered any more, and others stay as they are, but for a name in what they were told", async () => {
        const theirs = [bob(beats(2)), bob(alert({ acknowledgedBy: "Person A", snoozes: [{ by: who, untilUs: 5 }] }))];
        await store.commit([...all, ...theirs.map((payload, i) => received(i + 5, payload)), received(7, beats(9), { g: "home-b" })], 0);
        expect(await store.commit([leave(8)], 0)).toEqual([true]);
        await restart();
        expect((await store.people(g)).map(({ id }) => id)).toEqual(["person-b"]);
        expect(await store.state(g, who)).toEqual({ person: who, numbers: [], openAlerts: [], watchedS: {} });
        expect([await store.beats(g, who, everUs), await store.alerts(g, who, { limit: 9 }), await store.strips(g, who)]).toEqual([
          [],
          [],
          [],
        ]);
        expect((await store.gateway(g)).heartbeat?.people).toEqual([]);
        expect(await store.beats(g, "person-b", everUs)).toHaveLength(1);
        const [told] = await store.alerts(g, "person-b", { limit: 9 });
        expect([told?.acknowledgedBy, told?.snoozes[0]?.by]).toEqual(["someone who has left", "someone who has left"]);
        expect(await store.beats("home-b", who, everUs)).toHaveLength(1);
      });

      test("what comes late, from whichever epoch, finds nobody; what they send after coming back is theirs", async () => {
        await store.commit([leave(8)], 0);
        await store.commit([...all, ...all.map(({ frame, payload }) => ({ frame: { ...frame, e: epochOf(2) }, payload }))], 0);
        expect([await store.people(g), (await store.gateway(g)).heartbeat?.people]).toEqual([[], []]);
        await store.commit([received(9, beats(9)), received(10, heartbeat(10))], 0);
        expect(await store.people(g)).toEqual([{ id: who, name: "Person A" }]);
        expect(await store.commit([leave(8)], 0)).toEqual([false]);
        expect(await store.people(g)).toEqual([{ id: who, name: "Person A" }]);
      });

      test("no byte of it is found in what the store holds", async () => {
        const canary = "zq-canary-7f3a";
        const opaque = { ...received(3, beats(1)), payload: undefined };
        const unread = { ...opaque, frame: { ...opaque.frame, p: new TextEncoder().encode(`?${canary}?`) } };
        const told = alert({ id: `${canary}-alert`, person: canary, closeReason: `${canary}-note` });
        await store.commit(
          [
            received(1, heartbeat(1, `${canary}-name`)),
            received(2, told),
            unread,
            received(4, { ...beats(5), person: canary } as TwinPayload),
          ],
          0,
        );
        expect(await keptAt(dir)).toContain(canary);
        await store.commit([received(5, heartbeat(5, "Person A")), leave(6, canary)], 0);
        expect(await keptAt(dir)).not.toContain(canary);
      });
    });

    describe("of somebody who is known under another name from now on", () => {
      const other = "p-00112233445566aa";
      const renamed = received(9, { kind: "renamed", before: who, person: other, timeUs: 9 }, { mustBeUnderstood: true });
      const before = [heartbeat(1), beats(2), alert({}), strip(3)].map((payload, i) => received(i + 1, payload));
      const after = received(10, { ...beats(11), person: other } as TwinPayload);
      const answers = async () => ({
        people: (await store.people(g)).map(({ id }) => id),
        beats: (await store.beats(g, other, everUs)).map(({ timeUs }) => timeUs),
        alerts: (await store.alerts(g, other, { limit: 9 })).map(({ person }) => person),
        strips: (await store.strips(g, other)).map(({ person }) => person),
        heartbeat: (await store.gateway(g)).heartbeat?.people.map(({ id }) => id),
      });
      const all = { people: [other], beats: [2, 11], alerts: [other], strips: [other], heartbeat: [other] };

      test("all that is here goes over to it, and what still comes under the old one too, in whatever order", async () => {
        await store.commit([...before, renamed, after], 0);
        expect(await answers()).toEqual(all);
        await store.commit([received(11, beats(2), { e: epochOf(2) })], 0);
        expect(await answers()).toEqual(all);
      });

      test("it is the same when the new name comes first", async () => {
        await store.commit([renamed, after, ...before], 0);
        expect(await answers()).toEqual(all);
      });

      test("one who has left under the new name has left under the old one", async () => {
        await store.commit([...before, received(8, { kind: "leave", person: other, timeUs: 12 }, { mustBeUnderstood: true })], 0);
        await store.commit([renamed, received(12, beats(4))], 0);
        expect(await answers()).toEqual({ people: [], beats: [], alerts: [], strips: [], heartbeat: [] });
      });

      test("no byte of the old name is found in what the store holds", async () => {
        const canary = "zq-canary-91bd";
        await store.commit([received(1, { ...beats(5), person: canary } as TwinPayload), received(2, alert({ person: canary }))], 0);
        await store.commit([received(3, { kind: "renamed", before: canary, person: other, timeUs: 9 }, { mustBeUnderstood: true })], 0);
        expect(await keptAt(dir)).not.toContain(canary);
      });
    });

    test("each part of a window is kept as one of its own kind, and is gone with its person", async () => {
      const samples = new Int32Array(50).fill(3);
      const { bytes: code } = lossless.encode({ samples });
      const waveform = {
        kind: "waveform",
        ...{ person: who, device: "d", stream: "ecg", channel: "c", unit: "mV", scale: 1, offset: 0, rateHz: 250 },
        ...{ startUs: 10, codec: lossless.number, rmse: 0, peaks: [], code, samples },
      } as const;
      const told = beats(5) as Extract<TwinPayload, { kind: "events" }>;
      await store.commit([received(1, { kind: "window", person: who, events: told, waveforms: [waveform] })], 0);
      expect((await store.beats(g, who, everUs)).map(({ timeUs }) => timeUs)).toEqual([5]);
      expect(await store.kept(g, who, "waveform", everUs)).toMatchObject([{ startUs: 10, samples }]);
      await store.commit([received(2, { kind: "leave", person: who, timeUs: 2 }, { mustBeUnderstood: true })], 0);
      expect(await store.kept(g, who, "waveform", everUs)).toEqual([]);
    });

    test("a commit of which one frame can't be written leaves nothing of the others", async () => {
      const broken = received(2, beats(6));
      const frame = { ...broken.frame, t: {} as unknown as number };
      await expect(store.commit([received(1, beats(5)), { ...broken, frame }], 0)).rejects.toMatchObject({ kind: "bug" });
      expect([await store.beats(g, who, everUs), (await store.gateway(g)).frames]).toEqual([[], 0]);
      expect(await store.commit([received(1, beats(5))], 0)).toEqual([true]);
    });

    test("what was readable by nobody is taken up by the first start that can read it", async () => {
      const unreadable = received(2, beats(6));
      const opaque = [
        { frame: received(1, beats(5)).frame, payload: undefined },
        { frame: { ...unreadable.frame, p: new Uint8Array([0]) }, payload: undefined },
      ];
      await store.commit(opaque, 0);
      expect([await store.beats(g, who, everUs), (await store.gateway(g)).opaque]).toEqual([[], 2]);
      await restart();
      expect(await store.beats(g, who, everUs)).toHaveLength(1);
      expect(await store.gateway(g)).toMatchObject({ frames: 2, opaque: 1 });
      expect(await store.commit([received(1, beats(5))], 0)).toEqual([false]);
    });

    test("within an epoch the higher number is the newer alert, whatever came first", async () => {
      const [newer, older] = [received(9, alert({ state: "resolved", endedUs: 9 })), received(4, alert({}), { h: true, t: 99 })];
      await store.commit([newer, older], 0);
      expect(await store.alerts(g, who, { limit: 9 })).toMatchObject([{ state: "resolved" }]);
      expect(await store.alerts(g, who, { open: true, limit: 9 })).toEqual([]);
      await store.commit([received(10, alert({ id: "a2", state: "notified", onsetUs: 50 }))], 0);
      expect((await store.alerts(g, who, { limit: 9 })).map(({ id }) => id)).toEqual(["a2", "a1"]);
      expect((await store.alerts(g, who, { limit: 1 })).map(({ id }) => id)).toEqual(["a2"]);
      expect((await store.state(g, who)).openAlerts).toMatchObject([{ id: "a2" }]);
    });

    test("an alert that was rejected or has expired is as open here as at home", async () => {
      const states = ["active", "notified", "acknowledged", "rejected", "resolved", "closed", "expired"] as const;
      await store.commit(
        states.map((state, i) => received(i, alert({ id: state, state, onsetUs: 100 - i }))),
        0,
      );
      const open = (await store.state(g, who)).openAlerts.map(({ id }) => id);
      expect(open).toEqual(["active", "notified", "acknowledged", "rejected", "expired"]);
      expect((await store.alerts(g, who, { open: true, limit: 9 })).map(({ id }) => id)).toEqual(open);
    });

    test("over epochs the later alert counts, at one time the state that is further on", async () => {
      const restored = { e: epochOf(1) };
      await store.commit([received(8, alert({ state: "acknowledged" }), { t: 20 }), received(1, alert({}), { ...restored, t: 20 })], 0);
      expect(await store.alerts(g, who, { limit: 9 })).toMatchObject([{ state: "acknowledged" }]);
      await store.commit([received(2, alert({ state: "notified" }), { ...restored, t: 21 })], 0);
      expect(await store.alerts(g, who, { limit: 9 })).toMatchObject([{ state: "notified" }]);
    });

    test("watched time that overlaps is counted once, within the span alone", async () => {
      const span = (fromS: number, toS: number, rule = "rhythm.vt") => ({ kind: "watched", rule, fromUs: fromS * 1e6, toUs: toS * 1e6 });
      await store.commit([received(1, events({ watched: [span(0, 60), span(0, 10, "hr.high")] }))], 0);
      await store.commit([received(2, events({ watched: [span(30, 90), span(100, 110)] }))], 0);
      expect(await store.watchedS(g, who, 20e6, 105e6)).toEqual({ "rhythm.vt": 75 });
      expect(await store.watchedS(g, who, 0, 200e6)).toEqual({ "rhythm.vt": 100, "hr.high": 10 });
    });

    test("a stretch that grows is one stretch, and never becomes shorter again", async () => {
      const gap = (toUs: number) => events({ gaps: [{ kind: "gap", device: "d", stream: "ecg", fromUs: 10, toUs }] });
      await store.commit([received(1, gap(20)), received(2, gap(40)), received(3, gap(30))], 0);
      expect(await store.gaps(g, who, everUs)).toEqual([{ kind: "gap", device: "d", stream: "ecg", fromUs: 10, toUs: 40 }]);
    });

    test("the state names the newest rhythm and vital sign, and how far the twin knows", async () => {
      const vital = (timeUs: number, value: number) => ({ kind: "vital", code: "hr", timeUs, value, unit: "bpm" });
      const rhythm = (timeUs: number, label: string) => ({ kind: "rhythm", device: "d", stream: "ecg", timeUs, label });
      const rhythms = [rhythm(6, "(VT"), rhythm(8, "(N"), rhythm(9, "~noise")];
      await store.commit([received(1, events({ toUs: 70e6, vitals: [vital(5, 70), vital(9, 72)], rhythms }))], 43);
      await store.commit([received(2, events({ toUs: 60e6, vitals: [vital(7, 90)] }))], 42);
      expect(await store.state(g, who)).toMatchObject({ asOfUs: 70e6, receivedUs: 43, vital: { value: 72 }, rhythm: { label: "(N" } });
    });

    test("what was watched and measured is asked over the day before the newest frame", async () => {
      const dayUs = 86_400_000_000;
      const watched = (fromUs: number, toUs: number) => ({ kind: "watched", rule: "hr.high", fromUs, toUs });
      const old = events({ vitals: [number(1, "spo2", 95, "clip"), number(3e6, "hr", 60, "clip")], watched: [watched(0, 10e6)] });
      await store.commit([received(1, old), received(2, events({ toUs: dayUs + 2e6, watched: [watched(dayUs, dayUs + 4e6)] }))], 0);
      const state = await store.state(g, who);
      expect(state.watchedS).toEqual({ "hr.high": 10 });
      expect(state.numbers.map(({ code }) => code)).toEqual(["hr"]);
    });

    test("numbers of devices stand beside the derived heart rate, each with its source, and never in its place", async () => {
      const derived = { kind: "vital", code: "hr", timeUs: 5, value: 70, unit: "bpm" };
      const numbers = [
        number(6, "spo2", 96, "clip"),
        number(9, "spo2", 97, "clip"),
        number(9, "spo2", 91, "band"),
        number(9, "hr", 74, "clip"),
      ];
      await store.commit([received(1, events({ toUs: 70e6, vitals: [derived, ...numbers] }))], 42);
      const state = await store.state(g, who);
      expect(state.vital).toEqual(derived);
      expect(state.numbers.map(({ code, device, value }) => `${code} ${device} ${value}`)).toEqual([
        "hr clip 74",
        "spo2 band 91",
        "spo2 clip 97",
      ]);
      expect(await store.vitals(g, who, everUs)).toHaveLength(5);
    });

    test("a span begins with its first microsecond, ends before its last, and keeps its newest rows", async () => {
      await store.commit([received(1, beats(10, 20, 30, 40))], 0);
      const times = async (span: object) => (await store.beats(g, who, { ...everUs, ...span })).map(({ timeUs }) => timeUs);
      expect(await times({ fromUs: 20, toUs: 40 })).toEqual([20, 30]);
      expect(await times({ limit: 2 })).toEqual([30, 40]);
    });

    test("an older heartbeat does not take the place of a newer one, nor the name that it gives", async () => {
      await store.commit([received(2, heartbeat(20, "Person B"))], 5);
      await store.commit([received(1, heartbeat(10), { h: true })], 6);
      expect(await store.gateway(g)).toMatchObject({ heartbeat: { timeUs: 20 }, heartbeatReceivedUs: 5 });
      expect(await store.people(g)).toEqual([{ id: who, name: "Person B" }]);
      await store.commit([received(3, heartbeat(30))], 7);
      expect(await store.people(g)).toEqual([{ id: who, name: "Person A" }]);
    });

    test("strips are found by overlap and come back whole", async () => {
      await store.commit([received(1, strip(0)), received(2, strip(10_000_000))], 0);
      await store.commit([received(3, strip(0)), received(4, strip(0, 100))], 0);
      expect(await store.strips(g, who, { fromUs: 1_999_999, toUs: 9_000_000 })).toEqual([strip(0)]);
      expect(await store.strips(g, who, { fromUs: 2_000_000, toUs: 9_000_000 })).toEqual([]);
      expect(await store.strips(g, who, { fromUs: 0, toUs: 10_000_000 })).toEqual([strip(0)]);
      expect(await store.strips(g, who)).toEqual([strip(10_000_000)]);
    });

    test("a wish takes the place of the one that its writer has seen, and of no other", async () => {
      expect(await store.putDesired(g, "1", "0")).toBe(false);
      expect(await store.desired(g)).toBeUndefined();
      expect(await store.putDesired(g, "1", undefined)).toBe(true);
      expect(await Promise.all(["2a", "2b", "2c"].map((text) => store.putDesired(g, text, "1")))).toEqual([true, false, false]);
      await restart();
      expect([await store.desired(g), await store.desired("home-b")]).toEqual(["2a", undefined]);
    });

    test("the newest report is kept", async () => {
      await store.putReported(g, "1");
      await store.putReported(g, "2");
      await restart();
      expect([await store.reported(g), await store.reported("home-b")]).toEqual(["2", undefined]);
    });

    const act = (id: string, more: Partial<StoredAct> = {}): StoredAct => ({
      ...{ gateway: g, id, person: who, alert: "a1", text: `{"by":"Carer A","id":"${id}"}`, atUs: 100, ...more },
    });
    const acted = (n: number, id: string, outcome: string) => received(n, { kind: "acted", act: id, person: who, outcome, timeUs: n });

    test("what is done at the twin waits until its own home has answered, and the first answer stays", async () => {
      expect(await store.putAct(act("one"))).toBe(true);
      expect(await store.putAct(act("two", { gateway: "home-b", atUs: 90 }))).toBe(true);
      await restart();
      expect([await store.waitingActs(0), await store.waitingActs(100)]).toEqual([
        [act("two", { gateway: "home-b", atUs: 90 }), act("one")],
        [act("one")],
      ]);
      await store.commit([acted(1, "two", "done"), acted(2, "one", "done"), acted(3, "one", "already")], 0);
      expect([await store.act(g, "one"), await store.act("home-b", "one"), await store.waitingActs(0)]).toEqual([
        act("one", { outcome: "done" }),
        undefined,
        [act("two", { gateway: "home-b", atUs: 90 })],
      ]);
    });

    test("no more than 64 acts wait for a home, and a day later they are gone", async () => {
      const put = await Promise.all(Array.from({ length: 66 }, (_, i) => store.putAct(act(`${i}`))));
      expect(put.filter((isPut) => isPut)).toHaveLength(64);
      expect(await store.putAct(act("other", { gateway: "home-b" }))).toBe(true);
      expect(await store.putAct(act("next", { atUs: 86_400_000_101 }))).toBe(true);
      expect((await store.waitingActs(0)).map(({ id }) => id)).toEqual(["other", "next"]);
    });

    test("an act goes with the person whom it is about, by their new name too, and with the one who has done it", async () => {
      await store.commit([received(1, heartbeat(1)), received(2, alert({ person: "person-b" }))], 0);
      await store.putAct(act("about"));
      await store.putAct(act("done", { person: "person-b", text: '{"by":"Person A"}' }));
      await store.putAct(act("other", { person: "person-b" }));
      const other = "p-00112233445566aa";
      await store.commit([received(3, { kind: "renamed", before: "person-b", person: other, timeUs: 3 }, { mustBeUnderstood: true })], 0);
      expect((await store.act(g, "other"))?.person).toBe(other);
      await store.commit([received(4, { kind: "leave", person: who, timeUs: 4 }, { mustBeUnderstood: true })], 0);
      expect((await store.waitingActs(0)).map(({ id }) => id)).toEqual(["other"]);
    });

    test("an alert is found by its id in its own home, as it is newest", async () => {
      await store.commit([received(2, alert({ state: "acknowledged" })), received(1, alert({}))], 0);
      expect([(await store.alert(g, "a1"))?.state, await store.alert(g, "a2"), await store.alert("home-b", "a1")]).toEqual([
        "acknowledged",
        undefined,
        undefined,
      ]);
    });

    const doing = (atUs: number) => ({ by: "operator", atUs });
    const account = (gateway: string, key = "key") => ({ gateway, publicKeyPem: key, passwordHash: `hash of ${key}` });

    test("who is enrolled is known by its newest key, and withdrawn it is known no more, but what it has sent stays", async () => {
      await store.commit([received(1, beats(5)), received(2, heartbeat(20))], 7);
      await store.enrol(account("home-b"));
      await store.enrol(account(g, "old"));
      await store.enrol(account(g));
      await restart();
      expect(await store.enrolled()).toEqual([account(g), account("home-b")]);
      await store.withdraw(g, doing(30));
      expect([await store.account(g), await store.account("home-b"), await store.account("home-c")]).toEqual([
        undefined,
        account("home-b"),
        undefined,
      ]);
      expect([await store.enrolled(), (await store.watched()).map(({ gateway }) => gateway)]).toEqual([[account("home-b")], ["home-b"]]);
      expect(await store.gateway(g)).toMatchObject({ frames: 2, heartbeat: { timeUs: 20 } });
      await store.tellSilence("home-b", { level: "warn", sinceUs: 1 }, { gateway: "home-b", heardCount: 0 });
      await store.withdraw("home-b", doing(31));
      await store.enrol(account("home-b"));
      expect(await store.watched()).toEqual([{ gateway: "home-b", heardCount: 0 }]);
    });

    test("a claim enrols its gateway once, for one caller alone, and everything about it is kept", async () => {
      const claim = (id: string) => ({ gateway: g, id, publicKey: `key of ${id}`, expiresUs: 100 });
      await store.putClaim(claim("first"), doing(1));
      await store.putClaim(claim("second"), doing(2));
      expect([await store.claim("first"), await store.claim("second")]).toEqual([undefined, claim("second")]);
      const other = await openAt(dir);
      const made = account(g, "mine");
      const users = [store, other, store, other].map((each) => each.useClaim("second", made, { by: "gateway", atUs: 3 }));
      expect((await Promise.all(users)).filter((isMine) => isMine)).toHaveLength(1);
      await other.close();
      await restart();
      expect(await store.useClaim("first", account(g, "theirs"), doing(4))).toBe(false);
      expect([await store.claim("second"), await store.account(g)]).toEqual([
        { ...claim("second"), usedUs: 3 },
        { ...made, isJoined: true },
      ]);
      await store.putClaim(claim("third"), doing(5));
      expect(await store.useClaim("third", account("home-b"), doing(6))).toBe(false);
      expect(await store.useClaim("third", account(g, "newer"), doing(6))).toBe(true);
      await store.putClaim(claim("fourth"), doing(7));
      await store.withdraw(g, doing(8));
      expect([await store.account(g), await store.useClaim("fourth", made, doing(9))]).toEqual([undefined, false]);
      expect(await store.endedKeys()).toEqual([
        { publicKeyPem: "mine", endedUs: 6 },
        { publicKeyPem: "newer", endedUs: 8 },
      ]);
      expect((await store.enrolmentActs(9)).map(({ what, atUs, by }) => `${what} ${atUs} ${by}`)).toEqual([
        ...["revoked 8 operator", "claimed 7 operator", "joined 6 operator", "replaced 6 operator", "claimed 5 operator"],
        ...["joined 3 gateway", "claimed 2 operator", "claimed 1 operator"],
      ]);
      expect(await store.enrolmentActs(1)).toEqual([{ gateway: g, what: "revoked", ...doing(8) }]);
    });

    test("a live heartbeat is heard once, in the commit that stores it; a repeated, an old and an unreadable one are not", async () => {
      await store.enrol(account(g));
      await store.enrol(account("home-b"));
      expect(await store.watched()).toEqual([
        { gateway: g, heardCount: 0 },
        { gateway: "home-b", heardCount: 0 },
      ]);
      await store.commit([received(1, heartbeat(10)), received(1, heartbeat(10)), received(2, heartbeat(11), { h: true })], 50);
      await store.commit([{ ...received(3, heartbeat(12)), payload: undefined }, received(4, beats(1))], 60);
      await restart();
      expect((await store.watched())[0]).toEqual({ gateway: g, heardCount: 1, heardUs: 50 });
      await store.commit([received(5, heartbeat(9))], 40);
      expect((await store.watched())[0]).toEqual({ gateway: g, heardCount: 2, heardUs: 50 });
    });

    test("a change of a silence is told by one of all workers, and only by one who has seen what is there", async () => {
      const watched = async () => (await store.watched())[0]!;
      const other = await openAt(dir);
      await store.enrol(account(g));
      const before = await watched();
      const warn = { level: "warn", sinceUs: 7 } as const;
      const tellers = [store, other, store, other].map((each) => each.tellSilence(g, warn, before));
      expect((await Promise.all(tellers)).filter((isMine) => isMine)).toHaveLength(1);
      await other.close();
      const warned = await watched();
      expect(warned.told).toEqual({ level: "warn", heardCount: 0 });
      expect((await store.gateway(g)).silence).toEqual(warn);
      expect(await store.tellSilence(g, { level: "urgent", sinceUs: 7 }, before)).toBe(false);
      expect(await store.tellSilence(g, { level: "urgent", sinceUs: 7 }, warned)).toBe(true);
      const urgent = await watched();
      await store.commit([received(1, heartbeat(10))], 50);
      expect((await store.gateway(g)).silence).toBeUndefined();
      expect(await store.tellSilence(g, undefined, urgent)).toBe(false);
      const over = await watched();
      expect(await store.tellSilence(g, { level: "urgent", sinceUs: 8 }, over)).toBe(true);
      expect(await store.tellSilence(g, undefined, over)).toBe(false);
      expect(await store.tellSilence(g, undefined, await watched())).toBe(true);
      expect([await watched(), (await store.gateway(g)).silence]).toEqual([{ gateway: g, heardCount: 1, heardUs: 50 }, undefined]);
    });

    test("one incident is open at a time: one worker has opened it, it only grows, and one has ended it", async () => {
      const other = await openAt(dir);
      const opened = [store, other].map((each, i) => each.openIncident({ openedUs: 10 + i, gateways: 25, of: 1000 }));
      expect((await Promise.all(opened)).filter((isMine) => isMine)).toHaveLength(1);
      expect([
        await store.openIncident({ openedUs: 12, gateways: 40, of: 1000 }),
        await store.openIncident({ openedUs: 13, gateways: 30, of: 1 }),
      ]).toEqual([false, false]);
      await restart();
      expect(await other.incidents(5)).toMatchObject([{ gateways: 40, of: 1000 }]);
      const ended = [store, other].map((each) => each.endIncident(50));
      expect((await Promise.all(ended)).filter((isMine) => isMine)).toHaveLength(1);
      await other.close();
      expect(await store.openIncident({ openedUs: 60, gateways: 21, of: 1000 })).toBe(true);
      expect(await store.incidents(2)).toEqual([
        { openedUs: 60, gateways: 21, of: 1000 },
        expect.objectContaining({ gateways: 40, endedUs: 50 }),
      ]);
    });

    describe("of months that are beyond their time", () => {
      const at = (year: number, month: number, more = 0) => Date.UTC(year, month) * 1000 + more;
      const hr = (timeUs: number, value: number) => ({ kind: "vital", code: "hr", timeUs, value, unit: "/min" });
      const beat = (timeUs: number) => ({ kind: "beat", device: "d", stream: "ecg", timeUs, label: "N", confidence: 1 });
      const told = (timeUs: number, ...values: number[]) =>
        events({
          fromUs: timeUs,
          toUs: timeUs + 60e6,
          vitals: values.map((value, i) => hr(timeUs + i * 1e6, value)),
          beats: [beat(timeUs)],
        });
      const ask = async () => ({
        beats: (await store.beats(g, who, { ...everUs, toUs: 3e15 })).map(({ timeUs }) => timeUs),
        strips: (await store.strips(g, who, { fromUs: 0, toUs: 3e15 })).length,
        alerts: (await store.alerts(g, who, { limit: 9 })).length,
        minutes: await store.minutes(g, who, { ...everUs, toUs: 3e15 }),
      });
      const [jan, feb] = [at(2021, 0, 120e6), at(2021, 1, 60e6)];
      const minute = (timeUs: number, mean: number, n: number, least: number, most: number) => [
        { timeUs, code: "beat.N", device: "d", n: 1 },
        { timeUs, code: "hr", device: "", n, mean, least, most },
      ];
      const fill = () =>
        store.commit([received(1, told(jan, 60, 80)), received(2, told(feb, 70)), received(3, strip(jan)), received(4, alert({}))], 0);

      test("events go, a row a minute of their numbers stays and answers as it did before, and alerts stay", async () => {
        await fill();
        const all = [...minute(jan, 70, 2, 60, 80), ...minute(feb, 70, 1, 70, 70)];
        expect(await ask()).toEqual({ beats: [jan, feb], strips: 1, alerts: 1, minutes: all });
        expect(await store.minutes(g, who, { ...everUs, toUs: 3e15, limit: 1 })).toEqual(all.slice(-1));
        expect(await store.minutes(g, who, { ...everUs, toUs: 3e15, code: "hr" })).toEqual([all[1], all[3]]);
        expect(await store.forget({ detailBeforeUs: at(2021, 1), minutesBeforeUs: 0 })).toBe(1);
        expect(await store.forget({ detailBeforeUs: at(2021, 1), minutesBeforeUs: 0 })).toBe(0);
        await restart();
        expect(await ask()).toEqual({ beats: [feb], strips: 0, alerts: 1, minutes: all });
        expect(await store.commit([received(1, told(jan, 60, 80))], 0)).toEqual([false]);
        expect(await store.forget({ detailBeforeUs: at(2021, 2), minutesBeforeUs: at(2021, 1) })).toBe(1);
        expect(await ask()).toEqual({ beats: [], strips: 0, alerts: 1, minutes: minute(feb, 70, 1, 70, 70) });
      });

      test("what still comes of such a month is taken by any worker, and goes the same way the next time", async () => {
        const other = await openAt(dir);
        await fill();
        await other.commit([received(5, told(jan + 60e6, 50))], 0);
        await store.forget({ detailBeforeUs: at(2021, 1), minutesBeforeUs: 0 });
        await other.commit([received(6, told(jan, 100, 60), { e: epochOf(2) })], 0);
        await store.commit([received(7, told(jan + 120e6, 90))], 0);
        await other.close();
        await restart();
        expect((await ask()).beats).toEqual([jan, jan + 120e6, feb]);
        const late = [...minute(jan, 75, 4, 60, 100), ...minute(jan + 60e6, 50, 1, 50, 50), ...minute(jan + 120e6, 90, 1, 90, 90)];
        late[0] = { timeUs: jan, code: "beat.N", device: "d", n: 2 };
        expect((await ask()).minutes.slice(0, 6)).toEqual(late);
        await store.forget({ detailBeforeUs: at(2021, 1), minutesBeforeUs: 0 });
        expect(await ask()).toMatchObject({ beats: [feb], minutes: [...late, ...minute(feb, 70, 1, 70, 70)] });
      });

      test("a time before the clock was set is no part of any month, and what stays of a person goes when they leave", async () => {
        await store.commit([received(1, told(5e6, 60)), received(2, told(jan, 60))], 0);
        await store.forget({ detailBeforeUs: at(2021, 1), minutesBeforeUs: 0 });
        expect((await ask()).beats).toEqual([5e6]);
        await store.commit([received(9, { kind: "leave", person: who, timeUs: 9 }, { mustBeUnderstood: true })], 0);
        expect((await ask()).minutes).toEqual([]);
      });
    });

    test("after its close every call is refused by its code", async () => {
      await store.close();
      await expect(store.people(g)).rejects.toMatchObject({ code: "twin.closed", kind: "world" });
      await expect(store.commit([received(1, beats(5))], 0)).rejects.toMatchObject({ code: "twin.closed" });
    });

    test("whatever the order, the groups and the worker, the same frames leave the same answers", { timeout: 300_000 }, async () => {
      const at = fc.integer({ min: 0, max: 3 });
      const confidence = fc.constantFrom(0.5, 0.9);
      const beat = fc.record({ timeUs: at, label: fc.constantFrom("N", "V"), confidence, rrMs: fc.constantFrom(700, 800) });
      const payload: fc.Arbitrary<TwinPayload> = fc.oneof(
        fc
          .record({ toUs: at, one: beat, value: at, toS: at, label: fc.constantFrom("(N", "(VT") })
          .map(({ toUs, one, value, toS, label }) =>
            events({
              toUs,
              beats: [{ kind: "beat", device: "d", stream: "ecg", ...one }],
              rhythms: [{ kind: "rhythm", device: "d", stream: "ecg", timeUs: one.timeUs, label }],
              vitals: [{ kind: "vital", code: "hr", timeUs: one.timeUs, value, unit: "bpm" }, number(one.timeUs, "spo2", value, "clip")],
              gaps: [{ kind: "gap", device: "d", stream: "ecg", fromUs: 0, toUs }],
              watched: [{ kind: "watched", rule: "hr.high", fromUs: 0, toUs: toS * 1e6 }],
            }),
          ),
        fc
          .record({ id: fc.constantFrom("a1", "a2"), state: fc.constantFrom("active", "acknowledged", "resolved"), onsetUs: at })
          .map((more) => alert(more as Partial<AlertRecord>)),
        fc.tuple(at, fc.constantFrom("Person A", "Person B")).map(([timeUs, name]) => heartbeat(timeUs, name)),
        fc.tuple(at, at, at).map(([start, count, value]) => strip(start * 1000, count * 250, value)),
      );
      const frame = fc.record({ payload, epoch: fc.constantFrom(0, 1, 2), n: fc.integer({ min: 0, max: 6 }), t: at, home: fc.boolean() });
      const key = ({ epoch, n, home }: { epoch: number; n: number; home: boolean }) => `${home}/${epoch}/${n}`;
      const frames = fc.uniqueArray(frame, { maxLength: 14, selector: key });
      const shuffled = frames.chain((all) =>
        fc.record({
          all: fc.constant(all),
          order: fc.shuffledSubarray(all, { minLength: all.length }),
          again: fc.subarray(all),
          cuts: fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
        }),
      );
      await fc.assert(
        fc.asyncProperty(shuffled, async ({ all, order, again, cuts }) => {
          const toReceived = ({ payload, epoch, n, t, home }: (typeof all)[number]) =>
            received(n, payload, { t, e: epochOf(epoch), g: home ? g : "home-b" });
          const places = [mkdtempSync(join(dir, "run-")), mkdtempSync(join(dir, "run-"))] as const;
          const one = await openAt(places[0]);
          for (const each of all) await one.commit([toReceived(each)], 7);
          const workers = [await openAt(places[1]), await openAt(places[1])] as const;
          const groups: Received[][] = [[]];
          [...order, ...again].forEach((each, i) => {
            if (cuts[i]) groups.push([]);
            groups.at(-1)?.push(toReceived(each));
          });
          await Promise.all(groups.map((group, i) => workers[i % 2 === 0 ? 0 : 1].commit(group, 7)));
          for (const home of [g, "home-b"]) expect(await askAll(workers[1], home)).toEqual(await askAll(one, home));
          for (const open of [one, ...workers]) await open.close();
        }),
        runs(25),
      );
    });
  });
}
