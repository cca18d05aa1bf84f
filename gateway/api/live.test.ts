import { describe, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createFakeView } from "../../test/fakes/fake-view.ts";
import { openAccess } from "../access/access.ts";
import { createLog } from "../runtime/log.ts";
import { createSseParser, type ServerEvent } from "../web/sse-parser.ts";
import { createHttpBounds } from "./bounds.ts";
import { createApp } from "./http.ts";
import { readerLimits } from "./live-readers.ts";

function setUp() {
  const clock = virtualClock(1_700_000_000_000_000);
  const view = createFakeView(clock);
  const access = openAccess({
    clock,
    given: [
      { token: "t", role: "caregiver" },
      { token: "u", role: "patient" },
    ],
  });
  let nowMs = 0;
  let made = 0;
  const bounds = createHttpBounds(() => nowMs);
  const app = createApp({
    view,
    access,
    bounds,
    metricsFor: "everyone",
    host: "127.0.0.1",
    log: createLog({ level: "silent" }),
    alertText: () => {
      made++;
      return { title: "title", body: "body" };
    },
  });
  const open = (query = "", token = "t") => app.request(`/api/v1/live${query}`, { headers: { authorization: `Bearer ${token}` } });
  const listen = async (query = "", token = "t") => {
    const answer = await open(query, token);
    const reader = answer.body!.getReader();
    const parse = createSseParser();
    const waiting: ServerEvent[] = [];
    const decoder = new TextDecoder();
    const next = async (): Promise<ServerEvent> => {
      while (waiting.length === 0) {
        const { done, value } = await reader.read();
        if (done) throw new Error("the stream has ended");
        waiting.push(...parse(decoder.decode(value, { stream: true })));
      }
      return waiting.shift()!;
    };
    expect((await next()).event).toBe("hello");
    return { next, cancel: () => reader.cancel(), reader };
  };
  return {
    clock,
    view,
    listen,
    open,
    bounds,
    metricsFor: "everyone",
    made: () => made,
    dropped: () => bounds.counters.liveDropped,
    app,
    advanceMs: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe("the live stream", () => {
  test("a reader gets the events and the kinds of channels that it asks for, and no result or gyroscope unless it does", async () => {
    const { view, listen } = setUp();
    const samples = (channelKind: "ecg" | "gyro") =>
      ({ kind: "samples", device: "d", stream: "s", channel: "c", channelKind, unit: "1", startUs: 0, rateHz: 1, values: [1] }) as const;
    const model = { id: "of-tomorrow", version: "1" };
    const source = { person: "person-a", model, device: "d", stream: "s", timeUs: 1, pass: "final", recorded: false } as const;
    const all = async (query: string) => {
      const { next, cancel } = await listen(query);
      view.emit(samples("gyro"));
      view.emit(samples("ecg"));
      view.emit({ kind: "result", ...source, outcome: { kind: "score", score: 0.5 } });
      view.emit({ kind: "status", status: view.status() });
      const seen: string[] = [];
      view.raise({ id: `last-${query}` });
      for (let event = await next(); ; event = await next()) {
        seen.push(event.event === "samples" ? (JSON.parse(event.data) as { channelKind: string }).channelKind : event.event);
        if (event.event === "alert" || seen.length > 9) break;
      }
      await cancel();
      return seen;
    };
    expect(await all("")).toEqual(["ecg", "status", "alert"]);
    expect(await all("?kinds=all")).toEqual(["gyro", "ecg", "status", "alert"]);
    expect(await all("?kinds=gyro")).toEqual(["gyro", "status", "alert"]);
    expect(await all("?events=result,alert")).toEqual(["result", "alert"]);
    expect(await all("?events=alert&kinds=all")).toEqual(["alert"]);
  });

  test.each(["?events=", "?events=nothing", "?events=alert,nothing", "?kinds=sound", "?kinds=ecg,", `?kinds=${"ecg,".repeat(100)}ecg`])(
    "%# a filter that nothing is behind is refused with its field",
    async (query) => {
      const { open } = setUp();
      const answer = await open(query);
      expect([answer.status, await answer.json()]).toMatchObject([
        400,
        { code: "http.bad_field", field: query.slice(1, 7).replace(/=.*/, "") },
      ]);
    },
  );

  test("tells samples, events and quality as they come, alerts as in REST", async () => {
    const { clock, view, listen } = setUp();
    const { next, cancel } = await listen();
    view.play();
    clock.advance(250);
    const samples = await next();
    expect(samples.event).toBe("samples");
    const data = JSON.parse(samples.data);
    expect(data).toMatchObject({ device: "chest-strap", stream: "ecg", rateHz: 250, unit: "mV", person: "person-a" });
    expect(data.values.length).toBeGreaterThan(50);
    view.raise({ id: "a1" });
    for (let event = await next(); ; event = await next()) {
      if (event.event !== "alert") continue;
      expect(JSON.parse(event.data).alert).toMatchObject({ id: "a1", title: "title", acknowledged_by: null });
      break;
    }
    await cancel();
  });

  test("?person= tells only that person's messages", async () => {
    const { clock, view, listen } = setUp();
    const { next, cancel } = await listen("?person=person-b");
    view.play();
    clock.advance(1000);
    for (let i = 0; i < 6; i += 1) expect(JSON.parse((await next()).data).person).toBe("person-b");
    await cancel();
  });

  test("a reader that goes away is no longer listened for", async () => {
    const { view, listen } = setUp();
    const { cancel } = await listen();
    expect(view.listenerCount()).toBe(1);
    await cancel();
    await expect.poll(() => view.listenerCount(), { timeout: 60_000 }).toBe(0);
  });

  test("a reader that does not read loses samples, counted, but not the alert", async () => {
    const { clock, view, listen, dropped } = setUp();
    const { next, cancel } = await listen();
    view.play();
    clock.advance(120_000);
    view.raise({ id: "a1" });
    expect(dropped()).toBeGreaterThan(0);
    let event = await next();
    while (event.event !== "alert") event = await next();
    expect(JSON.parse(event.data).alert.id).toBe("a1");
    await cancel();
  });

  test("a message is made into text once, however many read it", async () => {
    const { view, listen, made } = setUp();
    const readers = await Promise.all(Array.from({ length: 20 }, () => listen()));
    view.raise({ id: "a1" });
    for (const { next } of readers) expect(JSON.parse((await next()).data).alert.id).toBe("a1");
    expect(made()).toBe(1);
    for (const { cancel } of readers) await cancel();
  });

  test("200 readers of one token: 32 read, the others are told to come later, and another token's reader still gets in", async () => {
    const { open, bounds, view, listen, app } = setUp();
    const answers = await Promise.all(Array.from({ length: 200 }, () => open()));
    const refused = answers.filter(({ status }) => status === 429);
    expect([refused.length, view.listenerCount(), bounds.counters.liveReaders]).toEqual([168, 32, 32]);
    expect(refused[0]?.headers.get("retry-after")).toBe("10");
    expect(await refused[0]?.json()).toMatchObject({ code: "http.too_many_readers", title: "Too many at a time" });
    const other = await listen("", "u");
    view.raise({ id: "a1" });
    expect((await other.next()).event).toBe("alert");
    const metrics = await (await app.request("/metrics")).text();
    expect(metrics).toContain('hearth_http_refused_total{reason="readers"} 168');
    expect(metrics).toContain("hearth_http_live_readers 33");
    for (const { status, body } of answers) if (status === 200) await body?.cancel();
    await other.cancel();
    expect([view.listenerCount(), bounds.counters.liveReaders]).toEqual([0, 0]);
  });

  test("a reader that gives way to a newer one of its token is ended, and what it waited for is forgotten", async () => {
    const { open, listen, view, advanceMs, bounds } = setUp();
    const oldest = await listen();
    const others = await Promise.all(Array.from({ length: readerLimits.maxPerAccount - 1 }, () => open()));
    advanceMs(readerLimits.keepMs);
    const newest = await listen();
    expect((await oldest.reader.read()).done).toBe(true);
    expect([view.listenerCount(), bounds.counters.refused.reader_gave_way]).toEqual([readerLimits.maxPerAccount, 1]);
    view.raise({ id: "a1" });
    expect((await newest.next()).event).toBe("alert");
    for (const { body } of others) await body?.cancel();
    await newest.cancel();
  });
});

describe("whoever comes back with Last-Event-ID", () => {
  const events = async (app: ReturnType<typeof setUp>["app"], lastId: string | undefined, count: number) => {
    const headers = { authorization: "Bearer t", ...(lastId === undefined ? {} : { "last-event-id": lastId }) };
    const reader = (await app.request("/api/v1/live", { headers })).body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (text.split("\n\n").length <= count) text += (await reader.read()).value ?? "";
    await reader.cancel();
    return text.split("\n\n").slice(0, count);
  };
  const idOf = (event = "") => /^id: (.+)$/m.exec(event)?.[1];

  test("is told what changed of alerts meanwhile, and goes on", async () => {
    const { view, app } = setUp();
    const [hello] = await events(app, undefined, 1);
    expect(idOf(hello)).toBeDefined();
    view.raise({ id: "a1" });
    view.raise({ id: "a2" });
    const [again, first, second] = await events(app, idOf(hello), 3);
    expect(idOf(again)).toBeUndefined();
    expect([first, second].map((event) => JSON.parse(event?.match(/^data: (.*)$/m)?.[1] ?? "{}").alert?.id)).toEqual(["a1", "a2"]);
    expect((await events(app, idOf(first), 2))[1]).toContain('"id":"a2"');
  });

  test("is told to read the list anew where that is too long ago or no number of this home", async () => {
    const { view, app } = setUp();
    view.raise({ id: "a1" });
    for (const id of ["0", "nonsense", "0a.1.other.5"]) {
      const [, reset] = await events(app, id, 2);
      expect(reset).toContain("event: reset");
      expect(idOf(reset)).toBeDefined();
    }
  });
});
