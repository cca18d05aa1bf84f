/** The palette against a real gateway, in a Node-RED of a few lines: what stands at the nodes while a home lives through its days. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFakeRed } from "../../flows/node-red/fake-red.ts";
import { palette } from "../../flows/palette.ts";
import { type FlowsAtHome, openFlowsAtHome } from "./programs.ts";

interface Sent {
  topic?: string;
  payload?: Record<string, unknown> & { id?: string; state?: string };
  why?: string;
  already?: boolean;
  already_by?: string;
}

const { red, make, posts } = createFakeRed();
palette(red);
let at: FlowsAtHome;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  at = openFlowsAtHome();
  await at.startGateway();
}, 120_000);
afterAll(async () => {
  for (const node of opened.reverse()) await node.close();
  await at.close();
}, 120_000);

const address = () => `http://127.0.0.1:${(JSON.parse(readFileSync(join(at.home, "ports.json"), "utf8")) as { http: number }).http}`;

/** A token of its own, and a configuration node with it. */
function joined(role: string, ...more: string[]) {
  const { token, id } = JSON.parse(at.hearth("token", "add", "--role", role, "--json", ...more)) as { token: string; id: string };
  const gateway = open("hearth-gateway", { id: `gateway-${role}`, address: address() }, { token });
  return { token, id, gateway: gateway.id };
}
function open(type: string, settings: Record<string, unknown>, credentials: Record<string, unknown> = {}) {
  const node = make(type, { id: `${type}-${opened.length}`, ...settings }, credentials);
  opened.push(node);
  return {
    ...{ id: node.id, node },
    sent: node.sent as Sent[],
    line: () => node.statuses.at(-1)?.text ?? "",
    /** What `done` got, and the answers that came of it. */
    async input(message: object) {
      const before = node.sent.length;
      const error = await node.input(message);
      return { error: error?.message, answers: node.sent.slice(before) as Sent[] };
    },
  };
}

let program: ReturnType<typeof joined>;
let carer: ReturnType<typeof joined>;
let alerts: ReturnType<typeof open>;

// One story of one home: each step goes on where the last one ended.
test("nodes of two tokens come to one gateway and say so", async () => {
  program = joined("integrator");
  carer = joined("admin");
  alerts = open("hearth alerts", { gateway: program.gateway, rules: "flow.*, manual.*" });
  await expect.poll(alerts.line).toMatch(/^alerts\.status\.quiet/);
});

test("the Test button says who answers and what a token may do, and what is wrong with address or token", async () => {
  const [, answer] = posts.get("/hearth-gateway/test") as [unknown, (request: object, response: object) => Promise<void>];
  const press = async (body: object) => {
    let said: object = {};
    const json = (value: object) => {
      said = value;
    };
    await answer({ body: { id: "none", address: address(), ...body } }, { json });
    return said;
  };
  expect(await press({ token: program.token })).toMatchObject({ ok: true, role: "integrator", persons: null });
  expect(await press({ token: "wrong" })).toEqual({ ok: false, code: "http.unauthorized", detail: expect.any(String) });
  expect(await press({ token: "with space" })).toMatchObject({ ok: false, code: "flows.bad_token" });
  expect(await press({})).toMatchObject({ ok: false, code: "flows.no_token" });
  expect(await press({ token: "t", address: "http://127.0.0.1:1" })).toMatchObject({ ok: false, code: "flows.unreachable" });
  expect(await press({ token: "t", caFile: "/nowhere.pem" })).toMatchObject({ ok: false, code: "flows.ca_file" });
  // The password field that was not touched means the stored token.
  expect(await press({ id: program.gateway, token: "__PWRD__" })).toMatchObject({ ok: true, role: "integrator" });
});

test("a condition of a flow becomes an alert, is acknowledged by name, and a second press is told who was first", async () => {
  const raise = open("hearth raise", {
    gateway: program.gateway,
    person: "person-a",
    rule: "flow.bed-empty",
    title: "Bed empty",
    priority: "medium",
  });
  const { error, answers } = await raise.input({ payload: true });
  expect([error, answers[0]?.already]).toEqual([undefined, false]);
  await expect.poll(() => alerts.sent.at(-1)?.topic).toBe("flow.bed-empty");
  await expect.poll(alerts.line).toMatch(/^alerts\.status\.open .*"open":1/);

  const acknowledge = open("hearth acknowledge", { gateway: carer.gateway, by: "Person B" });
  const first = await acknowledge.input({ ...alerts.sent.at(-1) });
  expect(first).toMatchObject({
    error: undefined,
    answers: [{ already: false, payload: { state: "acknowledged", acknowledged_by: "Person B" } }],
  });
  const second = await acknowledge.input({ payload: first.answers[0]?.payload?.id, by: "Person C" });
  expect(second.answers[0]).toMatchObject({ already: true, already_by: "Person B" });
  await expect.poll(() => alerts.sent.at(-1)?.payload?.state).toBe("acknowledged");

  expect(await raise.input({ payload: false })).toMatchObject({ error: undefined });
  await expect.poll(() => alerts.sent.at(-1)?.payload?.state).toBe("resolved");
});

