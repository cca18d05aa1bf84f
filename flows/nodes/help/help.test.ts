import { expect, test } from "vitest";
import { HearthProblem } from "../../client/problem.ts";
import { createFakeGateway, openFakeHost } from "../../node-red/fake-host.ts";
import { type HelpCall, helpRequest } from "./call.ts";
import { help } from "./node.ts";

const call = (state: HelpCall["state"], remaining_s: number | null = null): HelpCall => ({
  ...{ person: "person-a", state, by: "button", due_at: null, remaining_s, alert: state === "told" ? "a1" : null },
});

test("a press calls, a cancel takes back, and whatever says neither is no call", () => {
  const settings = { person: "person-a" };
  expect(helpRequest(settings, { payload: "pressed", by: "button" })).toEqual({
    method: "POST",
    person: "person-a",
    body: { by: "button" },
  });
  expect(helpRequest(settings, { payload: { action: "cancel", person: "person-b" } })).toEqual({
    method: "DELETE",
    person: "person-b",
    body: {},
  });
  for (const payload of [undefined, null, "double", {}, 7])
    expect(() => helpRequest(settings, { payload })).toThrow(/neither call nor cancel/);
  expect(() => helpRequest({}, { payload: true })).toThrow(/'person' is missing/);
});

test("the countdown is shown each second, and its end is a message of its own", async () => {
  const answers = [
    { help: call("counting", 3), already: false },
    { help: call("counting", 2) },
    { help: call("counting", 1) },
    { help: call("told") },
  ];
  const { gateway, asked } = createFakeGateway(async () => answers.shift());
  const node = openFakeHost(help, { person: "person-a" }, gateway);
  expect(await node.input({ payload: true })).toEqual([{ topic: "person-a", payload: call("counting", 3), already: false }]);
  await node.pass(10_000);
  expect(node.lines.map(({ key, values }) => [key, values?.left])).toEqual([
    ["help.status.counting", 3],
    ["help.status.counting", 2],
    ["help.status.counting", 1],
    ["help.status.told", 0],
  ]);
  expect(node.sent).toEqual([{ topic: "person-a", payload: call("told") }]);
  expect([asked.length, node.timers()]).toEqual([4, 0]);
});

test("a line that breaks in the countdown is looked over again, and a closed node looks no more", async () => {
  let looks = 0;
  const { gateway } = createFakeGateway(async (method) => {
    if (method === "POST") return { help: call("counting", 9), already: false };
    if (++looks === 1) throw new HearthProblem("flows.unreachable", "away");
    return { help: call("counting", 8) };
  });
  const node = openFakeHost(help, { person: "person-a" }, gateway);
  await node.input({ payload: true });
  await node.pass(2500);
  expect(looks).toBe(2);
  await node.close();
  await node.pass(10_000);
  expect(looks).toBe(2);
});

test("a cancel that comes too late is refused in the gateway's words", async () => {
  const { gateway } = createFakeGateway(async () => {
    throw new HearthProblem("help.told", "People know already.", 409);
  });
  const node = openFakeHost(help, { person: "person-a" }, gateway);
  await expect(node.input({ payload: "cancel" })).rejects.toThrow("People know already.");
  expect(node.line()).toMatchObject({ look: "failed", values: { why: "People know already.", refused: 1 } });
});
