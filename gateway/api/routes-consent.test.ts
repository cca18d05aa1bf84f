import Value from "typebox/value";
import { expect, test } from "vitest";
import { systemClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import { createFakeView } from "../../test/fakes/fake-view.ts";
import { openAccess } from "../access/access.ts";
import { createLog } from "../runtime/log.ts";
import { createApp } from "./http.ts";
import { schemas } from "./openapi-schemas.ts";

const at = "people/person-a/consent";

function door() {
  const view = createFakeView(virtualClock(1_700_000_000_000_000));
  const roles = (["admin", "caregiver", "integrator", "patient"] as const).map((role) => ({ role, token: `the-${role}s` }));
  const own = { role: "patient", token: "the-persons", persons: ["person-a"], name: "Person A" } as const;
  const app = createApp({
    ...{
      view,
      access: openAccess({ clock: systemClock(), given: [...roles, own] }),
      host: "127.0.0.1",
      log: createLog({ level: "silent" }),
    },
    alertText: ({ rule }) => ({ title: rule, body: rule }),
  });
  const ask = async (role: string, path = at, body?: object) => {
    const answer = await app.request(`/api/v1/${path}`, {
      method: body === undefined ? "GET" : "PUT",
      headers: { authorization: `Bearer the-${role}s`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return { view, ask };
}

test("a person says what of theirs leaves the house, and reads how much did today, since when, and by whose word", async () => {
  const { view, ask } = door();
  view.consents.setWaiting({ ecg: "semantic" });
  const first = await ask("person");
  expect(first.body).toEqual({
    ...{ person: "person-a", alerts: true, strips: true, streams: { "*": "event" }, in_force: { "*": "event" }, may: "give" },
    ...{
      waiting: { ecg: "semantic" },
      held_by: null,
      today_bytes: 412_000,
      since: "2023-11-14T22:13:20.000Z",
      by: "the home's first start",
    },
  });
  const said = await ask("person", at, { alerts: false, streams: { ecg: "semantic" } });
  expect(said.body).toMatchObject({ alerts: false, strips: true, streams: { "*": "event", ecg: "semantic" }, by: "Person A" });
  for (const { body } of [first, said]) expect(Value.Check(schemas.Consent, body)).toBe(true);
});

test("an admin gives for others; a carer and a token of several patients only take back; a program only looks", async () => {
  const { ask } = door();
  const [more, less] = [{ streams: { ecg: "raw" } }, { strips: false }];
  for (const role of ["caregiver", "patient"]) {
    expect((await ask(role)).body.may).toBe("take_back");
    expect(await ask(role, at, more)).toMatchObject({ status: 403, body: { code: "consent.not_allowed" } });
    expect((await ask(role, at, { ...more, ...less })).status).toBe(403);
    expect(await ask(role, at, less)).toMatchObject({ status: 200, body: { strips: false } });
  }
  expect((await ask("integrator")).body.may).toBe("look");
  expect((await ask("integrator", at, less)).status).toBe(403);
  expect(await ask("admin", at, { ...more, strips: true })).toMatchObject({ status: 200, body: { strips: true, may: "give" } });
});

test("nobody who is bound to others reads or changes it, and what is no consent is refused", async () => {
  const { ask } = door();
  expect((await ask("person", "people/person-b/consent")).status).toBe(404);
  expect((await ask("person", "people/person-b/consent", { alerts: false })).status).toBe(404);
  expect((await ask("admin", "people/nobody/consent")).status).toBe(404);
  for (const body of [{ streams: { ecg: "all" } }, { streams: { "a/b": "raw" } }, { alerts: "yes" }, { everything: true }])
    expect((await ask("admin", at, body)).status).toBe(400);
});
