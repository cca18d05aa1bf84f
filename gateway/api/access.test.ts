import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Value from "typebox/value";
import { afterEach, describe, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createFakeView } from "../../test/fakes/fake-view.ts";
import { openAccess } from "../access/access.ts";
import { createLog } from "../runtime/log.ts";
import { createSseParser, type ServerEvent } from "../web/sse-parser.ts";
import { createApp } from "./http.ts";
import { routes } from "./openapi.ts";
import { schemas } from "./openapi-schemas.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function setUp(more: Partial<Parameters<typeof createApp>[0]> = {}) {
  const clock = virtualClock(1_700_000_000_000_000);
  const view = createFakeView(clock);
  const access = openAccess({ clock, given: [{ role: "admin", token: "tok-admin" }] });
  const accounts = new Map([["chest-strap", "device"]]);
  const lines: string[] = [];
  const options = {
    ...{ view, access, host: "0.0.0.0" },
    log: createLog({ level: "info", write: (line) => void lines.push(line) }),
    alertText: (_alert: object, names: { person: string; device: string }) => ({ title: `${names.person}, ${names.device}`, body: "" }),
    addresses: () => ["http://192.168.1.20:8099"],
    accounts: {
      list: () => [...accounts].map(([user, role]) => ({ user, role })),
      has: (user: string) => accounts.has(user),
      revoke: async (user: string) => void accounts.delete(user),
    },
    ...more,
  };
  const app = createApp(options);
  const ask = (
    path: string,
    { as = "tok-admin", from = "192.168.1.30", json, ...init }: RequestInit & { as?: string; from?: string; json?: object } = {},
  ) =>
    app.request(
      path,
      {
        ...init,
        ...(json === undefined ? {} : { method: init.method ?? "POST", body: JSON.stringify(json) }),
        headers: { host: "hearth.local:8099", ...(as === "" ? {} : { authorization: `Bearer ${as}` }), ...(init.headers as object) },
      },
      { incoming: { socket: { remoteAddress: from } } },
    );
  const { token: ofA } = await access.addToken({ role: "caregiver", persons: ["person-a"] }, "test");
  return { clock, view, access, accounts, app, ask, ofA, lines };
}

/** Events of a live stream as they come. */
function eventsOf(answer: Response) {
  const reader = answer.body!.getReader();
  ends.push(() => reader.cancel().catch(() => undefined));
  const parse = createSseParser();
  const waiting: ServerEvent[] = [];
  const decoder = new TextDecoder();
  return {
    /** Undefined once the stream has ended. */
    async next(): Promise<ServerEvent | undefined> {
      while (waiting.length === 0) {
        const { value, done } = await reader.read();
        if (done) return undefined;
        waiting.push(...parse(decoder.decode(value, { stream: true })));
      }
      return waiting.shift();
    },
  };
}

