import { expect, test } from "vitest";
import { openRegistry } from "./registry.ts";
import type { Device, Person, Wearing } from "./store/store-port.ts";

/** What the store keeps between starts. */
function keeping() {
  const people = new Map<string, Person>();
  const devices = new Map<string, Device>();
  const wearings: Wearing[] = [];
  return {
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
