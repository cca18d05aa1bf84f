import { expect, test } from "vitest";
import { leftPeopleKey, withLeft } from "../runtime/left-people.ts";
import type { Device, Person, Wearing } from "../store/store-port.ts";
import { openRegistry } from "./registry.ts";

/** What the store keeps between starts. */
function keeping() {
  const people = new Map<string, Person>();
  const devices = new Map<string, Device>();
  const wearings: Wearing[] = [];
  const values = new Map<string, Uint8Array>();
  return {
    getValue: async (key: string) => values.get(key),
    putValue: async (key: string, value: Uint8Array) => void values.set(key, value),
    people: async () => [...people.values()],
    putPerson: async (person: Person) => void people.set(person.id, person),
    devices: async () => [...devices.values()],
    putDevice: async (device: Device) => void devices.set(device.id, device),
    wearings: async () => [...wearings],
    async wear(device: string, person: string | undefined, placement: string, fromUs: number) {
      const at = wearings.findIndex((each) => each.device === device && each.toUs === undefined);
      const now = wearings[at];
      if (now !== undefined) wearings[at] = { ...now, toUs: fromUs };
      if (person !== undefined) wearings.push({ device, person, placement, fromUs });
    },
  };
}

const people = [{ id: "p1", name: "Person A", profile: {} }];
const strap = { id: "strap", title: "Chest strap", driver: "hearth-stream", link: "mqtt", wornBy: "p1" };
const clip = { ...strap, id: "clip", title: "Clip" };

test("a device that is taken out of the configuration is worn by nobody, listed no more, and still known by its title", async () => {
  const store = keeping();
  await (await openRegistry(store)).declare(people, [strap, clip], 10);
  const registry = await openRegistry(store);
  await registry.declare(people, [clip], 20);
  expect(registry.devices().map(({ id }) => id)).toEqual(["clip"]);
  expect(registry.wearing("strap", 20)).toBeUndefined();
  expect(registry.wearing("strap", 15)?.person).toBe("p1");
  expect(registry.device("strap")?.title).toBe("Chest strap");
  await expect(registry.assign("strap", "p1", "chest", 21)).rejects.toMatchObject({ code: "registry.unknown" });
});

test("named again it is worn again, while what a person took off stays off", async () => {
  const store = keeping();
  const first = await openRegistry(store);
  await first.declare(people, [strap, clip], 10);
  await first.assign("clip", undefined, "", 11);
  await (await openRegistry(store)).declare(people, [clip], 20);
  const registry = await openRegistry(store);
  await registry.declare(people, [strap, clip], 30);
  expect(registry.wearing("strap", 30)).toMatchObject({ person: "p1", fromUs: 30 });
  expect(registry.wearing("clip", 30)).toBeUndefined();
});

test("who wears a device is asked for a time: from when it was put on, up to and without the moment it was taken off", async () => {
  const registry = await openRegistry(keeping());
  await registry.declare([...people, { id: "p2", name: "Person B", profile: {} }], [strap], 10);
  await registry.assign("strap", "p2", "wrist", 20);
  const at = (us: number) => registry.wearing("strap", us)?.person;
  expect([9, 10, 19, 20, 1e9].map(at)).toEqual([undefined, "p1", "p1", "p2", "p2"]);
  expect(registry.wearing("strap", 20)?.placement).toBe("wrist");
  expect(registry.wearing("strap", 10)?.placement).toBe("unstated");
});

test("what a person has changed since is left as it is, and nothing that is so already is written", async () => {
  const store = keeping();
  const first = await openRegistry(store);
  await first.declare([...people, { id: "p2", name: "Person B", profile: {} }], [strap], 10);
  await first.assign("strap", "p2", "chest", 20);
  const written: string[] = [];
  const counting = {
    ...store,
    putPerson(person: Person) {
      written.push(person.id);
      return store.putPerson(person);
    },
    putDevice(device: Device) {
      written.push(device.id);
      return store.putDevice(device);
    },
  };
  const registry = await openRegistry(counting);
  await registry.declare(people, [strap], 30);
  expect(registry.wearing("strap", 30)).toMatchObject({ person: "p2", fromUs: 20 });
  expect(written).toEqual([]);
  await registry.declare([{ ...people[0]!, name: "Person C" }], [{ ...strap, title: "New strap" }], 40);
  expect(written).toEqual(["p1", "strap"]);
  expect(registry.person("p1")?.name).toBe("Person C");
  expect(registry.device("strap")?.title).toBe("New strap");
  expect(registry.person("p2")?.name).toBe("Person B");
});

test("nobody is given a device, and no device a wearer, that this home does not know", async () => {
  const registry = await openRegistry(keeping());
  await registry.declare(people, [strap], 10);
  await expect(registry.assign("strap", "nobody", "chest", 20)).rejects.toMatchObject({ code: "registry.unknown", kind: "operator" });
  await expect(registry.assign("spare", "p1", "chest", 20)).rejects.toMatchObject({ code: "registry.unknown" });
  expect(registry.wearings()).toHaveLength(1);
});