describe("a token that is bound to person A", () => {
  test("finds no trace of person B under any reading route, and B's own addresses are not found", async () => {
    const { ask, ofA, view, clock } = await setUp();
    clock.advance(60_000);
    // What B has worn is told to nobody else when it is free again.
    await view.setup.wear("spare-strap", "person-b", "chest", "test");
    await view.setup.wear("spare-strap", undefined, "", "test");
    view.raise({ id: "alert-of-a" });
    view.raise({ id: "alert-of-b", person: "person-b", device: "wrist-band" });
    view.raise({ id: "alert-of-house", person: "gateway", device: "gateway" });
    const span = "from=1700000000&to=1700000010";
    const reading = routes.filter(({ method, path }) => method === "get" && path.startsWith("/api/v1/") && !/live|openapi|twin/.test(path));
    expect(reading.length).toBeGreaterThan(10);
    for (const { path } of reading) {
      if (/tokens|sessions|accounts/.test(path)) continue;
      const asked = `${path.replace("alerts/{id}", "alerts/alert-of-b").replace("{id}", "person-b")}?${span}`;
      const answer = await ask(asked, { as: ofA });
      // Carers are whom the home's channels reach, not who is watched.
      const body = (await answer.text()).replace(/"carers":\[[^\]]*\]/, "");
      if (path.includes("{id}")) expect([path, answer.status]).toEqual([path, 404]);
      expect(body, path).not.toMatch(/wrist-band|Wrist band|Person B|alert-of-b/);
      if (!path.includes("{id}")) expect(body, path).not.toContain("person-b");
    }
    const { alerts } = await (await ask("/api/v1/alerts", { as: ofA })).json();
    expect(alerts.map(({ id }: { id: string }) => id).sort()).toEqual(["alert-of-a", "alert-of-house"]);
    const status = await (await ask("/api/v1/status", { as: ofA })).json();
    expect(status).toMatchObject({ people: 1, open_alerts: 1, persons: ["person-a"] });
    expect((await ask("/api/v1/devices/wrist-band/probe?seconds=1", { as: ofA })).status).toBe(404);
    expect((await ask("/api/v1/devices/chest-strap/probe?seconds=1", { as: ofA })).status).toBe(200);
    const own = await (await ask(`/api/v1/people/person-a/strip?${span}`, { as: ofA })).json();
    expect(own.traces.length).toBeGreaterThan(0);
    expect((await (await ask("/api/v1/alerts?person=person-b", { as: ofA })).json()).alerts).toEqual([]);
  });

  test("fills its pages although others' alerts lie between", async () => {
    const { ask, ofA, view } = await setUp();
    for (let i = 0; i < 6; i++) view.raise({ id: `a${i}`, ...(i % 2 === 0 ? {} : { person: "person-b" }) });
    const first = await (await ask("/api/v1/alerts?limit=2", { as: ofA })).json();
    expect(first.alerts).toHaveLength(2);
    const second = await (await ask(`/api/v1/alerts?limit=2&cursor=${first.cursor}`, { as: ofA })).json();
    expect([second.alerts.length, second.cursor]).toEqual([1, undefined]);
  });

  test("answers its person's alerts, and for another's it is as if there were none", async () => {
    const { ask, ofA, view } = await setUp();
    view.raise({ id: "alert-of-a" });
    view.raise({ id: "alert-of-b", person: "person-b" });
    const refused = await ask("/api/v1/alerts/alert-of-b/acknowledge", { as: ofA, method: "POST" });
    const unknown = await ask("/api/v1/alerts/none/acknowledge", { as: ofA, method: "POST" });
    expect([refused.status, (await refused.json()).code]).toEqual([404, (await unknown.json()).code]);
    expect(view.acts).toEqual([]);
    expect((await ask("/api/v1/alerts/alert-of-a/acknowledge", { as: ofA, method: "POST" })).status).toBe(200);
  });

  test("puts a free device on its person, touches none of another, and gives nothing to another", async () => {
    const { ask, ofA } = await setUp();
    const put = (device: string, person: string | null) =>
      ask(`/api/v1/devices/${device}/wearing`, { as: ofA, method: "PUT", json: { person } });
    expect((await put("wrist-band", null)).status).toBe(404);
    expect((await put("wrist-band", "person-a")).status).toBe(404);
    const foreign = await put("spare-strap", "person-b");
    expect([foreign.status, (await foreign.json()).detail]).toEqual([400, "'person' must be one of: person-a."]);
    expect((await put("spare-strap", "person-a")).status).toBe(200);
  });

  test("hears on the live stream of its person, the house and nobody else", async () => {
    const { ask, ofA, view, clock } = await setUp();
    const { next } = eventsOf(await ask("/api/v1/live", { as: ofA }));
    ends.push(view.play());
    clock.advance(1000);
    view.raise({ id: "alert-of-b", person: "person-b" });
    view.raise({ id: "alert-of-house", person: "gateway", device: "gateway" });
    view.emit({ kind: "device", device: view.devices().find(({ id }) => id === "wrist-band")! });
    view.emit({ kind: "status", status: view.status() });
    view.raise({ id: "last-of-a" });
    const heard: ServerEvent[] = [];
    for (let event = await next(); event !== undefined; event = await next()) {
      heard.push(event);
      if (event.data.includes("last-of-a")) break;
    }
    expect(new Set(heard.map(({ event }) => event))).toEqual(new Set(["hello", "samples", "quality", "event", "alert", "status"]));
    expect(JSON.parse(heard.find(({ event }) => event === "status")!.data).status.people).toBe(1);
    expect(heard.map(({ data }) => data).join("\n")).not.toMatch(/person-b|wrist-band|alert-of-b/);
    expect(heard.some(({ data }) => data.includes("alert-of-house"))).toBe(true);
    expect((await ask("/api/v1/live?person=person-b", { as: ofA })).status).toBe(404);
  });

  test("sees of the twin its person alone", async () => {
    const gateway = { id: "home", devices: ["person-a", "person-b", null].map((person) => ({ id: `of-${person}`, person })) };
    const twin = createServer(({ url }, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const people = { people: [{ id: "person-a" }, { id: "person-b" }] };
      response.end(
        JSON.stringify(
          url?.endsWith("/state") ? { person: "person-a", gateway } : url?.endsWith("/gateways") ? { gateways: [gateway] } : people,
        ),
      );
    });
    await new Promise<void>((resolve) => twin.listen(0, "127.0.0.1", resolve));
    ends.push(() => new Promise((resolve) => twin.close(resolve)));
    const { ask, ofA } = await setUp({ twin: { url: `http://127.0.0.1:${(twin.address() as AddressInfo).port}`, token: "t" } });
    const get = async (path: string, as?: string) => ask(`/api/v1/twin/${path}`, as === undefined ? {} : { as });
    for (const path of ["people", "people/person-a/state", "gateways"]) {
      expect(await (await get(path)).text(), path).toContain("person-b");
      expect(await (await get(path, ofA)).text(), path).not.toContain("person-b");
    }
    expect(await (await get("people/person-a/state", ofA)).json()).toMatchObject({
      gateway: { devices: [{ id: "of-person-a" }, { id: "of-null" }] },
    });
    for (const kind of ["state", "vitals", "beats", "alerts", "strip", "pose", "forecast"])
      expect((await get(`people/person-b/${kind}`, ofA)).status).toBe(404);
  });

  test("is offered none of the demo's buttons, which act on everybody", async () => {
    const { ask, ofA } = await setUp();
    expect(await (await ask("/api/v1/demo/actions", { as: ofA })).json()).toEqual({ actions: [] });
    expect((await ask("/api/v1/demo/actions/cut-internet", { as: ofA, method: "POST" })).status).toBe(404);
  });
});

