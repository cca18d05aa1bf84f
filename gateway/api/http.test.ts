import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Value from "typebox/value";
import { describe, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { channelKinds } from "../../device-drivers/contract/sample-block.ts";
import { createFakeView } from "../../test/fakes/fake-view.ts";
import { openAccess } from "../access/access.ts";
import { homeNames } from "../runtime/home-network.ts";
import { createLog } from "../runtime/log.ts";
import { createApp, startHttp } from "./http.ts";
import { routes } from "./openapi.ts";
import { liveEvents } from "./openapi-live.ts";
import { schemas } from "./openapi-schemas.ts";
import { liveToWire } from "./wire.ts";

const tokens = [
  { token: "tok-patient", role: "patient" },
  { token: "tok-caregiver", role: "caregiver" },
  { token: "tok-integrator", role: "integrator" },
  { token: "tok-admin", role: "admin" },
  { token: "tok-own", role: "caregiver", name: "Person C" },
] as const;

const receipt = {
  ...{ decided_at: "2026-01-01T00:00:00.000Z", finished_at: "2026-01-01T00:00:01.000Z" },
  ...{ erased: [{ what: "alerts", count: 2 }], twin: { state: "owed" }, remains: [{ where: "a mailbox", why: "it was sent" }] },
};

function setUp() {
  const left: string[] = [];
  const clock = virtualClock(1_700_000_000_000_000);
  const view = createFakeView(clock);
  const lines: string[] = [];
  const options = {
    view,
    access: openAccess({ clock, given: tokens }),
    host: "127.0.0.1",
    log: createLog({ level: "debug", write: (line) => void lines.push(line) }),
    alertText: (alert: { rule: string }, names: { person: string }) => ({
      title: `${names.person}: ${alert.rule}`,
      body: "Automatic, not a diagnosis.",
    }),
    departures: {
      leave(person: { id: string; name: string }, confirmed: string) {
        if (confirmed !== person.name) throw new GatewayError("leave.not_confirmed", "operator", "It is not the name.");
        return { receipt: `of-${person.id}`, begin: () => void left.push(person.id) };
      },
      receipts: () => left.map((id) => ({ ...receipt, id: `of-${id}` })),
    },
    pages: async (path: string) => (path === "/" ? { type: "text/html", body: "<p>page</p>" } : undefined),
  };
  const app = createApp(options);
  const ask = (path: string, init: RequestInit & { as?: string | undefined } = {}) => {
    const { as = "tok-caregiver", ...rest } = init;
    return app.request(path, {
      ...rest,
      headers: { ...(as === "" ? {} : { authorization: `Bearer ${as}` }), ...(rest.headers as Record<string, string> | undefined) },
    });
  };
  return { clock, view, app, ask, lines, options, left };
}

const json = (body: object) => ({ method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });

describe("who asks", () => {
  test("a request without a token is 401 problem+json with a stable code", async () => {
    const { ask } = setUp();
    const answer = await ask("/api/v1/people", { as: "" });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const problem = await answer.json();
    expect(problem.code).toBe("http.unauthorized");
    expect(Value.Check(schemas.Problem, problem)).toBe(true);
  });

  test("an unknown token is 401, also one that only begins like a known one", async () => {
    const { ask } = setUp();
    for (const as of ["nobody", "tok-caregive", "tok-caregiverr"]) expect((await ask("/api/v1/status", { as })).status).toBe(401);
  });

  test("?token= opens the live stream and nothing else", async () => {
    const { ask } = setUp();
    expect((await ask("/api/v1/people?token=tok-caregiver", { as: "" })).status).toBe(401);
    const live = await ask("/api/v1/live?token=tok-caregiver", { as: "" });
    expect(live.status).toBe(200);
    await live.body?.cancel();
  });

  test("an integrator reads but may not answer alerts, assign devices or press demo buttons", async () => {
    const { ask, view } = setUp();
    view.raise({ id: "a1" });
    expect((await ask("/api/v1/alerts", { as: "tok-integrator" })).status).toBe(200);
    for (const [path, method] of [
      ["/api/v1/alerts/a1/acknowledge", "POST"],
      ["/api/v1/alerts/a1/snooze", "POST"],
      ["/api/v1/alerts/a1/close", "POST"],
      ["/api/v1/alerts/a1/reject", "POST"],
      ["/api/v1/devices/chest-strap/wearing", "PUT"],
      ["/api/v1/demo/actions/unplug-strap", "POST"],
    ] as const) {
      const answer = await ask(path, { as: "tok-integrator", method });
      expect([path, answer.status, (await answer.json()).code]).toEqual([path, 403, "http.forbidden"]);
    }
    expect(view.acts).toEqual([]);
  });

  test("a patient acknowledges but does not snooze", async () => {
    const { ask, view } = setUp();
    view.raise({ id: "a1" });
    expect((await ask("/api/v1/alerts/a1/acknowledge", { as: "tok-patient", method: "POST" })).status).toBe(200);
    expect((await ask("/api/v1/alerts/a1/snooze", { as: "tok-patient", method: "POST" })).status).toBe(403);
  });

  test("no token ever reaches a log line", async () => {
    const { ask, view, lines } = setUp();
    view.failNext(new Error("broken"));
    await ask("/api/v1/alerts");
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toMatch(/tok-/);
  });
});

describe("what was refused", () => {
  test("is told with account and the begin of the path, never with the token or an id, and not for what a client asked wrongly", async () => {
    const { options } = setUp();
    const causes: object[] = [];
    const app = createApp({ ...options, onRefused: (cause) => void causes.push(cause) });
    const ask = (path: string, token: string, init: RequestInit = {}) =>
      app.request(path, { ...init, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" } });
    await ask("/api/v1/people/person-a/strip", "guessed");
    await ask("/api/v1/alerts/a1/acknowledge", "tok-integrator", { method: "POST", body: JSON.stringify({ by: "Person B" }) });
    await ask("/api/v1/alerts?open=maybe", "tok-caregiver");
    expect(causes).toEqual([
      { reason: "http.unauthorized", path: "GET /api/v1/people" },
      { reason: "http.forbidden", account: "integrator", path: "POST /api/v1/alerts" },
    ]);
  });

  test("is shown to integrators and admins alone", async () => {
    const { ask } = setUp();
    const shown = async (as: string) => "refusals" in (await (await ask("/api/v1/status", { as })).json());
    expect(await Promise.all(["tok-admin", "tok-integrator", "tok-caregiver", "tok-patient"].map(shown))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("alerts", () => {
  test("an alert has the contract's fields and its texts", async () => {
    const { ask, view } = setUp();
    view.raise({ id: "a1" });
    const { alerts } = await (await ask("/api/v1/alerts?open=true")).json();
    expect(Value.Errors(schemas.Alert, alerts[0])).toEqual([]);
    expect(alerts[0]).toMatchObject({
      id: "a1",
      rule: "rhythm.vt",
      onset_s: 1_699_999_994,
      t_s: 1_699_999_997,
      end_s: null,
      title: "Person A: rhythm.vt",
      raised_at: "2023-11-14T22:13:17.000Z",
      acknowledged_by: null,
    });
  });

  test("the cursor walks through all pages once", async () => {
    const { ask, view } = setUp();
    for (let i = 0; i < 5; i += 1) view.raise({ id: `a${i}` });
    const seen: string[] = [];
    for (let cursor: string | undefined = ""; cursor !== undefined; ) {
      const page: { alerts: { id: string }[]; cursor?: string } = await (
        await ask(`/api/v1/alerts?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`)
      ).json();
      seen.push(...page.alerts.map((alert) => alert.id));
      cursor = page.cursor;
    }
    expect(seen.sort()).toEqual(["a0", "a1", "a2", "a3", "a4"]);
  });

  test("an acknowledgement is signed with the name that the request brings, and repeating it says so", async () => {
    const { ask, view } = setUp();
    view.raise({ id: "a1" });
    const first = await (await ask("/api/v1/alerts/a1/acknowledge", json({ by: "Person D", minutes: 15 }))).json();
    expect(first).toMatchObject({ already: false, alert: { state: "acknowledged", acknowledged_by: "Person D" } });
    const again = await (await ask("/api/v1/alerts/a1/acknowledge", json({ by: "Person E" }))).json();
    expect(again).toMatchObject({ already: true, alert: { acknowledged_by: "Person D" } });
    expect(view.acts[0]).toEqual({ id: "a1", verb: "acknowledge", caller: { role: "caregiver", name: "Person D" }, minutes: 15 });
  });

  test("a personal token signs with its own name whatever the request says", async () => {
    const { ask, view } = setUp();
    view.raise({ id: "a1" });
    await ask("/api/v1/alerts/a1/acknowledge", { ...json({ by: "Somebody else" }), as: "tok-own" });
    expect(view.acts[0]?.caller.name).toBe("Person C");
  });

  test("a verb without a body is signed with the role", async () => {
    const { ask, view } = setUp();
    view.raise({ id: "a1" });
    expect((await ask("/api/v1/alerts/a1/close", { method: "POST" })).status).toBe(200);
    expect(view.acts[0]?.caller).toEqual({ role: "caregiver", name: "caregiver" });
  });

  test("an unknown alert is 404 with the view's own code", async () => {
    const { ask } = setUp();
    const answer = await ask("/api/v1/alerts/nope/acknowledge", { method: "POST" });
    expect([answer.status, (await answer.json()).code]).toEqual([404, "alert.unknown"]);
  });

  test.each([
    ["not json", "{oops", "http.bad_json", undefined],
    ["a wrong type", '{"minutes":"ten"}', "http.bad_field", "minutes"],
    ["out of range", '{"minutes":100000}', "http.bad_field", "minutes"],
    ["an unknown field", '{"minuets":15}', "http.bad_field", "minuets"],
    ["a list", "[]", "http.bad_field", "body"],
    ["only spaces as a name", '{"by":"  "}', "http.bad_field", "by"],
    ["a name without a letter", '{"by":"?!"}', "http.bad_field", "by"],
    ["a name of two lines", '{"by":"Person D\\nacknowledged by all"}', "http.bad_field", "by"],
    ["a name that a terminal obeys", '{"name":"\\u001b[2JPerson D"}', "http.bad_field", "name"],
    ["a name that turns the text round", '{"by":"Person \\u202eD"}', "http.bad_field", "by"],
    ["a name of 81 letters", `{"by":"${"a".repeat(81)}"}`, "http.bad_field", "by"],
    ["a reason of two lines", '{"by":"Person D","reason":"seen\\r\\nclosed"}', "http.bad_field", "reason"],
  ])("%s is 400 and names the field", async (_what, body, code, field) => {
    const { ask, view } = setUp();
    view.raise({ id: "a1" });
    const answer = await ask("/api/v1/alerts/a1/acknowledge", { method: "POST", body });
    const problem = await answer.json();
    expect([answer.status, problem.code, problem.field]).toEqual([400, code, field]);
    expect(view.acts).toEqual([]);
  });

  test("a huge JSON body is 413", async () => {
    const { ask } = setUp();
    const answer = await ask("/api/v1/alerts/a1/acknowledge", { method: "POST", body: `{"reason":"${"x".repeat(70_000)}"}` });
    expect([answer.status, (await answer.json()).code]).toEqual([413, "http.too_large"]);
  });

  test("a body without a stated length is read no further than its limit, and one nested without end is no JSON", async () => {
    const { ask } = setUp();
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1000;
        controller.enqueue(new Uint8Array(1000).fill(0x20));
      },
    });
    const answer = await ask("/api/v1/alerts/a1/acknowledge", { method: "POST", body: endless, duplex: "half" } as RequestInit);
    expect([answer.status, (await answer.json()).code]).toEqual([413, "http.too_large"]);
    expect(sent).toBeLessThan(100_000);
    const deep = await ask("/api/v1/alerts/a1/acknowledge", { method: "POST", body: "[".repeat(30_000) + "]".repeat(30_000) });
    expect([deep.status, (await deep.json()).code]).toEqual([400, "http.bad_json"]);
  });
});

describe("spans", () => {
  test.each([
    ["/api/v1/people/person-a/strip?to=1700000010", "from"],
    ["/api/v1/people/person-a/strip?from=yesterday&to=1700000010", "from"],
    ["/api/v1/people/person-a/strip?from=1700000010&to=1700000000", "to"],
    ["/api/v1/people/person-a/strip?from=1700000000&to=1700009999", "to"],
    ["/api/v1/alerts?limit=0", "limit"],
    ["/api/v1/alerts?open=maybe", "open"],
  ])("%s is 400 for %s", async (path, field) => {
    const { ask } = setUp();
    const answer = await ask(path);
    expect([answer.status, (await answer.json()).field]).toEqual([400, field]);
  });

  test("a strip's span is read as ISO 8601 or seconds alike", async () => {
    const { ask } = setUp();
    const a = await (await ask("/api/v1/people/person-a/strip?from=1700000000&to=1700000002.5")).json();
    const b = await (await ask("/api/v1/people/person-a/strip?from=2023-11-14T22:13:20Z&to=2023-11-14T22:13:22.5Z")).json();
    expect(a).toEqual(b);
    expect(a.traces[0].values).toHaveLength(625);
    expect((await ask("/api/v1/people/nobody/strip?from=1&to=2")).status).toBe(404);
  });
});

describe("devices and demo", () => {
  test("who wears a device becomes a dated record", async () => {
    const { ask, view } = setUp();
    const put = (body: object) => ask("/api/v1/devices/spare-strap/wearing", { ...json(body), method: "PUT" });
    expect((await put({ person: "person-b", placement: "chest" })).status).toBe(200);
    const { devices } = await (await ask("/api/v1/devices")).json();
    expect(devices.find((device: { id: string }) => device.id === "spare-strap")).toMatchObject({
      person: "person-b",
      wearings: [{ person: "person-b", to: null }],
    });
    expect((await put({ person: null })).status).toBe(200);
    expect((await view.wearings()).filter((wearing) => wearing.device === "spare-strap" && wearing.toUs === undefined)).toEqual([]);
    expect((await put({ person: "nobody" })).status).toBe(400);
    expect((await ask("/api/v1/devices/none/wearing", { ...json({}), method: "PUT" })).status).toBe(404);
  });

  test("a demo button changes what it says", async () => {
    const { ask } = setUp();
    const { actions } = await (await ask("/api/v1/demo/actions/cut-internet", { method: "POST" })).json();
    expect(actions.find((action: { id: string }) => action.id === "cut-internet").active).toBe(true);
    expect((await ask("/api/v1/demo/actions/none", { method: "POST" })).status).toBe(404);
  });

  test("playing a file takes the two files of a WFDB record and refuses anything else", async () => {
    const { ask, view } = setUp();
    const form = (...names: string[]) => {
      const body = new FormData();
      for (const name of names) body.append("file", new File([new Uint8Array(10)], name));
      return ask("/api/v1/demo/actions/play-my-file", { method: "POST", body });
    };
    expect((await form("rec.hea", "rec.dat")).status).toBe(200);
    expect(view.uploads).toEqual([
      {
        id: "play-my-file",
        files: [
          { name: "rec.hea", bytes: 10 },
          { name: "rec.dat", bytes: 10 },
        ],
      },
    ]);
    for (const names of [["rec.hea"], ["rec.dat"], ["rec.hea", "r c.dat"]]) expect((await form(...names)).status).toBe(400);
    expect((await form("../../etc/rec.hea", "rec.dat")).status).toBe(200);
    expect(view.uploads.at(-1)?.files[0]?.name).toBe("rec.hea");
  });

  test("an upload over 64 MB is 413", async () => {
    const { ask } = setUp();
    const answer = await ask("/api/v1/demo/actions/play-my-file", {
      method: "POST",
      body: "x",
      headers: { "content-type": "multipart/form-data; boundary=b", "content-length": String(70 * 1024 * 1024) },
    });
    expect(answer.status).toBe(413);
  });
});

describe("errors of the view", () => {
  test.each([
    [new GatewayError("store.io", "world", "The disk does not answer."), 503, "store.io", "The disk does not answer."],
    [new GatewayError("alert.bad_request", "operator", "minutes must be 15 or 30"), 400, "alert.bad_request", "minutes must be 15 or 30"],
    [new GatewayError("alert.not_allowed", "operator", "not you"), 403, "alert.not_allowed", "not you"],
    [new Error("secret detail"), 500, "http.internal", "Something went wrong inside the gateway; the log says what."],
  ])("%s", async (error, status, code, detail) => {
    const { ask, view } = setUp();
    view.failNext(error);
    const answer = await ask("/api/v1/alerts");
    expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ code, detail })]);
  });
});

describe("the door", () => {
  test("every answer carries the security headers", async () => {
    const { ask } = setUp();
    for (const path of ["/", "/healthz", "/api/v1/status", "/nothing"]) {
      const { headers } = await ask(path);
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("content-security-policy")).not.toMatch(/unsafe|https?:/);
      expect([headers.get("referrer-policy"), headers.get("x-content-type-options")]).toEqual(["no-referrer", "nosniff"]);
    }
  });

  test("a foreign host name is refused, the loopback's own are not", async () => {
    const { app } = setUp();
    for (const host of ["localhost:8099", "127.0.0.1:8099", "[::1]:8099"])
      expect((await app.request("/healthz", { headers: { host } })).status).toBe(200);
    for (const host of ["evil.example", "evil.example:8099", "localhost.evil.example", "127.0.0.1.evil.example"]) {
      const answer = await app.request("/healthz", { headers: { host } });
      expect([host, answer.status, (await answer.json()).code]).toEqual([host, 421, "http.wrong_host"]);
    }
  });

  test("this machine's names on a home network and those of http.hosts are let in; the refusal of another names the setting", async () => {
    const { options } = setUp();
    const hosts = ["Hearth.example.org", ...homeNames(["pi.fritz.box", "home"])];
    const local = createApp({ ...options, hosts });
    const status = async (app: typeof local, host: string) => (await app.request("/healthz", { headers: { host } })).status;
    for (const host of ["pi", "pi.local:8099", "pi.lan", "pi.home.arpa", "PI.fritz.box", "home.local", "hearth.example.org:443"])
      expect([host, await status(local, host)]).toEqual([host, 200]);
    for (const host of ["192.168.1.5", "tv.local", "tv", "evil.lan", "pi.evil.example", "pi.lan.evil.example", "evil.fritz.box"])
      expect([host, await status(local, host)]).toEqual([host, 421]);
    const lan = createApp({ ...options, host: "0.0.0.0", hosts });
    for (const host of ["192.168.1.5:8099", "[fd00::5]:8099", "tv.local", "tv", "pi.lan"])
      expect([host, await status(lan, host)]).toEqual([host, 200]);
    expect(await status(lan, "evil.fritz.box")).toBe(421);
    const detail = async (host: string) => (await (await lan.request("/healthz", { headers: { host } })).json()).detail;
    expect(await detail("pi.example.net:8099")).toMatch(/name "pi\.example\.net" under http\.hosts in hearth\.yaml/);
    expect(await detail("<b>.example.net")).toBe("This address is not one of this gateway.");
  });

  test("health is 503 while a part does not work, and says nothing more to another machine", async () => {
    const { ask } = setUp();
    expect((await ask("/healthz", { as: "" })).status).toBe(200);
    await ask("/api/v1/demo/actions/kill-model-host", { method: "POST" });
    const answer = await ask("/healthz", { as: "" });
    expect([answer.status, await answer.json()]).toEqual([503, { status: "failing" }]);
  });

  test("there is no twin to show unless there is one, and nothing of it but its reading routes and what is wished", async () => {
    const { ask, app, options } = setUp();
    expect((await (await ask("/api/v1/twin/gateways")).json()).code).toBe("http.no_twin");
    const withTwin = createApp({ ...options, twin: { url: "http://127.0.0.1:1", token: "t" } });
    const headers = { authorization: "Bearer tok-caregiver" };
    expect((await withTwin.request("/api/v1/twin/gateways", { headers })).status).toBe(502);
    expect((await withTwin.request("/api/v1/twin/gateways/x/desired", { headers })).status).toBe(502);
    expect((await withTwin.request("/api/v1/twin/gateways/x%2Fy/desired", { headers })).status).toBe(404);
    expect((await withTwin.request("/api/v1/twin/gateways/x/other", { headers })).status).toBe(404);
    expect((await withTwin.request("/api/v1/twin/..%2Fsecret", { headers })).status).toBe(404);
    expect((await app.request("/api/v1/twin/gateways", { headers, method: "PUT" })).status).toBe(405);
  });

  test("what the twin answers is shown as data, never as a page of this gateway, and an endless answer not at all", async () => {
    const { options } = setUp();
    let isEndless = false;
    const twin = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      if (!isEndless) return response.end("<script>1</script>");
      const fill = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 20)));
      };
      response.on("drain", fill);
      return fill();
    });
    await new Promise<void>((resolve) => twin.listen(0, "127.0.0.1", resolve));
    const app = createApp({ ...options, twin: { url: `http://127.0.0.1:${(twin.address() as AddressInfo).port}`, token: "t" } });
    const ask = () => app.request("/api/v1/twin/gateways", { headers: { authorization: "Bearer tok-caregiver" } });
    expect((await ask()).headers.get("content-type")).toBe("application/json");
    isEndless = true;
    const answer = await ask();
    expect([answer.status, (await answer.json()).code]).toEqual([502, "http.twin_unreachable"]);
    twin.closeAllConnections();
    await new Promise<void>((resolve) => twin.close(() => resolve()));
  });

  test("a busy port is refused by its number; closing ends open live streams", async () => {
    const { options, view } = setUp();
    const door = await startHttp({ ...options, port: 0 });
    await expect(startHttp({ ...options, port: door.port })).rejects.toMatchObject({
      code: "http.port_busy",
      message: expect.stringContaining(String(door.port)),
    });
    const live = await fetch(`http://127.0.0.1:${door.port}/api/v1/live`, { headers: { authorization: "Bearer tok-caregiver" } });
    const reader = live.body!.getReader();
    await reader.read();
    expect(view.listenerCount()).toBe(1);
    await door.close();
    await reader.closed.catch(() => undefined);
    await expect.poll(() => view.listenerCount(), { timeout: 60_000 }).toBe(0);
  });
});