test("a wearing that a wrong clock had dated ahead counts from now on, at once and after a restart; others stay", async () => {
  const store = keeping();
  const registry = await openRegistry(store);
  await registry.declare(people, [strap, clip], 10);
  await registry.assign("clip", "p1", "finger", 1000);
  const asking = registry.wornBy(500);
  expect(registry.wearing("clip", 500)).toMatchObject({ person: "p1", fromUs: 500, placement: "finger" });
  await asking;
  expect(registry.wearing("clip", 500)?.person).toBe("p1");
  expect(registry.wearing("strap", 500)?.fromUs).toBe(10);
  expect((await openRegistry(store)).wearing("clip", 500)).toMatchObject({ person: "p1", fromUs: 500 });
});

test("a wearer that the file names otherwise than at the last start is applied from that start on, and an unchanged one never undoes the page", async () => {
  const two = [...people, { id: "p2", name: "Person B", profile: {} }];
  const store = keeping();
  await (await openRegistry(store)).declare(two, [strap], 10);
  const registry = await openRegistry(store);
  const applied = await registry.declare(two, [{ ...strap, wornBy: "p2", placement: "chest" }], 20);
  expect(applied).toMatchObject([{ id: "strap", isDone: true }]);
  expect(registry.wearings()).toMatchObject([
    { person: "p1", fromUs: 10, toUs: 20 },
    { person: "p2", fromUs: 20, placement: "chest" },
  ]);
  await registry.assign("strap", "p1", "wrist", 30);
  const again = await openRegistry(store);
  expect(await again.declare(two, [{ ...strap, wornBy: "p2", placement: "chest" }], 40)).toEqual([]);
  expect(again.wearing("strap", 40)).toMatchObject({ person: "p1", fromUs: 30 });
  const { wornBy: _wornBy, ...unworn } = strap;
  await again.declare(two, [unworn], 50);
  expect(again.wearing("strap", 50)).toBeUndefined();
});

test("what was added on the page stays when the file says nothing of it, and what was removed there does not come back by a file that still names it", async () => {
  const store = keeping();
  const first = await openRegistry(store);
  await first.declare(people, [strap], 10);
  await first.putPerson({ id: "p9", name: "Person C", profile: {} });
  await first.putDevice({ id: "own", title: "Own", driver: "hearth-stream", link: "mqtt" });
  await first.assign("own", "p9", "wrist", 11);
  await first.removeDevice("strap", 12);
  const registry = await openRegistry(store);
  expect(await registry.declare(people, [strap], 20)).toMatchObject([{ id: "strap", isDone: false }]);
  expect(registry.devices().map(({ id }) => id)).toEqual(["own"]);
  expect(registry.wearing("own", 20)?.person).toBe("p9");
});

test("a name or profile changed on the page stays until the file says another", async () => {
  const store = keeping();
  const first = await openRegistry(store);
  await first.declare(people, [strap], 10);
  await first.putPerson({ id: "p1", name: "Person D", profile: { hrHighBpm: 130 } });
  const registry = await openRegistry(store);
  expect(await registry.declare(people, [strap], 20)).toEqual([]);
  expect(registry.person("p1")).toEqual({ id: "p1", name: "Person D", profile: { hrHighBpm: 130 } });
  await registry.declare([{ ...people[0]!, profile: { asystoleS: 6 } }], [strap], 30);
  expect(registry.person("p1")).toEqual({ id: "p1", name: "Person D", profile: { asystoleS: 6 } });
});

test("a home of an earlier Hearth keeps who wears what, and says so where its file names another", async () => {
  const store = keeping();
  await store.putPerson(people[0]!);
  await store.putPerson({ id: "p2", name: "Person B", profile: {} });
  await store.putDevice({ id: "strap", title: "Chest strap", driver: "hearth-stream", link: "mqtt" });
  await store.wear("strap", "p2", "chest", 5);
  const registry = await openRegistry(store);
  const applied = await registry.declare([...people, { id: "p2", name: "Person B", profile: {} }], [strap], 10);
  expect(applied).toMatchObject([{ id: "strap", isDone: false, says: expect.stringContaining("hearth wear") }]);
  expect(registry.wearing("strap", 10)).toMatchObject({ person: "p2", fromUs: 5 });
});

test("somebody who has left stays out, whatever hearth.yaml names, until an admin lets them in again", async () => {
  const store = keeping();
  await store.putValue(leftPeopleKey, withLeft(undefined, "p1"));
  const start = async (atUs: number) => {
    const registry = await openRegistry(store);
    return { registry, applied: await registry.declare(people, [strap], atUs) };
  };
  for (const atUs of [10, 20]) {
    const { registry, applied } = await start(atUs);
    expect(registry.people()).toEqual([]);
    expect(registry.wearing("strap", atUs)).toBeUndefined();
    expect(applied.find(({ id }) => id === "p1")).toMatchObject({ isDone: false, says: expect.stringContaining("hearth people add") });
  }
  const { registry } = await start(30);
  await registry.putPerson({ id: "p1", name: "Person A", profile: {} });
  const again = await start(40);
  expect(again.applied.filter(({ id, isDone }) => id === "p1" && !isDone)).toEqual([]);
  expect(again.registry.people().map(({ id }) => id)).toEqual(["p1"]);
});
