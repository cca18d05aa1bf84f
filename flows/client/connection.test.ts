/** The connection over real sockets: a server in this process says what a gateway would say. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AlertWhy, type ConnectionState, type Gateway, openConnection } from "./connection.ts";
import { alertOf } from "./fake-alert.ts";
import { createHttp } from "./http.ts";
import { HearthProblem } from "./problem.ts";
import type { Alert } from "./wire.ts";

let server: Server;
let lines: ServerResponse[] = [];
let resumedAt: (string | undefined)[] = [];
let askedFor: string[] = [];
let stored: Alert[] = [];
/** Answers before the usual ones where it says so. */
let instead: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
let helloId: string | undefined;
let gateway: Gateway | undefined;

beforeEach(async () => {
  lines = [];
  resumedAt = [];
  askedFor = [];
  stored = [];
  helloId = undefined;
  instead = () => false;
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://gateway");
    if (instead(request, response)) return;
    if (url.pathname === "/api/v1/live") {
      askedFor.push(url.searchParams.get("events") ?? "");
      resumedAt.push(request.headers["last-event-id"] as string | undefined);
      response.writeHead(200, { "content-type": "text/event-stream" });
      lines.push(response);
      say("hello", {}, helloId);
    } else if (url.pathname === "/api/v1/alerts") {
      const wanted = stored.filter(({ state }) => url.searchParams.get("open") !== "true" || !["closed", "resolved"].includes(state));
      const from = Number(url.searchParams.get("cursor") ?? 0);
      const page = wanted.slice(from, from + 2);
      response.end(JSON.stringify({ alerts: page, ...(from + 2 < wanted.length ? { cursor: String(from + 2) } : {}) }));
    } else response.end(JSON.stringify({ role: "integrator", gateway: "home" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  gateway?.close();
  gateway = undefined;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function say(event: string, data: object, id?: string): void {
  lines.at(-1)?.write(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
const base = () => new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

function open() {
  const states: ConnectionState[] = [];
  const alerts: [AlertWhy, string, string][] = [];
  const pauses: number[] = [];
  const faults: unknown[] = [];
  const opened = openConnection({
    openHttp: () => createHttp({ base: base(), token: "t" }),
    openTwin: () => undefined,
    sleep: async (ms) => {
      pauses.push(ms);
      await new Promise((resolve) => setTimeout(resolve, 5));
    },
    random: () => 1,
    onFault: (error) => void faults.push(error),
  });
  gateway = opened;
  opened.onState((state) => void states.push(state));
  const listen = () => opened.onAlert((alert, why) => void alerts.push([why, alert.id, alert.state]));
  const isLive = () => expect.poll(() => opened.state().kind).toBe("live");
  return { opened, states, alerts, pauses, faults, listen, isLive };
}

const raisedAt = (second: number) => new Date(Date.parse("2026-01-01T00:00:00Z") + second * 1000).toISOString();

test("first what is open, over all pages and the oldest first, then every change; a listener that comes later gets what is open too", async () => {
  stored = [4, 3, 2, 1].map((n) => alertOf({ id: `a${n}`, raised_at: raisedAt(n), state: n === 3 ? "closed" : "active" }));
  const { alerts, listen, isLive } = open();
  listen();
  await isLive();
  expect(alerts).toEqual([1, 2, 4].map((n) => ["open", `a${n}`, "active"]));
  say("alert", { alert: alertOf({ id: "a2", raised_at: raisedAt(2), state: "acknowledged" }), why: "acknowledged" });
  await expect.poll(() => alerts.at(-1)).toEqual(["changed", "a2", "acknowledged"]);
  alerts.length = 0;
  listen();
  expect(alerts.map(([why, id]) => `${why} ${id}`)).toEqual(["open a1", "open a2", "open a4"]);
});

test("what changed, began or ended while the line was down is told once, and nothing else", async () => {
  stored = [alertOf({ id: "kept", raised_at: raisedAt(2) }), alertOf({ id: "ended", raised_at: raisedAt(1) })];
  const { alerts, listen, isLive } = open();
  listen();
  await isLive();
  alerts.length = 0;
  const ended = alertOf({ id: "ended", raised_at: raisedAt(1), state: "closed" });
  const old = alertOf({ id: "old", raised_at: raisedAt(-999), state: "closed" });
  stored = [
    alertOf({ id: "came-and-went", raised_at: raisedAt(300), state: "closed" }),
    alertOf({ id: "new", raised_at: raisedAt(200) }),
    ...[stored[0]!, ended, old],
  ];
  lines.at(-1)?.destroy();
  await expect.poll(() => lines.length).toBe(2);
  await isLive();
  expect(alerts).toEqual([
    ["missed", "ended", "closed"],
    ["missed", "new", "active"],
    ["missed", "came-and-went", "closed"],
  ]);
});

test("a gateway that resumes at the last event id is believed: its own replay is told, in its order", async () => {
  const { alerts, listen, isLive } = open();
  listen();
  await isLive();
  say("alert", { alert: alertOf({ id: "a" }) }, "boot-7");
  await expect.poll(() => alerts.length).toBe(1);
  // Were the list asked, this one would come first.
  stored = [alertOf({ id: "b", state: "closed", raised_at: raisedAt(1) })];
  lines.at(-1)?.destroy();
  await expect.poll(() => lines.length).toBe(2);
  expect(resumedAt).toEqual([undefined, "boot-7"]);
  for (const state of ["active", "acknowledged", "closed"] as const)
    say("alert", { alert: alertOf({ id: "b", state, raised_at: raisedAt(1) }), why: "updated" }, `boot-${state}`);
  await expect.poll(() => alerts.length).toBe(4);
  expect(alerts.slice(1).map(([, id, state]) => `${id} ${state}`)).toEqual(["b active", "b acknowledged", "b closed"]);
});

test("a number that is too old is answered with 'reset': then the list is compared, and the stream goes on from the new number", async () => {
  helloId = "boot-1";
  const { alerts, listen, isLive } = open();
  listen();
  await isLive();
  helloId = undefined;
  lines.at(-1)?.destroy();
  await expect.poll(() => lines.length).toBe(2);
  expect(resumedAt).toEqual([undefined, "boot-1"]);
  stored = [alertOf({ id: "a" })];
  say("reset", {}, "boot-9");
  say("alert", { alert: alertOf({ id: "a", state: "acknowledged" }), why: "acknowledged" }, "boot-10");
  await expect
    .poll(() => alerts)
    .toEqual([
      ["open", "a", "active"],
      ["changed", "a", "acknowledged"],
    ]);
  // Only the outcome is known of what changed over the gateway's restart.
  say("alert", { alert: alertOf({ id: "a", state: "closed" }), why: null }, "boot2-1");
  await expect.poll(() => alerts.at(-1)).toEqual(["missed", "a", "closed"]);
  lines.at(-1)?.destroy();
  await expect.poll(() => resumedAt.at(-1)).toBe("boot2-1");
});

test("a token that is revoked is said with the gateway's own code, asked for again a minute later, and may come back", async () => {
  const { states, pauses, isLive } = open();
  await isLive();
  instead = (_request, response) => {
    response.writeHead(401, { "content-type": "application/problem+json" });
    response.end(JSON.stringify({ code: "http.unauthorized", detail: "This token is not known here." }));
    return true;
  };
  lines.at(-1)?.destroy();
  await expect.poll(() => states.at(-1)).toMatchObject({ kind: "refused", problem: { code: "http.unauthorized", status: 401 } });
  expect(pauses.at(-1)).toBe(60_000);
  instead = () => false;
  await isLive();
});

test("pauses grow to half a minute while nobody answers, and begin small again after it was there", async () => {
  instead = (request) => {
    request.socket.destroy();
    return true;
  };
  const { pauses, states, isLive } = open();
  await expect.poll(() => pauses.length).toBeGreaterThan(8);
  expect(pauses.slice(0, 8)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  expect(states.at(-1)).toMatchObject({ kind: "lost", problem: { code: "flows.unreachable" } });
  instead = () => false;
  await isLive();
  pauses.length = 0;
  lines.at(-1)?.destroy();
  await expect.poll(() => pauses.length).toBeGreaterThan(0);
  expect(pauses[0]).toBe(500);
});

test("what is no gateway, no JSON, or far too much is said as that", async () => {
  const { states } = open();
  const saysNext = (code: string) => expect.poll(() => states.at(-1)).toMatchObject({ problem: { code } });
  instead = (_request, response) => {
    response.end("<html>a router</html>");
    return true;
  };
  await saysNext("flows.no_gateway");
  instead = (_request, response) => {
    response.writeHead(502);
    response.end("bad gateway");
    return true;
  };
  await saysNext("flows.no_gateway");
  instead = (_request, response) => {
    const part = Buffer.alloc(1 << 20, " ");
    for (let i = 0; i < 20; i++) response.write(part);
    response.end();
    return true;
  };
  await saysNext("flows.too_large");
});

test("a listener that fails hurts neither the next one nor the stream", async () => {
  const { opened, alerts, faults, listen, isLive } = open();
  opened.onAlert(() => {
    throw new Error("a flow's fault");
  });
  listen();
  await isLive();
  say("alert", { alert: alertOf({ id: "a" }) });
  say("alert", { alert: alertOf({ id: "b" }) });
  await expect.poll(() => alerts.length).toBe(2);
  expect(faults).toHaveLength(2);
});

test("live events of other names reach those who asked for them, until they end it", async () => {
  const { opened, isLive } = open();
  const heard: unknown[] = [];
  const stop = opened.onEvent("quality", (data) => void heard.push(data));
  await isLive();
  say("quality", { level: "good" });
  await expect.poll(() => heard).toEqual([{ level: "good" }]);
  stop();
  say("quality", { level: "bad" });
  say("alert", { alert: alertOf() });
  await expect.poll(() => opened.state().kind).toBe("live");
  expect(heard).toHaveLength(1);
});

test("after its close it asks for nothing more", async () => {
  const { opened, isLive, pauses } = open();
  await isLive();
  opened.close();
  await expect.poll(() => lines.at(-1)?.destroyed || lines.at(-1)?.closed).toBe(true);
  expect([lines.length, pauses.length]).toEqual([1, 0]);
});

test("of a thousand requests at once eight run, 256 wait, and the rest is refused at once; a large one is never sent", async () => {
  let running = 0;
  let most = 0;
  let asked = 0;
  instead = (_request, response) => {
    asked++;
    most = Math.max(most, ++running);
    setTimeout(() => {
      running--;
      response.end("{}");
    }, 2);
    return true;
  };
  const http = createHttp({ base: base(), token: "t" });
  const answers = await Promise.allSettled(Array.from({ length: 1000 }, () => http.json("GET", "/x")));
  const refused = answers.filter((each) => each.status === "rejected");
  expect([most, asked, refused.length]).toEqual([8, 264, 736]);
  expect((refused[0] as PromiseRejectedResult).reason).toMatchObject({ code: "flows.busy" });
  await expect(http.json("POST", "/x", { note: "x".repeat(10 << 20) })).rejects.toThrow(HearthProblem);
  expect(asked).toBe(264);
  expect(await http.json("GET", "/x")).toEqual({});
});

test("the line brings what nodes listen to and no more; a node that comes later has it opened again, without a break for the others", async () => {
  helloId = "run/7";
  const { opened, states, isLive } = open();
  opened.onEvent("samples", () => {});
  await isLive();
  opened.onEvent("samples", () => {});
  opened.onEvent("result", () => {});
  opened.onEvent("result", () => {});
  await expect.poll(() => askedFor.length).toBe(2);
  expect(askedFor).toEqual(["alert,status,samples", "alert,status,samples,result"]);
  expect(resumedAt).toEqual([undefined, "run/7"]);
  await expect.poll(() => states.filter(({ kind }) => kind === "live").length).toBe(2);
  expect(states.map(({ kind }) => kind)).toEqual(["connecting", "live", "live"]);
});
