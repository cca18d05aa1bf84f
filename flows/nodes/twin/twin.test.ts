import { expect, test } from "vitest";
import { HearthProblem } from "../../client/problem.ts";
import type { OwnStatus } from "../../client/wire.ts";
import { createFakeGateway, openFakeHost } from "../../node-red/fake-host.ts";
import { twin } from "./node.ts";
import { twinPath, wishOf } from "./question.ts";

test.each([
  [{}, { person: "person-a" }, "/api/v1/twin/people/person-a/state"],
  [
    { what: "beats", person: "person-a" },
    { from: 5, to: "2026-01-01T00:00:00Z" },
    "/api/v1/twin/people/person-a/beats?from=5&to=2026-01-01T00%3A00%3A00Z",
  ],
  [{ what: "pose" }, { person: "person-d", from: 5, to: 65 }, "/api/v1/twin/people/person-d/pose?from=5&to=65"],
  [{ what: "gateways" }, {}, "/api/v1/twin/gateways"],
  [{}, { what: "state", person: "a/b" }, "/api/v1/twin/people/a%2Fb/state"],
])("%# the question's path", (settings, message, path) => expect(twinPath(settings, message)).toBe(path));

test("an unknown question or person that is missing is refused", () => {
  expect(() => twinPath({ what: "mood" }, {})).toThrow(/'what' must be one of/);
  expect(() => twinPath({}, {})).toThrow(/'person' is missing/);
});

test("a wish keeps what the message does not name, and null takes one out", () => {
  const before = { version: 4, settings: { mode: "event", step: 2 } };
  expect(wishOf(before, { step: 3, more: true })).toEqual({ version: 4, settings: { mode: "event", step: 3, more: true } });
  expect(wishOf(before, { mode: null })).toEqual({ version: 4, settings: { step: 2 } });
  expect(wishOf(null, { mode: "raw" })).toEqual({ version: 0, settings: { mode: "raw" } });
  for (const payload of [undefined, "mode", [1], Buffer.alloc(1)]) expect(() => wishOf(before, payload)).toThrow(/must be an object/);
});

test("a wish goes through the gateway with the version that was seen; a conflict is told and changes nothing", async () => {
  const { gateway, become, asked } = createFakeGateway(async (method) => {
    if (method === "PUT") throw new HearthProblem("desired.conflict", "Somebody else has wished.", 409);
    return { desired: { version: 4, settings: { mode: "event" } }, reported: null };
  });
  become({ kind: "live", status: { gateway: "home" } as OwnStatus });
  const node = openFakeHost(twin, { what: "set-desired" }, { ...gateway, twin: () => undefined });
  await expect(node.input({ payload: { step: 1 } })).rejects.toThrow("Somebody else has wished.");
  const path = "/api/v1/twin/gateways/home/desired";
  expect(asked).toEqual([
    { method: "GET", path, body: undefined },
    { method: "PUT", path, body: { settings: { mode: "event", step: 1 }, version: 4 } },
  ]);
});

test("a twin elsewhere, where the gateway's dialog names one, is asked itself", async () => {
  const elsewhere = createFakeGateway(async () => ({ desired: null, reported: null }));
  const { gateway, become, asked } = createFakeGateway();
  become({ kind: "live", status: { gateway: "home" } as OwnStatus });
  await openFakeHost(twin, { what: "set-desired" }, { ...gateway, twin: () => elsewhere.gateway.http() }).input({ payload: { step: 1 } });
  expect([asked, elsewhere.asked.map(({ method, path }) => `${method} ${path}`)]).toEqual([
    [],
    ["GET /api/v1/gateways/home/desired", "PUT /api/v1/gateways/home/desired"],
  ]);
});

test("while the gateway is away, a wish is refused with the reason", async () => {
  const { gateway, become } = createFakeGateway();
  become({ kind: "connecting" });
  await expect(openFakeHost(twin, { what: "desired" }, gateway).input({})).rejects.toThrow(/gateway is not there/);
});

test("an answer is the message's payload", async () => {
  const { gateway } = createFakeGateway(async (_method, path) => ({ path }));
  const node = openFakeHost(twin, { what: "state", person: "person-a" }, gateway);
  expect(await node.input({ mine: 1 })).toEqual([{ mine: 1, payload: { path: "/api/v1/twin/people/person-a/state" } }]);
});
