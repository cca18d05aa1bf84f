import { expect, test } from "vitest";
import { systemClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import { createFakeView } from "../../test/fakes/fake-view.ts";
import { openAccess } from "../access/access.ts";
import { createLog } from "../runtime/log.ts";
import { createApp } from "./http.ts";

function door() {
  const tokens = (["caregiver", "patient"] as const).map((role) => ({ role, token: `the-${role}s` }));
  const app = createApp({
    view: createFakeView(virtualClock(1_700_000_000_000_000)),
    ...{ access: openAccess({ clock: systemClock(), given: tokens }), host: "127.0.0.1", log: createLog({ level: "silent" }) },
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

test("a carer begins a calibration, reads what came of it, and takes it back", async () => {
  const ask = door();
  const begun = await ask("people/person-a/calibration", { act: "start", by: "Carer" });
  expect(begun).toMatchObject({
    status: 200,
    body: { person: "person-a", run: { pose: "arms-out", state: "done", faults: [], number: 1 } },
  });
  expect((await ask("people/person-a/calibration")).body.acts).toMatchObject([{ number: 1, act: "pose", by: "Carer", undoes: null }]);
  expect((await ask("people/person-a/calibration", { act: "undo", by: "Carer" })).body).toMatchObject({ number: 2 });
});

test("a patient reads it and changes nothing; a pose that there is none of, and nobody's, are refused", async () => {
  const ask = door();
  expect((await ask("people/person-a/calibration", undefined, "patient")).status).toBe(200);
  expect((await ask("people/person-a/calibration", { act: "start" }, "patient")).status).toBe(403);
  expect((await ask("people/person-a/calibration", { act: "start", pose: "handstand" })).status).toBe(400);
  expect((await ask("people/nobody/calibration")).status).toBe(404);
  expect((await ask("people/person-a/calibration", { act: "undo" })).status).toBe(409);
});