test("tokens, sessions and accounts come in pages, and so says the document of every list that may grow", async () => {
  const { ask, accounts } = await setUp();
  for (let i = 0; i < 3; i++) await ask("/api/v1/tokens", { json: { role: "integrator", persons: null } });
  accounts.set("wrist-band", "device");
  for (const [name, count] of [
    ["tokens", 5],
    ["accounts", 2],
  ] as const) {
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const answer = await ask(`/api/v1/${name}?limit=1${cursor === undefined ? "" : `&cursor=${cursor}`}`);
      const page = (await answer.json()) as { cursor?: string } & Record<string, unknown[]>;
      seen.push(...(page[name] ?? []));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect([name, seen.length, new Set(seen.map((each) => JSON.stringify(each))).size]).toEqual([name, count, count]);
  }
  expect((await ask("/api/v1/sessions?limit=0")).status).toBe(400);
  const lists = routes.filter(
    ({ method, path, answer }) => method === "get" && !/demo|\{/.test(path) && "cursor" in (propertiesOf(answer.schema) ?? {}),
  );
  expect(lists.length).toBeGreaterThan(8);
  for (const { path, query = [] } of lists)
    expect([path, query.map(({ name }) => name)]).toEqual([path, expect.arrayContaining(["limit", "cursor"])]);
});
const propertiesOf = (schema: object | undefined) => (schema as { properties?: object } | undefined)?.properties;

describe("a one-time code", () => {
  test("is exchanged once for a session that may what the code said, and the session signs itself out", async () => {
    const { ask } = await setUp();
    const made = await (
      await ask("/api/v1/sign-in-codes", { json: { role: "caregiver", persons: ["person-b"], name: "Person C" } })
    ).json();
    expect(Value.Errors(schemas.SignInCode, made)).toEqual([]);
    expect(made.urls).toEqual([`http://192.168.1.20:8099/#code=${made.code}`]);
    const enter = () => ask("/api/v1/session", { as: "", json: { code: made.code } });
    const { token, session } = await (await enter()).json();
    expect(Value.Errors(schemas.Grant, session)).toEqual([]);
    expect((await (await ask("/api/v1/people", { as: token })).json()).people.map(({ id }: { id: string }) => id)).toEqual(["person-b"]);
    const again = await enter();
    expect([again.status, (await again.json()).code]).toEqual([401, "http.bad_code"]);
    expect(await (await ask("/api/v1/session", { as: token, method: "DELETE" })).json()).toEqual({ ended: true });
    expect((await ask("/api/v1/people", { as: token })).status).toBe(401);
  });

  test("for oneself anybody may make, and it opens no more than they may themselves", async () => {
    const { ask, ofA } = await setUp();
    const { code } = await (await ask("/api/v1/sign-in-codes", { as: ofA, json: {} })).json();
    const { session } = await (await ask("/api/v1/session", { as: "", json: { code } })).json();
    expect(session).toMatchObject({ role: "caregiver", persons: ["person-a"] });
    for (const json of [{ role: "admin" }, { persons: null }, { persons: ["person-b"] }, { name: "Person D" }])
      expect((await ask("/api/v1/sign-in-codes", { as: ofA, json })).status).toBe(403);
  });
});

describe("an admin", () => {
  test("makes, lists, binds and revokes tokens; a patient's or carer's is for named persons or, if somebody says so, for everybody", async () => {
    const { ask } = await setUp();
    const make = (json: object) => ask("/api/v1/tokens", { json });
    expect((await make({ role: "caregiver" })).status).toBe(400);
    expect((await make({ role: "caregiver", persons: ["nobody"] })).status).toBe(400);
    for (const name of ["Person\u0007 C", "\u202eC nosreP", "  ", "…"]) {
      const refused = await make({ role: "integrator", name });
      expect([name, refused.status, (await refused.json()).field]).toEqual([name, 400, "name"]);
    }
    expect((await (await make({ role: "integrator", name: " Person   C " })).json()).grant.name).toBe("Person C");
    expect((await (await make({ role: "caregiver", persons: null })).json()).grant.persons).toBeNull();
    const { token, grant } = await (await make({ role: "patient", persons: ["person-a"] })).json();
    await ask(`/api/v1/tokens/${grant.id}`, { method: "PUT", json: { persons: ["person-b"] } });
    expect((await (await ask("/api/v1/people", { as: token })).json()).people.map(({ id }: { id: string }) => id)).toEqual(["person-b"]);
    const { tokens } = await (await ask("/api/v1/tokens")).json();
    for (const each of tokens) expect(Value.Errors(schemas.Grant, each)).toEqual([]);
    expect(JSON.stringify(tokens)).not.toContain(token);
    expect((await ask(`/api/v1/tokens/${grant.id}`, { method: "DELETE" })).status).toBe(200);
    expect((await ask("/api/v1/people", { as: token })).status).toBe(401);
    expect((await ask(`/api/v1/tokens/${grant.id}`, { method: "DELETE" })).status).toBe(404);
  });

  test("ends with a token its open live stream, and with a device's account its line in the log", async () => {
    const { ask, ofA, view, access, accounts, lines } = await setUp();
    const { next } = eventsOf(await ask("/api/v1/live", { as: ofA }));
    expect((await next())?.event).toBe("hello");
    expect(view.listenerCount()).toBe(1);
    const { id } = access.list().find(({ role }) => role === "caregiver")!;
    await ask(`/api/v1/tokens/${id}`, { method: "DELETE" });
    expect(await next()).toBeUndefined();
    expect(view.listenerCount()).toBe(0);
    expect((await ask("/api/v1/accounts/chest-strap", { method: "DELETE" })).status).toBe(200);
    expect([accounts.size, lines.join()]).toEqual([0, expect.stringContaining("an account of the broker was revoked")]);
    expect((await ask("/api/v1/accounts/chest-strap", { method: "DELETE" })).status).toBe(404);
  });

  test("alone decides who may come in", async () => {
    const { ask, access } = await setUp();
    const own = routes.filter(({ path }) => /^\/api\/v1\/(tokens|sessions|accounts)/.test(path));
    expect(own).toHaveLength(8);
    for (const role of ["patient", "caregiver", "integrator"] as const) {
      const { token } = await access.addToken({ role }, "test");
      for (const { method, path } of own) expect((await ask(path, { as: token, method })).status, `${method} ${path} as ${role}`).toBe(403);
    }
  });
});

describe("/metrics and /healthz", () => {
  const local = { host: "127.0.0.1:8099" };
  test.each([
    ["another machine", "192.168.1.30", {}],
    ["a proxy on this machine", "127.0.0.1", { ...local, "x-forwarded-for": "203.0.113.9" }],
    ["a proxy that says Forwarded", "127.0.0.1", { ...local, forwarded: "for=203.0.113.9" }],
    ["a proxy that says nothing but keeps the name", "127.0.0.1", {}],
    ["another machine that calls itself this one", "192.168.1.30", local],
  ])("%s shows a token of a program or admin, and hears of health no more than whether", async (_who, from, headers) => {
    const { ask, ofA, access } = await setUp();
    expect((await ask("/metrics", { as: "", from, headers })).status).toBe(401);
    expect((await ask("/metrics", { as: ofA, from, headers })).status).toBe(403);
    const { token } = await access.addToken({ role: "integrator" }, "test");
    expect(await (await ask("/metrics", { as: token, from, headers })).text()).toContain("hearth_alert_active");
    expect(await (await ask("/healthz", { as: "", from, headers })).json()).toEqual({ status: "ok" });
  });

  test.each(["127.0.0.1", "::1", "::ffff:127.0.0.1"])("a program of this machine (%s) shows none", async (from) => {
    const { ask } = await setUp();
    expect((await ask("/metrics", { as: "", from, headers: local })).status).toBe(200);
    expect(await (await ask("/healthz", { as: "", from, headers: local })).json()).toEqual({ status: "ok", failing: [] });
  });

  test("count the codes and tokens that opened nothing, and what is signed in", async () => {
    const { ask } = await setUp();
    await ask("/api/v1/session", { as: "", json: { code: "ABCD-ABCD-ABCD" } });
    for (let i = 0; i < 2; i++) await ask("/api/v1/people", { as: "nobody" });
    const text = await (await ask("/metrics")).text();
    expect(text).toMatch(/^hearth_access_refused_total\{what="code"\} 1$/m);
    expect(text).toMatch(/^hearth_access_refused_total\{what="token"\} 2$/m);
    expect(text).toMatch(/^hearth_access_grants\{kind="token"\} 2$/m);
  });

  test("the setting opens them to everyone or closes them to everyone without a token", async () => {
    const open = await setUp({ metricsFor: "everyone" });
    expect((await open.ask("/metrics", { as: "" })).status).toBe(200);
    const shut = await setUp({ metricsFor: "nobody" });
    expect((await shut.ask("/metrics", { as: "", from: "127.0.0.1", headers: local })).status).toBe(401);
  });
});