test("what the gateway refuses stands at the node: a role, a person, a rule, an alert; 10 MB are not even sent", async () => {
  const acknowledge = open("hearth acknowledge", { gateway: program.gateway, by: "Person B" });
  expect((await acknowledge.input({ payload: "a1" })).error).toMatch(/integrator may not/);
  expect((await open("hearth acknowledge", { gateway: carer.gateway }).input({ payload: "nothing" })).error).toBeDefined();
  const raise = open("hearth raise", { gateway: program.gateway, person: "nobody", rule: "flow.x", title: "X", priority: "high" });
  expect((await raise.input({ payload: true })).error).toBeDefined();
  expect((await raise.input({ payload: true, person: "person-a" })).error).toBeDefined();
  expect((await raise.input({ payload: true, rule: "rhythm.vt" })).error).toMatch(/'flow\.'/);
  expect((await raise.input({ payload: { title: "x".repeat(10 << 20) } })).error).toMatch(/'title' has/);
  expect(raise.line()).toMatch(/^common\.not-done .*"refused":4/);
  expect(
    (await open("hearth raise", { gateway: carer.gateway, person: "person-a", rule: "flow.y", title: "Y" }).input({ payload: 5 })).error,
  ).toBeUndefined();
  const alone = open("hearth alerts", { gateway: program.gateway, persons: "person-z" });
  await expect.poll(alone.line).toMatch(/^common\.unknown-person .*person-z/);
});

test("a call for help counts down and is taken back, and nobody hears of it", async () => {
  const help = open("hearth help", { gateway: program.gateway, person: "person-a", by: "red button" });
  const before = alerts.sent.length;
  expect((await help.input({ payload: "pressed" })).answers[0]?.payload).toMatchObject({ state: "counting", by: expect.any(String) });
  expect((await help.input({ payload: "cancel" })).answers[0]?.payload).toMatchObject({ state: "none" });
  expect(help.line()).toMatch(/^help\.status\.none/);
  expect(alerts.sent.slice(before).filter(({ topic }) => topic === "manual.help")).toEqual([]);
  expect((await help.input({ payload: "maybe" })).error).toMatch(/neither call nor cancel/);
});

test("people, vitals, status and the twin answer", async () => {
  const ask = async (type: string, settings: object = {}, message: object = {}) =>
    (await open(type, { gateway: carer.gateway, ...settings }).input(message)).answers.at(-1)?.payload;
  expect(await ask("hearth person")).toMatchObject([{ person: "person-a" }]);
  expect(await ask("hearth status")).toMatchObject({ connected: true, gateway: { role: "admin" } });
  expect(await ask("hearth twin", { what: "gateways" })).toMatchObject({ gateways: [{}] });
  const vitals = open("hearth vitals", { gateway: carer.gateway });
  await expect.poll(() => vitals.sent[0]).toMatchObject({ topic: "person-a/hr", payload: null });
});

test("what is wished of the gateway goes through it: less is followed, more waits for somebody at home, the rest is ignored", async () => {
  const twin = open("hearth twin", { gateway: carer.gateway, what: "set-desired" });
  const wish = { modes: { "*": "raw" }, limits: { "rate.high": null }, mute: ["rhythm.vt"] };
  expect(await twin.input({ payload: wish })).toMatchObject({
    error: undefined,
    answers: [{ payload: { desired: { settings: { ...wish, limits: { "rate.high": null } } } } }],
  });
  interface Reported {
    readonly version: number;
    readonly ignored: readonly string[];
  }
  const read = async () =>
    (await twin.input({ what: "desired" })).answers[0]?.payload as unknown as { desired: { version: number }; reported: Reported };
  const isTaken = async () => {
    const { desired, reported } = await read();
    return reported.version === desired.version;
  };
  await expect.poll(isTaken, { timeout: 60_000 }).toBe(true);
  expect((await read()).reported).toMatchObject({
    settings: { people: { "person-a": { modes: { "*": "event" } } } },
    waiting: { people: { "person-a": { modes: { "*": "raw" } } } },
    ignored: ["limits", "mute"],
  });
  expect(await at.ask("people/person-a/consent")).toMatchObject({ in_force: { "*": "event" }, waiting: { "*": "raw" } });
  const refused = open("hearth twin", { gateway: program.gateway, what: "set-desired" });
  expect((await refused.input({ payload: {} })).error).toMatch(/integrator may not/);
});

test("over a restart of the gateway nothing is lost and nothing is told twice", async () => {
  const before = alerts.sent.map(({ payload }) => `${payload?.id} ${payload?.state}`);
  await at.stopGateway();
  await expect.poll(alerts.line).toMatch(/^common\.lost/);
  const port = Number(new URL(address()).port);
  await at.startGateway({ HEARTH__PORTS__HTTP: String(port) });
  await expect.poll(alerts.line, { timeout: 60_000 }).toMatch(/^alerts\.status/);
  await at.ask("people/person-a/conditions/flow.after", { method: "PUT", body: JSON.stringify({ title: "After", by: "test" }) });
  await expect.poll(() => alerts.sent.at(-1)?.topic).toBe("flow.after");
  const after = alerts.sent.slice(before.length).map(({ payload }) => `${payload?.id} ${payload?.state}`);
  expect(new Set(after.filter((each) => before.includes(each))).size).toBe(0);
});

test("a token that is revoked is told at its own nodes, and the others go on", async () => {
  at.hearth("revoke", program.id);
  await expect.poll(alerts.line, { timeout: 60_000 }).toMatch(/^common\.token-refused/);
  const other = open("hearth status", { gateway: carer.gateway });
  expect((await other.input({})).error).toBeUndefined();
});
