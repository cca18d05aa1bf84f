import { expect, test } from "vitest";
import type { Device, OwnStatus, Person } from "../../client/wire.ts";
import { createFakeGateway, openFakeHost, settled } from "../../node-red/fake-host.ts";
import { person } from "./node.ts";

const people = ["a", "b"].map((id) => ({ id: `person-${id}`, name: `Person ${id}`, open_alerts: 0, quality: "good" }) as Person);
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
    ...{ person: "person-a", name: "Person a", open_alerts: 0, quality: "good" },
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
