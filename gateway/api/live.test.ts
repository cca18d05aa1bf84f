import { describe, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createFakeView } from "../../test/fakes/fake-view.ts";
import { openAccess } from "../access/access.ts";
import { createLog } from "../runtime/log.ts";
import { createSseParser, type ServerEvent } from "../web/sse-parser.ts";
import { createApp } from "./http.ts";

function setUp() {
  const clock = virtualClock(1_700_000_000_000_000);
  const view = createFakeView(clock);
  const access = openAccess({ clock, given: [{ token: "t", role: "caregiver" }] });
  let droppedCount = 0;
  const app = createApp({
    view,
    access,
    host: "127.0.0.1",
    log: createLog({ level: "silent" }),
    alertText: () => ({ title: "title", body: "body" }),
    onLiveDropped: () => {
      droppedCount += 1;
    },
  });
  const listen = async (query = "") => {
    const answer = await app.request(`/api/v1/live${query}`, { headers: { authorization: "Bearer t" } });
    const reader = answer.body!.getReader();
    const parse = createSseParser();
    const waiting: ServerEvent[] = [];
    const decoder = new TextDecoder();
    const next = async (): Promise<ServerEvent> => {
      while (waiting.length === 0) waiting.push(...parse(decoder.decode((await reader.read()).value, { stream: true })));
      return waiting.shift()!;
    };
    expect((await next()).event).toBe("hello");
    return { next, cancel: () => reader.cancel() };
  };
  return { clock, view, listen, dropped: () => droppedCount };
}

describe("the live stream", () => {
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
});
