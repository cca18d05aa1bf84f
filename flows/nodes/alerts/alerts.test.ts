import { expect, test } from "vitest";
import { alertOf } from "../../client/fake-alert.ts";
import type { OwnStatus } from "../../client/wire.ts";
import { createFakeGateway, openFakeHost } from "../../node-red/fake-host.ts";
import { alertFilter } from "./filter.ts";
import { alerts } from "./node.ts";

test.each([
  [{}, true],
  [{ persons: "person-b, person-a" }, true],
  [{ persons: "person-b" }, false],
  [{ priority: "medium" }, true],
  [{ rules: "hr.high, rhythm.*" }, true],
  [{ rules: "rhythm" }, false],
  [{ rules: "rhythm.vt" }, true],
  [{ kind: "technical" }, false],
  [{ state: "open" }, true],
  [{ state: "unanswered" }, true],
  [{ state: "over" }, false],
  [{ persons: 7, rules: null, priority: {} }, true],
])("the filter %j on a high rhythm alert of person-a says %s", (settings, passes) => {
  expect(alertFilter(settings).matches(alertOf())).toBe(passes);
});

test("the states are told apart once somebody has taken it and once it is over", () => {
  const passes = (state: string, alert: Parameters<typeof alertOf>[0]) => alertFilter({ state }).matches(alertOf(alert));
  expect(passes("unanswered", { state: "acknowledged" })).toBe(false);
  expect(passes("open", { state: "acknowledged" })).toBe(true);
  expect(passes("over", { state: "resolved" })).toBe(true);
  expect(alertFilter({ priority: "medium" }).matches(alertOf({ priority: "low" }))).toBe(false);
});

test("each change is a message with the alert, why it came, and the rule as topic; the status counts", async () => {
  const { gateway, alert } = createFakeGateway();
  const node = openFakeHost(alerts, { rules: "rhythm.*" }, gateway);
  alert(alertOf({ id: "other", rule: "hr.high" }));
  expect(node.sent).toEqual([]);
  expect(node.line()).toEqual({ look: "idle", key: "alerts.status.none-pass", values: { others: 1 } });
  alert(alertOf({ id: "a" }), "open");
  alert(alertOf({ id: "b" }));
  expect(node.line()).toEqual({ look: "attention", key: "alerts.status.open", values: { open: 2, told: 2 } });
  alert(alertOf({ id: "a", state: "closed" }), "missed");
  alert(alertOf({ id: "b", state: "resolved" }));
  expect(node.line()).toEqual({ look: "good", key: "alerts.status.quiet", values: { told: 4 } });
  expect(node.sent.map(({ why }) => why)).toEqual(["open", "changed", "missed", "changed"]);
  expect(node.sent[0]).toEqual({
    topic: "rhythm.vt",
    payload: alertOf({ id: "a" }),
    alert: alertOf({ id: "a" }),
    why: "open",
    change: null,
  });
});

test("a person who does not live here is said at the node, and a closed node hears nothing more", async () => {
  const known = [{ id: "person-a" }];
  const people = async () => ({ people: known });
  const { gateway, become, alert, listeners } = createFakeGateway(people);
  const node = openFakeHost(alerts, { persons: "person-a, nobody" }, gateway);
  become({ kind: "live", status: {} as OwnStatus });
  await expect.poll(() => node.line()).toEqual({ look: "failed", key: "common.unknown-person", values: { person: "nobody" } });
  expect(node.errors).toHaveLength(1);
  alert(alertOf({ id: "other", person: "person-b" }));
  expect(node.line()?.key).toBe("common.unknown-person");
  // Somebody who has come meanwhile is seen when the line comes again.
  known.push({ id: "nobody" });
  become({ kind: "live", status: {} as OwnStatus });
  await expect.poll(() => node.line()?.key).toBe("alerts.status.none-pass");
  await node.close();
  alert(alertOf({ id: "later" }));
  expect([node.sent.length, listeners()]).toEqual([0, 0]);
});