describe("somebody leaves", () => {
  test("only an admin asks for it and reads receipts, with the name typed; the receipt is there when it is done", async () => {
    const { ask, left } = setUp();
    const leave = async (as: string, confirm: string, who = "person-a") => {
      const answer = await ask(`/api/v1/people/${who}/leave`, { ...json({ confirm }), as });
      return [answer.status, (await answer.json()).code];
    };
    expect(await leave("tok-caregiver", "Person A")).toEqual([403, "http.forbidden"]);
    expect(await leave("tok-admin", "Person B")).toEqual([400, "leave.not_confirmed"]);
    expect(await leave("tok-admin", "Person A", "nobody")).toEqual([404, "http.not_found"]);
    const status = async (path: string, as = "tok-admin") => (await ask(`/api/v1/${path}`, { as })).status;
    expect([left, await status("receipts/of-person-a")]).toEqual([[], 404]);
    expect(await leave("tok-admin", "Person A")).toEqual([202, undefined]);
    expect(left).toEqual(["person-a"]);
    const one = await (await ask("/api/v1/receipts/of-person-a", { as: "tok-admin" })).json();
    expect([one.erased, Value.Errors(schemas.Receipt, one)]).toEqual([receipt.erased, []]);
    expect((await (await ask("/api/v1/receipts", { as: "tok-admin" })).json()).receipts).toEqual([one]);
    expect([await status("receipts", "tok-patient"), await status("receipts/of-person-a", "tok-caregiver")]).toEqual([403, 403]);
  });
});

