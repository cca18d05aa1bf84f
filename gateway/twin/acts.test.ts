import { afterEach, beforeEach, expect, test } from "vitest";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { createHarness, type Harness, until } from "../../test/support/twin-harness.ts";
import { createAlertCore } from "../alert/core.ts";
import type { ConditionBegin } from "../rules/rule.ts";
import { alertItem } from "../semantic/policy.ts";
import type { PersonCommit } from "../store/store-port.ts";
import { createActPart } from "../sync/act-part.ts";
import { createMemoryOutbox } from "../sync/memory-outbox.ts";
import { loadGatewayEnrolment } from "./enrol.ts";

let home: Harness;
beforeEach(async () => {
  home = await createHarness();
});
afterEach(async () => {
  await home.close();
});

const begin: ConditionBegin = {
  ...{ kind: "begin", rule: "rhythm.vt", device: "strap", priority: "high", alertKind: "physiological", quality: "good" },
  ...{ onsetUs: 1, timeUs: 1, about: { device: "strap", stream: "ecg" } },
} as unknown as ConditionBegin;

/** The alerts of home-a: its own core, what it commits goes into its outbox. */
function openHome() {
  const outbox = createMemoryOutbox("00112233445566aa");
  const core = createAlertCore({ newId: () => "a1", mode: "real" });
  const nowUs = () => home.clock.wallUs();
  const audit: PersonCommit["audit"][] = [];
  const commit = (alerts: readonly AlertRecord[]) => outbox.add(...alerts.map((alert) => alertItem(alert)));
  const act: Parameters<typeof createActPart>[0]["act"] = async (id, verb, actor, options) => {
    const outcome = core.act(id, verb, actor, options, nowUs());
    commit(outcome.changes.map(({ alert }) => alert));
    return outcome;
  };
  const part = createActPart({
    ...{ gateway: "home-a", twinPublicKey: loadGatewayEnrolment("home-a", `${home.dir}/home-a`).twinPublicKey, nowUs, act },
    log: { warn: () => undefined },
    store: {
      alert: async (id) => core.held().find((alert) => alert.id === id),
      getValue: async () => undefined,
      async commit({ outbox: rows = [], audit: told }) {
        outbox.add(...rows);
        audit.push(told);
      },
    },
  });
  commit(core.decide("person-a", { ...begin, onsetUs: nowUs(), timeUs: nowUs() }, nowUs()).map(({ alert }) => alert));
  const connect = () =>
    home.openUplink(outbox, {
      onAct: (bytes) => void part.receive(bytes).then(() => uplink.wake()),
    });
  const uplink = connect();
  return { core, outbox, act, audit, part, uplink };
}

