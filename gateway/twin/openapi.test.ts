/** Every route of the twin's own document, asked over HTTP at a twin that frames of a home have reached. */

import Value from "typebox/value";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { openTestPostgres, postgresBin, type TestPostgres } from "../../test/support/postgres.ts";
import { baseUs, beatAt, createHarness, type Harness, until } from "../../test/support/twin-harness.ts";
import { createLog } from "../runtime/log.ts";
import type { StripPayload } from "../semantic/payloads/strip.ts";
import { alertItem, createPacker, heartbeatItem, stripItem } from "../semantic/policy.ts";
import { createMemoryOutbox } from "../sync/memory-outbox.ts";
import { createTwinApp } from "./http.ts";
import { createLocalLive } from "./live.ts";
import { twinOpenApi, twinRoutes } from "./openapi.ts";
import type { TwinStore } from "./store/port.ts";

interface Operation {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly security?: readonly object[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { readonly schema?: object }>> }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

const alert: AlertRecord = {
  ...{ id: "a1", person: "person-a", rule: "rhythm.vt", device: "strap", priority: "high", kind: "physiological", state: "active" },
  ...{ mode: "real", onsetUs: baseUs + 5e6, raisedUs: baseUs + 9e6, lastSeenUs: baseUs + 9e6, count: 1, quality: "good" },
  ...{ snoozes: [], deliveries: [] },
};
const strip: StripPayload = {
  ...{ kind: "strip", person: "person-a", alertIds: ["a1"], device: "strap", stream: "ecg", channel: "ecg1", unit: "mV" },
  ...{ scale: 0.005, offset: 0, rateHz: 250, startUs: baseUs, samples: Int32Array.from([1, -2147483648, 3]) },
};

test("lists every route of the app, the app has every route that it lists, and every schema that it names is there", () => {
  const app = createTwinApp({
    ...{ store: {} as TwinStore, live: createLocalLive(), log: createLog({ level: "silent" }), host: "127.0.0.1", version: "0" },
    ...{ tokens: () => [], nowUs: () => 0, isConnected: async () => true, metrics: () => "" },
    ...{ putAct: () => Promise.reject(new Error("not asked")), putDesired: () => Promise.reject(new Error("not asked")) },
    enrolments: { join: () => Promise.reject(new Error("not asked")) },
  });
  const real = app.routes
    .filter(({ method, path }) => method !== "ALL" && !/^\/?\*$/.test(path))
    .map(({ method, path }) => `${method} ${path}`);
  const told = twinRoutes.map(({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`);
  expect(real.length).toBeGreaterThan(20);
  expect(told.sort()).toEqual([...new Set(real)].sort());
  const document = JSON.parse(JSON.stringify(twinOpenApi("0.1.0"))) as Document;
  const missing = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].filter(
    ([, name = ""]) => !(name in document.components.schemas),
  );
  expect([document.openapi, missing]).toEqual(["3.1.0", []]);
});

describe.each(["a file", ...(postgresBin === undefined ? [] : ["a PostgreSQL"])])("a twin with %s", (place) => {
  let postgres: TestPostgres | undefined;
  let home: Harness;
  let document: Document;
  let act: string;
  const address = () => `http://127.0.0.1:${home.twin.ports.http}`;

  beforeAll(async () => {
    if (place !== "a file") postgres = await openTestPostgres();
    home = await createHarness(postgres === undefined ? {} : { database: postgres.url });
    const outbox = createMemoryOutbox("00112233445566aa");
    const packer = createPacker({ person: "person-a", flushS: 60 });
    const events = [
      ...Array.from({ length: 20 }, (_, i) => beatAt(i)),
      { kind: "rhythm", device: "strap", stream: "ecg", timeUs: baseUs, label: "(N" } as const,
      { kind: "gap", device: "strap", stream: "ecg", fromUs: baseUs + 20e6, toUs: baseUs + 21e6 } as const,
      { kind: "vital", code: "hr", timeUs: baseUs + 16e6, value: 75, unit: "/min" } as const,
      { kind: "vital", code: "spo2", device: "clip", stream: "spo2", timeUs: baseUs + 16e6, value: 97, unit: "%" } as const,
      { kind: "watched", rule: "rhythm.vt", fromUs: baseUs, toUs: baseUs + 20e6 } as const,
    ];
    outbox.add(...events.flatMap((event) => packer.push(event)), ...packer.flush(), alertItem(alert), stripItem(strip));
    outbox.add(
      heartbeatItem({
        ...{ timeUs: baseUs, uptimeS: 60, version: "0.1.0", outboxDepth: 4 },
        people: [{ id: "person-a", name: "Person A" }],
        devices: [{ id: "strap", person: "person-a", state: "online", lastSampleUs: baseUs }],
      }),
    );
    home.openUplink(outbox);
    await until(home.clock, () => outbox.rows().length === 0, "the outbox is empty");
    document = (await (await fetch(`${address()}/api/v1/openapi.json`)).json()) as Document;
    let pressed: { body: Record<string, unknown> } | undefined;
    const body = JSON.stringify({ by: "Carer B" });
    void home.ask("/api/v1/alerts/a1/acknowledge", { method: "POST", body }).then((answer) => {
      pressed = answer;
    });
    await until(home.clock, () => pressed !== undefined, "the act is told as waiting");
    act = (pressed as unknown as { body: { act: { id: string } } }).body.act.id;
    await home.ask("/api/v1/gateways/home-a/desired", { method: "PUT", body: JSON.stringify({ settings: { flush: 30 } }) });
  }, 120_000);
  afterAll(async () => {
    await home.close();
    await postgres?.close();
  });

  const idOf = (path: string) =>
    path.includes("/people/") ? "person-a" : path.includes("/gateways/") ? "home-a" : path.includes("/acts/") ? act : "a1";
  const fill = (path: string, id: string) => path.replace("{id}", id).replace("{kind}", "waveform");
  const bodyFor = (path: string) => JSON.stringify(path.endsWith("/desired") ? { settings: {} } : { by: "Carer B" });
  interface Route {
    readonly method: string;
    readonly path: string;
    readonly operation: Operation;
  }
  const routes = (): Route[] =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
    );
  const closed = () => routes().filter(({ operation }) => operation.security === undefined);
  const send = async ({ method, path, operation }: Route, url: string, token: string | undefined) => {
    const answer = await fetch(`${address()}${url}`, {
      method,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(operation.requestBody === undefined ? {} : { body: bodyFor(path) }),
    });
    const text = path.endsWith("/live") && answer.ok ? "" : await answer.text();
    if (text === "") await answer.body?.cancel();
    return { status: answer.status, type: answer.headers.get("content-type") ?? "", text };
  };

  test("another home's token finds nothing that has an id, no token is asked who it is, and lists tell nothing of this home", async () => {
    expect(closed().length).toBeGreaterThan(18);
    for (const route of closed()) {
      const url = fill(route.path, idOf(route.path));
      const foreign = await send(route, url, "admin-b");
      expect([route.path, foreign.status]).toEqual([route.path, route.path.includes("{id}") ? 404 : 200]);
      expect(foreign.text).not.toMatch(/home-a|person-a|Person A|"a1"/);
      // Even where it is named.
      expect([route.path, (await send(route, `${url}?home=home-a`, "admin-b")).status]).toEqual([route.path, 404]);
      for (const token of [undefined, "x"]) expect([route.path, (await send(route, url, token)).status]).toEqual([route.path, 401]);
    }
  });

  test("what each route answers with its own home's token is what the document says", async () => {
    const wrong: unknown[] = [];
    for (const route of closed().filter(({ method, path }) => method === "GET" && !path.endsWith("/live"))) {
      const { path, operation } = route;
      const span = operation.parameters.some(({ name }) => name === "from") ? `?from=${baseUs}&to=${baseUs + 200e6}` : "";
      const { status, text } = await send(route, `${fill(path, idOf(path))}${span}`, "admin-a");
      expect([path, status]).toEqual([path, 200]);
      const schema = operation.responses["200"]?.content["application/json"]?.schema ?? {};
      const errors = [...Value.Errors({ ...schema, components: document.components } as never, JSON.parse(text))];
      if (errors.length > 0) wrong.push([path, errors.slice(0, 3)]);
    }
    expect(wrong).toEqual([]);
  });

  test("ids and values of the wrong kind are refused in words, never a failure of the twin", async () => {
    const odd = [
      "%00",
      "a%00b",
      "%0a",
      "..%2F..%2Fetc",
      "__proto__",
      "constructor",
      "1e9",
      "-1",
      "💥",
      "'%3B--",
      "%ed%a0%80",
      "x".repeat(4000),
    ];
    const asked: { route: Route; url: string; wants?: number }[] = [];
    for (const route of closed()) {
      const url = fill(route.path, idOf(route.path));
      if (route.path.includes("{id}")) for (const id of odd) asked.push({ route, url: fill(route.path, id), wants: 404 });
      if (route.path.includes("{kind}"))
        for (const kind of odd) asked.push({ route, url: route.path.replace("{id}", "person-a").replace("{kind}", kind) });
      // Each wish would be one more version.
      if (route.operation.requestBody !== undefined) continue;
      for (const { name } of route.operation.parameters.filter((each) => each.in === "query"))
        for (const value of [...odd, "", "NaN", "9".repeat(30)]) asked.push({ route, url: `${url}?${name}=${value}` });
    }
    expect(asked.length).toBeGreaterThan(500);
    const failed: unknown[] = [];
    // No more at once than a token may.
    while (asked.length > 0)
      await Promise.all(
        asked.splice(0, 24).map(async ({ route, url, wants }) => {
          const { status, type } = await send(route, url, "admin-a");
          const isWrong = status >= 500 || (wants !== undefined && status !== wants) || (status >= 400 && !/problem\+json/.test(type));
          if (isWrong) failed.push([route.method, url.slice(0, 80), status, type]);
        }),
      );
    expect(failed).toEqual([]);
  }, 120_000);
});
