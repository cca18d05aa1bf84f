import { expect, test } from "vitest";
import type { Device, OwnStatus, Person } from "../../client/wire.ts";
import { createFakeGateway, openFakeHost, settled } from "../../node-red/fake-host.ts";
import { person } from "./node.ts";

const home = { state: "home", by: null, since: null, until: null, seen_again_at: null, overdue: false } as const;
const people = ["a", "b"].map(
  (id) => ({ id: `person-${id}`, name: `Person ${id}`, open_alerts: 0, quality: "good", presence: home }) as Person,
);
const strap = { id: "strap", title: "Chest strap", placement: "chest", person: "person-a", state: "online" } as Device;

test("everybody is told at the start, then who looks different; quality alone is no news", async () => {
  let devices: Device[] = [strap];
  let [first = {} as Person, second = {} as Person] = people;
  const { gateway, become } = createFakeGateway(async (_method, path) =>
    path.endsWith("people") ? { people: [first, second] } : { devices },
  );
  const node = openFakeHost(person, {}, gateway);
  become({ kind: "live", status: {} as OwnStatus });
  await settled();
  expect(node.sent.map(({ topic }) => topic)).toEqual(["person-a", "person-b"]);
  expect(node.sent[0]?.payload).toEqual({
    ...{ person: "person-a", name: "Person a", open_alerts: 0, quality: "good", presence: home },
    devices: [{ id: "strap", title: "Chest strap", placement: "chest", state: "online" }],
  });
  expect(node.line()).toEqual({ look: "good", key: "person.status.here", values: { people: 2, worn: 1 } });
  first = { ...first, quality: "bad" };
  await node.pass(5000);
  expect(node.sent).toHaveLength(2);
  devices = [{ ...strap, state: "lead-off" }];
  second = { ...second, open_alerts: 1 };
  await node.pass(5000);
  expect(node.sent.slice(2).map(({ topic }) => topic)).toEqual(["person-a", "person-b"]);
  await node.close();
  expect(node.timers()).toBe(0);
});

test("a message asks for the list, of the people that the dialog names", async () => {
  const { gateway } = createFakeGateway(async (_method, path) => (path.endsWith("people") ? { people } : { devices: [strap] }));
  const [answer] = await openFakeHost(person, { persons: "person-b" }, gateway).input({ mine: 1 });
  expect(answer).toMatchObject({ mine: 1, payload: [{ person: "person-b", devices: [] }] });
});

test.each([
  ["away", { state: "away" }],
  ["not_home", { state: "away" }],
  [
    { state: "paused", until: "2026-01-01T12:00:00Z", by: "Phone" },
    { state: "paused", until: "2026-01-01T12:00:00Z", by: "Phone" },
  ],
])("a message %j says where the dialog's one person is, and the answer is how it is then", async (payload, body) => {
  const { gateway, asked } = createFakeGateway(async (_method, path) => (path.endsWith("people") ? { people } : { devices: [strap] }));
  const [answer] = await openFakeHost(person, { persons: "person-b" }, gateway).input({ payload });
  expect(asked[0]).toEqual({ method: "PUT", path: "/api/v1/people/person-b/presence", body });
  expect(answer).toMatchObject({ payload: [{ person: "person-b", presence: home }] });
});

test("whom a message means must be clear, and what says no place asks only", async () => {
  const { gateway, asked } = createFakeGateway(async (_method, path) => (path.endsWith("people") ? { people } : { devices: [] }));
  const node = openFakeHost(person, { persons: "person-a, person-b" }, gateway);
  await expect(node.input({ payload: "away" })).rejects.toThrow(/'person' is missing/);
  await node.input({ payload: "away", person: "person-b" });
  await node.input({ payload: "garden", person: "person-b" });
  expect(asked.filter(({ method }) => method === "PUT").map(({ path }) => path)).toEqual(["/api/v1/people/person-b/presence"]);
});
