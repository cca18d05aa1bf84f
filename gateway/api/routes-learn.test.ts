import { expect, test } from "vitest";
import { systemClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import { createFakeView } from "../../test/fakes/fake-view.ts";
import { openAccess } from "../access/access.ts";
import { createLog } from "../runtime/log.ts";
import { createApp } from "./http.ts";

const evidence = {
  ...{ of: "chest", model: { id: "ecg-anomaly", version: "1.0.0" }, learnt: { fromUs: 1e15, toUs: 1.0003e15 }, usual: [0, 1, 0] },
  beats: [{ timeUs: 1.001e15, rrBeforeMs: [800], vector: [9, 0.1, 0.2, 0.3, 0, 2, 0] }],
  curves: { residualAt: 1, shownAt: 4, points: 3, fromS: -0.1, toS: 0.1 },
};

function door() {
  const view = createFakeView(virtualClock(1_700_000_000_000_000));
  view.raise({ id: "a1", person: "person-a", rule: "anomaly.morphology", evidence });
  view.raise({ id: "a2", person: "person-a", rule: "hr.high" });
  const tokens = (["caregiver", "patient"] as const).map((role) => ({ role, token: `the-${role}s` }));
  const app = createApp({
    ...{ view, access: openAccess({ clock: systemClock(), given: tokens }), host: "127.0.0.1", log: createLog({ level: "silent" }) },
    alertText: ({ rule }) => ({ title: rule, body: rule }),
  });
  return async (path: string, body?: object, role = "caregiver") => {
    const answer = await app.request(`/api/v1/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer the-${role}s`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
}

test("a carer says that an alert's beats are normal, with a name and a number, and takes it back", async () => {
  const ask = door();
  const said = await ask("alerts/a1/normal", { by: "Carer" });
  expect(said).toEqual({ status: 200, body: { person: "person-a", number: 1, from: "2023-11-14T22:13:22.000Z" } });
  expect((await ask("people/person-a/learning", { act: "undo", number: 1, by: "Carer" })).body).toMatchObject({ number: 2 });
  expect((await ask("people/person-a/learning")).body.acts).toEqual([
    { number: 2, act: "undo", by: "Carer", from: "2023-11-14T22:13:22.000Z", placement: null, alert: null, undoes: 1 },
    { number: 1, act: "normal", by: "Carer", from: "2023-11-14T22:13:22.000Z", placement: "chest", alert: "a1", undoes: null },
  ]);
});

test("nobody else says it, of no other alert and of nobody who does not live here", async () => {
  const ask = door();
  expect((await ask("alerts/a1/normal", { by: "Somebody" }, "patient")).status).toBe(403);
  expect((await ask("people/person-a/learning", { act: "again" }, "patient")).status).toBe(403);
  expect((await ask("alerts/a2/normal", { by: "Carer" })).status).toBe(404);
  expect((await ask("alerts/none/normal", { by: "Carer" })).status).toBe(404);
  expect((await ask("people/nobody/learning")).status).toBe(404);
  expect((await ask("people/person-a/learning", { act: "undo" })).body).toMatchObject({ field: "number" });
});