const post = (path: string, body: object, token = "admin-a") => {
  const headers = { "content-type": "application/json" };
  return home.ask(`/api/v1/${path}`, { method: "POST", body: JSON.stringify(body), headers, token });
};
/** Time goes on until the answer is there, so slowly that a busy machine comes along. */
async function answered<Answer>(asked: Promise<Answer>): Promise<Answer> {
  let isThere = false;
  const done = asked.finally(() => {
    isThere = true;
  });
  while (!isThere) {
    home.clock.advance(2);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  return done;
}
const alertsAtTwin = async () =>
  (await home.ask("/api/v1/people/person-a/alerts")).body.alerts as { state: string; acknowledged_by: string }[];

test("acknowledged at the twin is acknowledged at home, in the name of who pressed and within 5 s; and the reverse", async () => {
  const { core, outbox, act, audit } = openHome();
  await until(home.clock, () => outbox.rows().length === 0, "the twin knows the alert");
  const pressedUs = home.clock.wallUs();
  const { status, body } = await answered(post("alerts/a1/acknowledge", { by: "Carer B", minutes: 15 }));
  expect(status).toBe(200);
  expect(body).toMatchObject({ act: { alert: "a1", state: "done" } });
  expect(core.held()).toMatchObject([{ state: "acknowledged", acknowledgedBy: "Carer B" }]);
  expect(home.clock.wallUs() - pressedUs).toBeLessThan(5_000_000);
  expect(audit).toMatchObject([[{ what: "act.taken", by: "Carer B", subject: "a1", detail: { from: "twin" } }]]);
  await until(home.clock, async () => (await alertsAtTwin())[0]?.acknowledged_by === "Carer B", "the twin knows it by the home's word");
  expect(await answered(post("alerts/a1/acknowledge", { by: "Carer C" }))).toMatchObject({
    status: 200,
    body: { act: { state: "already" } },
  });

  const saidUs = home.clock.wallUs();
  await act("a1", "reject", { role: "caregiver", name: "Carer B" }, {});
  await until(home.clock, async () => (await alertsAtTwin())[0]?.state === "rejected", "the twin knows what was said at home");
  expect(home.clock.wallUs() - saidUs).toBeLessThan(5_000_000);
});

test("what is pressed while the home is away waits, is told as waiting, and is done when it is back; after ten minutes it is done no more", async () => {
  const { core, outbox, uplink } = openHome();
  await until(home.clock, () => outbox.rows().length === 0, "the twin knows the alert");
  home.line.mode = "cut";
  const { status, body } = await answered(post("alerts/a1/acknowledge", { by: "Carer B" }));
  expect([status, core.held()[0]?.state]).toEqual([202, "active"]);
  const { id } = body.act as { id: string };
  expect((await home.ask(`/api/v1/acts/${id}`)).body).toMatchObject({ act: { state: "waiting" } });
  home.line.mode = "open";
  await until(home.clock, () => core.held()[0]?.state === "acknowledged", "the home has heard of it");
  await until(home.clock, async () => JSON.stringify((await home.ask(`/api/v1/acts/${id}`)).body).includes('"done"'), "the twin knows");

  home.line.mode = "cut";
  const late = await answered(post("alerts/a1/reject", { by: "Carer B" }));
  home.clock.advance(600_000);
  home.line.mode = "open";
  home.clock.advance(600_000);
  await until(home.clock, () => uplink.state().connected, "the line is back");
  expect((await answered(post("alerts/a1/acknowledge", { by: "Carer C" }))).status).toBe(200);
  const { id: lateId } = late.body.act as { id: string };
  expect([late.status, (await home.ask(`/api/v1/acts/${lateId}`)).body]).toMatchObject([202, { act: { state: "waiting" } }]);
  expect(core.held()[0]?.state).toBe("acknowledged");
});

test("another home's token finds neither alert nor act; a program may not answer for people, and a patient not refuse", async () => {
  const { core, outbox } = openHome();
  await until(home.clock, () => outbox.rows().length === 0, "the twin knows the alert");
  expect((await post("alerts/a1/acknowledge", { by: "Carer B" }, "admin-b")).status).toBe(404);
  expect((await post("alerts/a1/reject", { by: "Person A" }, "patient-a")).status).toBe(403);
  expect([(await post("alerts/a1/acknowledge", {})).status, (await post("alerts/a1/acknowledge", { by: "\u202e" })).status]).toEqual([
    400, 400,
  ]);
  const { body } = await answered(post("alerts/a1/acknowledge", { by: "Person A" }, "patient-a"));
  const { id } = body.act as { id: string };
  expect([(await home.ask(`/api/v1/acts/${id}`, { token: "admin-b" })).status, (await home.ask(`/api/v1/acts/${id}`)).status]).toEqual([
    404, 200,
  ]);
  // A patient's own press on a high alert does not quiet it, here as at home.
  expect(core.held()[0]?.state).toBe("active");
  expect((await answered(post("alerts/a1/acknowledge", { by: "Carer B", minutes: 720 }))).body).toMatchObject({
    code: "alert.bad_request",
  });
});
