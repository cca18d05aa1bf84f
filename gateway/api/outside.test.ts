import Value from "typebox/value";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createFakeView } from "../../test/fakes/fake-view.ts";
import { openAccess } from "../access/access.ts";
import { createLog } from "../runtime/log.ts";
import { createApp } from "./http.ts";
import { schemas } from "./openapi-schemas.ts";

function setUp() {
  const clock = virtualClock(1_700_000_000_000_000);
  const access = openAccess({
    clock,
    given: [
      { token: "tok-patient", role: "patient" },
      { token: "tok-caregiver", role: "caregiver" },
      { token: "tok-integrator", role: "integrator" },
      { token: "tok-bed", role: "integrator", name: "Bed flow" },
    ],
  });
  const view = createFakeView(clock);
  const log = createLog({ level: "error", write: () => {} });
  const app = createApp({ view, access, host: "127.0.0.1", log, alertText: () => ({ title: "", body: "" }) });
  const ask = async (method: string, path: string, as: string, body?: object) => {
    const answer = await app.request(`/api/v1${path}`, {
      ...{ method, headers: { authorization: `Bearer ${as}`, "content-type": "application/json" } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  return { clock, ask };
}

const bed = "/people/person-a/conditions/flow.bed";

test("an integrator raises a condition, sees it in the list and ends it; each answer is as the document says", async () => {
  const { ask } = setUp();
  const said = await ask("PUT", bed, "tok-bed", { title: "Out of bed", value: 4, unit: "min", lease_s: 60 });
  expect(said).toMatchObject({
    status: 200,
    body: { already: false, condition: { by: "Bed flow", priority: "medium", value: 4, text: null } },
  });
  expect(Value.Check(schemas.Condition, said.body.condition)).toBe(true);
  expect((await ask("PUT", bed, "tok-bed", { title: "Out of bed", value: 4, unit: "min", lease_s: 60 })).body.already).toBe(true);
  expect((await ask("GET", "/conditions", "tok-caregiver")).body).toEqual({ conditions: [said.body.condition] });
  expect((await ask("DELETE", bed, "tok-bed")).body).toMatchObject({ already: false, condition: { rule: "flow.bed" } });
  expect((await ask("DELETE", bed, "tok-bed")).body).toEqual({ already: true, condition: null });
});

test("a condition that is none, or of somebody who may not, is refused at the place where it is looked for", async () => {
  const { ask } = setUp();
  const said = { title: "Out of bed" };
  const put = async (path: string, body: object, as = "tok-bed") => {
    const { status, body: problem } = await ask("PUT", path, as, body);
    expect(Value.Check(schemas.Problem, problem)).toBe(true);
    return [status, problem.code, problem.field];
  };
  for (const as of ["tok-patient", "tok-caregiver"]) expect(await put(bed, said, as)).toEqual([403, "http.forbidden", undefined]);
  expect(await put("/people/person-a/conditions/rhythm.vt", said)).toEqual([400, "condition.not_flow", "rule"]);
  expect(await put("/people/nobody/conditions/flow.bed", said)).toEqual([404, "registry.unknown", undefined]);
  expect(await put(bed, { ...said, priority: "high" })).toEqual([400, "condition.priority", "priority"]);
  expect(await put(bed, { ...said, priority: "urgent" })).toEqual([400, "http.bad_field", "priority"]);
  expect(await put(bed, { ...said, kind: "physiological" })).toEqual([400, "http.bad_field", "kind"]);
  expect(await put(bed, {})).toEqual([400, "http.bad_field", "title"]);
  expect(await put(bed, { ...said, lease_s: 1e9 })).toEqual([400, "http.bad_field", "lease_s"]);
  for (let i = 0; i < 20; i++) await ask("PUT", `/people/person-a/conditions/flow.n${i}`, "tok-bed", said);
  expect(await put(bed, said)).toEqual([429, "condition.too_many_open", undefined]);
});

test("help is called for with a countdown that a program shows, taken back, and told", async () => {
  const { ask, clock } = setUp();
  const path = "/people/person-a/help";
  const called = await ask("POST", path, "tok-patient", { by: "Person A" });
  expect(called.body).toMatchObject({ already: false, help: { state: "counting", by: "Person A", remaining_s: 10, alert: null } });
  expect(Value.Check(schemas.HelpCall, called.body.help)).toBe(true);
  clock.advance(4000);
  expect((await ask("GET", path, "tok-integrator")).body.help.remaining_s).toBe(6);
  expect((await ask("DELETE", path, "tok-integrator")).body.help.state).toBe("none");
  await ask("POST", path, "tok-integrator");
  clock.advance(10_000);
  const told = (await ask("GET", path, "tok-patient")).body.help;
  expect(told).toMatchObject({ state: "told", by: "integrator" });
  expect(Value.Check(schemas.HelpCall, told)).toBe(true);
  expect(await ask("DELETE", path, "tok-patient")).toMatchObject({ status: 409, body: { code: "help.told" } });
  expect((await ask("POST", "/people/nobody/help", "tok-patient")).status).toBe(404);
});

test("a list comes in pages, of one person where that is asked for", async () => {
  const { ask } = setUp();
  for (const name of ["a", "b", "c"]) await ask("PUT", `/people/person-a/conditions/flow.${name}`, "tok-bed", { title: name });
  await ask("PUT", "/people/person-b/conditions/flow.d", "tok-bed", { title: "d" });
  const titles: string[] = [];
  let cursor: string | undefined = "";
  while (cursor !== undefined) {
    const { body } = await ask("GET", `/conditions?person=person-a&limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`, "tok-bed");
    titles.push(...body.conditions.map((each: { title: string }) => each.title));
    cursor = body.cursor;
  }
  expect(titles).toEqual(["a", "b", "c"]);
  for (const path of ["/people", "/devices", "/streams"]) {
    const first = (await ask("GET", `${path}?limit=1`, "tok-bed")).body;
    expect(first.cursor).toBeDefined();
    const second = (await ask("GET", `${path}?limit=1&cursor=${first.cursor}`, "tok-bed")).body;
    expect(second[path.slice(1)]).not.toEqual(first[path.slice(1)]);
    expect((await ask("GET", `${path}?cursor=none`, "tok-bed")).body).toMatchObject({ code: "http.bad_field", field: "cursor" });
    expect((await ask("GET", `${path}?limit=501`, "tok-bed")).body.field).toBe("limit");
  }
  const own = (await ask("GET", "/devices?person=person-b", "tok-bed")).body.devices;
  expect(own.map(({ person }: { person: string }) => person)).toEqual(["person-b"]);
});

test("where somebody is, is said by whoever has a token for them, stands at the person, and is refused with the field that is wrong", async () => {
  const { ask } = setUp();
  const path = "/people/person-a/presence";
  const none = await ask("GET", path, "tok-patient");
  expect(none.body).toEqual({
    person: "person-a",
    presence: { state: "home", by: null, since: null, until: null, seen_again_at: null, overdue: false },
  });
  const said = await ask("PUT", path, "tok-bed", { state: "away", until: "1700003600", by: "ignored" });
  expect(said).toMatchObject({ status: 200, body: { already: false, presence: { state: "away", by: "Bed flow", overdue: false } } });
  expect(said.body.presence.until).toBe(new Date(1_700_003_600_000).toISOString());
  expect(Value.Check(schemas.Presence, said.body.presence)).toBe(true);
  expect((await ask("PUT", path, "tok-caregiver", { state: "away" })).body.already).toBe(true);
  const [person] = (await ask("GET", "/people", "tok-caregiver")).body.people;
  expect(person.presence).toEqual(said.body.presence);
  const refused = async (body: object, of = path, as = "tok-caregiver") => {
    const { status, body: problem } = await ask("PUT", of, as, body);
    return [status, problem.code, problem.field];
  };
  expect(await refused({ state: "abroad" })).toEqual([400, "http.bad_field", "state"]);
  expect(await refused({})).toEqual([400, "http.bad_field", "state"]);
  for (const until of ["soon", "03.12.2023", "12/03/2023", "2023-02-31", "1e9", "-5"])
    expect([until, ...(await refused({ state: "away", until }))]).toEqual([until, 400, "http.bad_field", "until"]);
  expect(await refused({ state: "away", until: "1600000000" })).toEqual([400, "presence.bad_until", "until"]);
  expect(await refused({ state: "away", until: "1700090000" }, path, "tok-integrator")).toEqual([400, "presence.bad_until", "until"]);
  expect(await refused({ state: "away" }, "/people/nobody/presence")).toEqual([404, "registry.unknown", undefined]);
});
