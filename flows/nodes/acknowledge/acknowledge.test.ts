import { expect, test } from "vitest";
import { alertOf } from "../../client/fake-alert.ts";
import { HearthProblem } from "../../client/problem.ts";
import { createFakeGateway, openFakeHost } from "../../node-red/fake-host.ts";
import { acknowledge } from "./node.ts";
import { verbRequest } from "./request.ts";

const taken = alertOf({ state: "acknowledged", acknowledged_by: "Person B" });

test.each([
  [{ alert: alertOf(), payload: "a mail's text" }, "/api/v1/alerts/a1/acknowledge"],
  [{ payload: alertOf() }, "/api/v1/alerts/a1/acknowledge"],
  [{ payload: "a7", verb: "snooze" }, "/api/v1/alerts/a7/snooze"],
  [{ alert: "../x" }, "/api/v1/alerts/..%2Fx/acknowledge"],
])("%# the alert of the message is found", (message, path) => expect(verbRequest({}, message).path).toBe(path));

test("the message goes before the dialog", () => {
  const settings = { verb: "close", by: "Person A", note: "seen", minutes: "" };
  expect(verbRequest(settings, { alert: "a1" })).toEqual({
    verb: "close",
    path: "/api/v1/alerts/a1/close",
    body: { by: "Person A", reason: "seen" },
  });
  expect(verbRequest(settings, { alert: "a1", verb: "snooze", by: "Person B", minutes: "30" }).body).toEqual({
    ...{ by: "Person B", reason: "seen", minutes: 30 },
  });
});

test.each([
  [{ payload: { text: "no id" } }, /'alert' is missing/],
  [{ payload: undefined }, /'alert' is missing/],
  [{ alert: "a1", verb: "delete" }, /'verb' must be one of/],
  [{ alert: "a1", note: "x".repeat(401) }, /'note' has 401 characters/],
  [{ alert: "a1", minutes: "soon" }, /'minutes' must be a number/],
])("%# a message that means no alert or nothing that can be done is refused", (message, says) =>
  expect(() => verbRequest({}, message)).toThrow(says),
);

test("the answer is the alert as it is now, and what the flow had put into the message stays", async () => {
  const { gateway, asked } = createFakeGateway(async () => ({ alert: taken, already: false }));
  const node = openFakeHost(acknowledge, { by: "Person B" }, gateway);
  const [answer] = await node.input({ payload: "a1", mine: 1 });
  expect(asked).toEqual([{ method: "POST", path: "/api/v1/alerts/a1/acknowledge", body: { by: "Person B" } }]);
  expect(answer).toEqual({ mine: 1, payload: taken, alert: taken, verb: "acknowledge", already: false, already_by: null });
  expect(node.line()?.key).toBe("acknowledge.status.done");
});

test("what somebody had done before is an answer with the name, no error", async () => {
  const { gateway } = createFakeGateway(async () => ({ alert: taken, already: true }));
  const node = openFakeHost(acknowledge, {}, gateway);
  expect(await node.input({ payload: "a1" })).toMatchObject([{ already: true, already_by: "Person B" }]);
  expect(node.line()).toEqual({ look: "idle", key: "acknowledge.status.already-by", values: { by: "Person B" } });
});

test("a refusal is said, counted and thrown, and the next message is worked on all the same", async () => {
  let isAllowed = false;
  const { gateway } = createFakeGateway(async () => {
    if (!isAllowed) throw new HearthProblem("http.forbidden", "The role integrator may not do this.", 403);
    return { alert: taken, already: false };
  });
  const node = openFakeHost(acknowledge, {}, gateway);
  await expect(node.input({ payload: "a1" })).rejects.toThrow(/integrator may not/);
  await expect(node.input({ payload: {} })).rejects.toThrow(/'alert' is missing/);
  expect(node.line()).toMatchObject({ look: "failed", key: "common.not-done", values: { refused: 2 } });
  isAllowed = true;
  expect(await node.input({ payload: "a1" })).toHaveLength(1);
  expect(node.line()?.look).toBe("good");
});

test("without a gateway it says so", async () => {
  await expect(openFakeHost(acknowledge, {}, undefined).input({ payload: "a1" })).rejects.toThrow(/Choose a gateway/);
});
