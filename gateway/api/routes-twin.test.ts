import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Value from "typebox/value";
import { afterEach, expect, test } from "vitest";
import { systemClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import { createFakeView } from "../../test/fakes/fake-view.ts";
import { openAccess } from "../access/access.ts";
import { createLog } from "../runtime/log.ts";
import { createApp } from "./http.ts";
import { schemas } from "./openapi-schemas.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const wished = { modes: { "*": "raw" }, people: { "person-a": { modes: { ecg: "raw" } }, "person-b": { modes: {} } } };
const desired = { version: 4, settings: wished, signature: "s" };
const inForce = { people: { "person-a": { modes: { "*": "event" } }, "person-b": { modes: { "*": "event" } } } };
const reported = { version: 4, settings: inForce, ignored: ["rules"], waiting: { people: { "person-b": { modes: { ecg: "raw" } } } } };

/** A twin that keeps what it was asked, and a gateway before it. */
async function door() {
  const asked: { method: string | undefined; url: string | undefined; token: string | undefined; body: string }[] = [];
  const twin = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    asked.push({ method: request.method, url: request.url, token: request.headers.authorization, body });
    const isOld = request.method === "PUT" && (JSON.parse(body) as { version?: number }).version === 3;
    const problem = { type: "t", title: "Conflict", status: 409, code: "desired.conflict", detail: "The newest version is 4." };
    response.writeHead(isOld ? 409 : 200, { "content-type": isOld ? "application/problem+json" : "application/json" });
    response.end(JSON.stringify(isOld ? problem : request.method === "PUT" ? { desired } : { desired, reported }));
  });
  await new Promise<void>((resolve) => twin.listen(0, "127.0.0.1", resolve));
  ends.push(() => new Promise((resolve) => twin.close(resolve)));
  const roles = (["admin", "caregiver", "integrator", "patient"] as const).map((role) => ({ role, token: `the-${role}s` }));
  const bound = (["admin", "patient"] as const).map((role) => ({ role, token: `bound-${role}s`, persons: ["person-a"] }));
  const lines: string[] = [];
  const app = createApp({
    view: createFakeView(virtualClock(1_700_000_000_000_000)),
    access: openAccess({ clock: systemClock(), given: [...roles, ...bound] }),
    ...{ host: "127.0.0.1", log: createLog({ level: "info", write: (line) => void lines.push(line) }) },
    twin: { url: `http://127.0.0.1:${(twin.address() as AddressInfo).port}`, token: "of-the-gateway" },
    alertText: ({ rule }) => ({ title: rule, body: rule }),
  });
  const ask = async (token: string, body?: string, id = "home") => {
    const answer = await app.request(`/api/v1/twin/gateways/${id}/desired`, {
      method: body === undefined ? "GET" : "PUT",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return { asked, ask, lines };
}

test("an admin wishes through the gateway's own address, signed by nobody's token but the gateway's, and its name is in the log", async () => {
  const { asked, ask, lines } = await door();
  const wish = { settings: { modes: { "*": "event" } }, version: 4 };
  expect(await ask("the-admins", JSON.stringify(wish))).toEqual({ status: 200, body: { desired } });
  expect(asked).toEqual([
    { method: "PUT", url: "/api/v1/gateways/home/desired", token: "Bearer of-the-gateway", body: JSON.stringify(wish) },
  ]);
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ by: "admin", msg: "a wish was given to the twin" }]);
  const read = await ask("the-integrators");
  expect(read).toEqual({ status: 200, body: { desired, reported } });
  expect(Value.Errors(schemas.Wish, read.body)).toEqual([]);
});

test("nobody else wishes, and neither does a token that sees only some of the home", async () => {
  const { asked, ask } = await door();
  for (const token of ["the-caregivers", "the-patients", "the-integrators", "bound-admins"])
    expect([token, (await ask(token, '{"settings":{}}')).body.code]).toEqual([token, "http.forbidden"]);
  expect(asked).toEqual([]);
});

test("a token that is bound to persons reads what is wished and in force of them alone", async () => {
  const { ask } = await door();
  const { body } = await ask("bound-patients");
  expect(JSON.stringify(body)).not.toContain("person-b");
  expect(body).toMatchObject({ desired: { settings: { modes: { "*": "raw" } } }, reported: { waiting: { people: {} } } });
  expect(Object.keys((body.reported as typeof reported).settings.people)).toEqual(["person-a"]);
});

test("what is no wish goes no further: another field, no JSON, a body of 10 MB, a version below zero, a name that is none", async () => {
  const { asked, ask } = await door();
  const code = async (body: string, id?: string) => (await ask("the-admins", body, id)).body.code;
  expect(await code('{"settings":{},"signature":"mine"}')).toBe("http.bad_field");
  expect(await code("{}")).toBe("http.bad_field");
  expect(await code('{"settings":[]}')).toBe("http.bad_field");
  expect(await code('{"settings":{},"version":-1}')).toBe("http.bad_field");
  expect(await code("settings: {}")).toBe("http.bad_json");
  expect(await code(`{"settings":${"[".repeat(40)}${"]".repeat(40)}}`)).toBe("http.bad_json");
  expect(await code(JSON.stringify({ settings: { text: "x".repeat(10 << 20) } }))).toBe("http.too_large");
  for (const id of ["..%2F..%2Fsecret", "home%3Fx=1", "Home", "home%23", "%00"])
    expect(await code('{"settings":{}}', id)).toBe("http.not_found");
  expect(asked).toEqual([]);
});

test("that somebody else has wished meanwhile is told in the twin's words", async () => {
  const { ask, lines } = await door();
  expect(await ask("the-admins", '{"settings":{},"version":3}')).toMatchObject({ status: 409, body: { code: "desired.conflict" } });
  expect(lines).toEqual([]);
});
