/** Whatever another program sends to the doors that are made for programs: a clear answer at the place where it looks, and nothing else of the home changes. */

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { maxNameLength } from "../../device-drivers/contract/name.ts";
import { openAccess } from "../../gateway/access/access.ts";
import { createApp } from "../../gateway/api/http.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { device, openOwnHome } from "../hearth-stream/own-home.ts";

let home: Awaited<ReturnType<typeof openOwnHome>>;
let app: ReturnType<typeof createApp>;
const failures: string[] = [];

const tokens = [
  { role: "integrator", token: "the-integrators" },
  { role: "integrator", token: "bound-to-another", persons: ["person-z"] },
  { role: "caregiver", token: "the-caregivers" },
] as const;

beforeAll(async () => {
  home = await openOwnHome();
  const access = openAccess({ clock: systemClock(), given: tokens });
  const log = createLog({ level: "error", write: (line) => void failures.push(line) });
  app = createApp({ view: home.gateway.view, access, log, host: "127.0.0.1", alertText: () => ({ title: "", body: "" }) });
}, 30_000);
afterAll(() => home.close());

async function ask(method: string, path: string, body?: string, token = "the-integrators") {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await app.request(`/api/v1/${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  const { code, field } = (await answer.json()) as { code?: string; field?: string };
  return { status: answer.status, code, field };
}

const at = (person: string, what: string) => `people/${encodeURIComponent(person)}/${what}`;
const rule = (name: string) => at("person-a", `conditions/${encodeURIComponent(name)}`);
const title = '"title":"Bed empty"';
const long = (length: number) => JSON.stringify("x".repeat(length));
/** Text that turns others round, that ends lines, that a terminal obeys, and that is not there at all. */
const oddTexts = ["", " ", "a\nb", "a\u0000b", "\u001b[2J", "\u202egnp.", "\ud800"].map((text) => JSON.stringify(text));

const conditions: readonly (readonly [path: string, body: string])[] = [
  ...[
    "flow.",
    "flow..",
    "flow.-",
    "flow.A",
    "FLOW.a",
    "flow.a/b",
    "flow.a/../../b",
    "flow.a\u0000",
    "flow.ä",
    "flow.+",
    "flow.#",
    "flow.a ",
  ]
    .concat(["rhythm.vt", "manual.help", "data.missing", "flow", `flow.${"a".repeat(49)}`])
    .map((name) => [rule(name), `{${title}}`] as const),
  ...["nobody", "__proto__", "constructor", "..", "person-a/x", "\u0000", "PERSON-A", "person-z"].map(
    (person) => [at(person, "conditions/flow.bed"), `{${title}}`] as const,
  ),
  ...["1e999", "-1e999", "NaN", '"5"', "null", "[]", "{}", "true", "0x10"].flatMap((value) => [
    [rule("flow.bed"), `{${title},"value":${value}}`] as const,
    [rule("flow.bed"), `{${title},"limit":${value}}`] as const,
    [rule("flow.bed"), `{${title},"lease_s":${value}}`] as const,
  ]),
  ...["9", "86401", "60.5", "-60", "1e300"].map((lease) => [rule("flow.bed"), `{${title},"lease_s":${lease}}`] as const),
  ...['"critical"', '"high"', '"HIGH"', "1", "null"].map((priority) => [rule("flow.bed"), `{${title},"priority":${priority}}`] as const),
  ...[...oddTexts, long(maxNameLength + 1), long(1 << 20), "5", "null", "[]"].map(
    (text) => [rule("flow.bed"), `{"title":${text}}`] as const,
  ),
  ...[...oddTexts.filter((text) => text !== '" "'), long(401), "5"].map((text) => [rule("flow.bed"), `{${title},"text":${text}}`] as const),
  ...[long(17), '"\\n"', "5"].map((unit) => [rule("flow.bed"), `{${title},"unit":${unit}}`] as const),
  ...["", "{}", "[]", '"on"', "{", `{${title},"alert":"a1"}`, `{${title},"__proto__":{}}`, "[".repeat(60_000), long(10 << 20)].map(
    (body) => [rule("flow.bed"), body] as const,
  ),
];

test.each(conditions.map(([path, body]) => [path, body.slice(0, 60), body]))("PUT %s %s raises nothing", async (path, _shown, body) => {
  const { status, code } = await ask("PUT", path, body);
  expect([status >= 400 && status < 500, typeof code]).toEqual([true, "string"]);
  expect(home.gateway.view.outside.list()).toEqual([]);
});
afterEach(async () => {
  for (const { person, rule: of } of home.gateway.view.outside.list()) await ask("DELETE", at(person, `conditions/${of}`), "{}");
});

test("nobody raises, ends or sees what concerns somebody whom their token does not see, and a carer raises nothing", async () => {
  for (const method of ["PUT", "DELETE"]) {
    const body = method === "PUT" ? `{${title}}` : "{}";
    for (const person of ["person-a", "gateway"])
      expect([person, method, (await ask(method, at(person, "conditions/flow.bed"), body, "bound-to-another")).status]).toEqual([
        ...[person, method, 404],
      ]);
    expect((await ask(method, rule("flow.bed"), body, "the-caregivers")).code).toBe("http.forbidden");
  }
  const bodies = { GET: undefined, POST: "{}", DELETE: "{}", PUT: '{"state":"away"}' };
  for (const [method, what] of [
    ["GET", "help"],
    ["POST", "help"],
    ["DELETE", "help"],
    ["GET", "presence"],
    ["PUT", "presence"],
  ] as const)
    expect((await ask(method, at("person-a", what), bodies[method], "bound-to-another")).status).toBe(404);
});

test("where somebody is takes known words and times that are one, and stays as it was for all else", async () => {
  const untils = ['"soon"', '"03.12.2026"', '"2026-02-31"', '"1e9"', '"-1"', '"NaN"', '"99999999999999999999"', "5", "null", long(100)];
  const bodies = untils.map((until) => `{"state":"away","until":${until}}`);
  for (const body of [
    ...bodies,
    "{}",
    '{"state":"out"}',
    '{"state":"AWAY"}',
    '{"state":["away"]}',
    '{"state":"home","until":"2030-01-01"}',
  ])
    expect([body, (await ask("PUT", at("person-a", "presence"), body)).status]).toEqual([body, 400]);
  for (const person of ["nobody", "gateway", "__proto__"])
    expect([person, (await ask("PUT", at(person, "presence"), '{"state":"away"}')).status]).toEqual([person, 404]);
  expect(home.gateway.view.presence.of("person-a").state).toBe("home");
});

test("a call for help of nobody, or in a name that is none, calls for nobody", async () => {
  for (const by of [...oddTexts.filter((text) => text !== '" "'), long(maxNameLength + 1), "5"])
    expect([by, (await ask("POST", at("person-a", "help"), `{"by":${by}}`)).status]).toEqual([by, 400]);
  for (const person of ["nobody", "gateway", "__proto__"])
    expect([person, (await ask("POST", at(person, "help"), "{}")).status]).toEqual([person, 404]);
  expect(home.gateway.view.help.state("person-a").state).toBe("none");
});

test("samples for odd names of devices and streams reach no journal", async () => {
  const body = '{"rateHz":1,"unit":"Cel","x":[36.6]}';
  const before = home.gateway.view.devices()[0]?.counters.frames;
  for (const stream of ["+", "#", "ecg/../x", "Ecg", "cmd", "status", "a".repeat(33), "ä", "\u0000", "$SYS", " "]) {
    const { status } = await ask("POST", `streams/${device}/${encodeURIComponent(stream)}`, body);
    expect([stream, status]).toEqual([stream, 400]);
  }
  for (const name of ["+", "#", "other", "__proto__", "..", "gateway", "status", "person"])
    expect([name, (await ask("POST", `streams/${encodeURIComponent(name)}/ecg`, body)).status]).toEqual([name, 404]);
  for (const numbers of ["1e999", '"1"', "null,{}", "[1]"])
    expect([numbers, (await ask("POST", `streams/${device}/temp`, body.replace("36.6", numbers))).status]).toEqual([numbers, 400]);
  expect(home.gateway.view.devices()[0]?.counters.frames).toBe(before);
});

test.each([
  "",
  "0",
  "0.0.0",
  "a.b.c",
  "../../etc/passwd",
  "1".repeat(8000),
  `${"f".repeat(16)}.1.zzzz.1`,
  "ffffffff.999999999999999.x.999999999999999",
])("a Last-Event-ID that is none of this home's (%#) is answered with reset", async (lastId) => {
  const headers = { authorization: "Bearer the-integrators", "last-event-id": lastId };
  const answer = await app.request("/api/v1/live?events=alert", { headers });
  expect(answer.status).toBe(200);
  const reader = answer.body!.getReader();
  let text = "";
  while (!/event: (reset|ping)/.test(text)) text += new TextDecoder().decode((await reader.read()).value);
  expect(text).toContain("event: reset");
  await reader.cancel();
});

test("of all of it nothing was a fault of the gateway, and no alert has come of it", async () => {
  expect(failures).toEqual([]);
  const { alerts } = await home.gateway.view.alerts({ limit: 500 });
  expect(alerts.filter(({ rule: of }) => of.startsWith("flow.") || of === "manual.help")).toEqual([]);
});