describe("openapi.json", () => {
  test("lists every route of the app, and the app has every route that it lists", async () => {
    const { app, ask } = setUp();
    const documented = routes.map(
      (route) => `${route.method.toUpperCase()} ${route.path.replaceAll(/\{(\w+)\}/g, ":$1").replace("twin/:path", "twin/:path{.+}")}`,
    );
    const real = [
      ...new Set(
        app.routes
          .filter((route) => route.method !== "ALL" && route.path !== "*" && route.path !== "/*")
          .map((route) => `${route.method} ${route.path}`),
      ),
    ];
    expect(real.length).toBeGreaterThan(15);
    expect(documented.sort()).toEqual(real.sort());
    const document = await (await ask("/api/v1/openapi.json", { as: "" })).json();
    expect(document.openapi).toBe("3.1.0");
    const missing = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].filter(
      (match) => !(match[1]! in document.components.schemas),
    );
    expect(missing).toEqual([]);
  });

  test("a choice among words is an enum, and the data of every event of the live stream has a schema that fits it", async () => {
    const { ask, clock, view } = setUp();
    const document = await (await ask("/api/v1/openapi.json", { as: "" })).json();
    expect(JSON.stringify(document)).not.toMatch(/"anyOf":\[\{[^}]*"const"/);
    expect(document.components.schemas.Alert.properties.priority).toMatchObject({
      type: "string",
      enum: ["high", "medium", "low", "info"],
    });
    const wording = {
      isStored: () => true,
      person: (id: string) => id,
      device: (id: string) => id,
      text: () => ({ title: "t", body: "b" }),
    };
    const seen = new Set<string>();
    const wrong: unknown[] = [];
    view.live(
      (message) => {
        const { [liveEvents[message.kind]]: schema } = document.components.schemas;
        // As JSON: what is undefined is not there.
        const data = JSON.parse(JSON.stringify(liveToWire(message, wording)));
        wrong.push(...Value.Errors({ ...schema, components: document.components } as never, data));
        seen.add(message.kind);
      },
      { channelKinds: new Set(channelKinds), results: true, poses: true },
    );
    const stop = view.play();
    view.raise({ id: "a1" });
    view.emit({ kind: "device", device: view.devices()[0]! });
    view.emit({ kind: "status", status: view.status() });
    view.emit({ kind: "beat", person: "person-a", device: "chest-strap", stream: "ecg", timeUs: 1, label: "V" });
    const result = { kind: "result", person: "person-a", model: { id: "m", version: "1" }, device: "d", stream: "s", timeUs: 1 } as const;
    const outcomes = [
      { kind: "label", label: "N", probability: 1 },
      { kind: "value", value: 1, unit: "1", interval: [0, 2] },
      { kind: "score", score: 1 },
      { kind: "vector", size: 216 },
      { kind: "personal", score: 1, difference: "wider", likeness: 0.5 },
      { kind: "unknown", reason: "timeout" },
    ] as const;
    for (const outcome of outcomes) view.emit({ ...result, pass: "final", recorded: false, outcome });
    const body = { devices: ["head"], model: null, startUs: 1, rateHz: 30, rotations: new Array(60).fill(0), states: ["1".repeat(15)] };
    view.emit({ kind: "pose", person: "person-a", ...body });
    clock.advance(30_000);
    stop();
    expect([...seen].sort()).toEqual(Object.keys(liveEvents).sort());
    expect(wrong).toEqual([]);
  });

  test("every list answers records of its schema", async () => {
    const { ask, clock, view } = setUp();
    clock.advance(60_000);
    view.raise({ id: "a1" });
    for (const [path, key, schema] of [
      ["people", "people", schemas.Person],
      ["devices", "devices", schemas.Device],
      ["streams", "streams", schemas.Stream],
      ["alerts", "alerts", schemas.Alert],
      ["models", "models", schemas.Model],
      ["demo/actions", "actions", schemas.DemoAction],
    ] as const) {
      const answer = await (await ask(`/api/v1/${path}`)).json();
      expect(answer[key].length).toBeGreaterThan(0);
      for (const record of answer[key]) expect(Value.Errors(schema, record)).toEqual([]);
    }
    expect(Value.Errors(schemas.Probe, await (await ask("/api/v1/devices/chest-strap/probe?seconds=5")).json())).toEqual([]);
    expect((await ask("/api/v1/devices/chest-strap/probe?seconds=61")).status).toBe(400);
    expect(Value.Errors(schemas.Status, await (await ask("/api/v1/status")).json())).toEqual([]);
    expect(Value.Errors(schemas.Outbox, (await (await ask("/api/v1/outbox")).json()).outbox)).toEqual([]);
    expect(
      Value.Errors(schemas.Coverage, await (await ask("/api/v1/people/person-a/coverage?from=1700000000&to=1700000030")).json()),
    ).toEqual([]);
    expect(Value.Errors(schemas.Strip, await (await ask("/api/v1/people/person-a/strip?from=1700000000&to=1700000003")).json())).toEqual(
      [],
    );
  });
});
