import { expect, test } from "vitest";
import { HearthProblem } from "../../client/problem.ts";
import { createFakeGateway, openFakeHost, settled } from "../../node-red/fake-host.ts";
import { conditionRequest } from "./condition.ts";
import { raise } from "./node.ts";

const settings = { person: "person-a", rule: "flow.bed-empty", title: "Bed empty", priority: "low", by: "bed sensor" };
const path = "/api/v1/people/person-a/conditions/flow.bed-empty";

test("true begins it with what the dialog says, false ends it", () => {
  expect(conditionRequest(settings, { payload: true })).toEqual({
    method: "PUT",
    path,
    body: { title: "Bed empty", priority: "low", by: "bed sensor" },
  });
  for (const payload of [false, "off", null, undefined, { active: false }])
    expect(conditionRequest(settings, { payload })).toEqual({ method: "DELETE", path, body: { by: "bed sensor" } });
});

test("a number is a value, also 0, and a field of the payload goes before the message's, and this before the dialog's", () => {
  expect(conditionRequest(settings, { payload: 0, unit: "kg", limit: "5" })).toMatchObject({
    method: "PUT",
    body: { value: 0, unit: "kg", limit: 5 },
  });
  const { path: other, body } = conditionRequest(settings, {
    payload: { person: "person-b", title: "Door open", value: 3 },
    title: "no",
    rule: "flow.door",
    lease_s: 60,
  });
  expect([other, body]).toEqual([
    "/api/v1/people/person-b/conditions/flow.door",
    { title: "Door open", priority: "low", value: 3, lease_s: 60, by: "bed sensor" },
  ]);
});

test.each([
  [{ payload: "maybe" }, /neither on nor off/],
  [{ payload: true, rule: "rhythm.vt" }, /must begin with 'flow\.'/],
  [{ payload: true, rule: "flow.a/../../alerts" }, /must begin with 'flow\.'/],
  [{ payload: true, title: "x".repeat(81) }, /'title' has 81 characters/],
  [{ payload: { value: "much" } }, /'value' must be a number/],
])("%# a message that says nothing sensible is refused", (message, says) =>
  expect(() => conditionRequest(settings, message)).toThrow(says),
);

test("without a title or person there is nothing to say", () => {
  expect(() => conditionRequest({ ...settings, title: "" }, { payload: true })).toThrow(/'title' is missing/);
  expect(() => conditionRequest({ ...settings, person: "" }, { payload: true })).toThrow(/'person' is missing/);
});

const condition = {
  ...{ title: "Bed empty", alert: "a1" },
  ...{ said_at: "2026-01-01T00:00:00.000Z", lease_until: "2026-01-01T00:05:00.000Z" },
};
const minuteMs = 60_000;

test("it is said again before its lease is over, until the flow ends it", async () => {
  const { gateway, asked } = createFakeGateway(async (method) => ({ condition: method === "PUT" ? condition : null, already: false }));
  const node = openFakeHost(raise, settings, gateway);
  expect(await node.input({ payload: true })).toEqual([{ payload: condition, already: false }]);
  await node.pass(5 * minuteMs);
  expect(asked.map(({ method }) => method)).toEqual(["PUT", "PUT", "PUT", "PUT"]);
  await node.input({ payload: false });
  await node.pass(10 * minuteMs);
  expect(asked.map(({ method }) => method)).toEqual(["PUT", "PUT", "PUT", "PUT", "DELETE"]);
  expect(node.line()?.key).toBe("raise.status.over");
});

test("a node that is closed or told not to says it no more", async () => {
  const { gateway, asked } = createFakeGateway(async () => ({ condition, already: false }));
  const once = openFakeHost(raise, { ...settings, hold: false }, gateway);
  await once.input({ payload: true });
  expect(once.timers()).toBe(0);
  const node = openFakeHost(raise, settings, gateway);
  await node.input({ payload: true });
  await node.close();
  await node.pass(10 * minuteMs);
  expect(asked).toHaveLength(2);
});

test("while the line is away it goes on trying; a refusal is told and ends it", async () => {
  const problems = [new HearthProblem("flows.unreachable", "away"), new HearthProblem("http.not_found", "Nobody.", 404)];
  let isFirst = true;
  const { gateway, asked } = createFakeGateway(async () => {
    if (isFirst) {
      isFirst = false;
      return { condition, already: false };
    }
    throw problems.shift();
  });
  const node = openFakeHost(raise, settings, gateway);
  await node.input({ payload: true });
  await node.pass(10 * minuteMs);
  await settled();
  expect([asked.length, node.errors.length, node.timers()]).toEqual([3, 1, 0]);
});

test("it holds 32 conditions at a time, and says so to the one that is too many", async () => {
  const { gateway } = createFakeGateway(async () => ({ condition, already: false }));
  const node = openFakeHost(raise, settings, gateway);
  for (let i = 0; i < 32; i++) await node.input({ payload: true, rule: `flow.r${i}` });
  await expect(node.input({ payload: true, rule: "flow.more" })).rejects.toThrow(/holds 32 conditions/);
  await node.input({ payload: true, rule: "flow.r3" });
  await node.input({ payload: false, rule: "flow.r3" });
  await node.input({ payload: true, rule: "flow.more" });
});
