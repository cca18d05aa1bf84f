/** A Setup without a house: people and devices are entries of two maps. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Setup } from "../../gateway/setup/setup-port.ts";

interface FakeSetupParts {
  /** Names by id. */
  readonly people: Map<string, string>;
  /** Titles of what was added, by id. */
  readonly devices: Map<string, string>;
  readonly wear: (device: string, person: string | undefined, placement: string) => Promise<void>;
}

export function createFakeSetup({ people, devices, wear }: FakeSetupParts): Setup {
  const account = (user: string) => ({
    url: "mqtt://127.0.0.1:1883",
    user,
    password: "shown-once",
    topic: `hearth/v1/demo/${user}/<stream>/raw`,
  });
  const known = (id: string) => {
    if (!devices.has(id)) throw new GatewayError("registry.unknown", "operator", `There is no device "${id}" in this home.`);
  };
  return {
    async addPerson({ id = "person-c", name }) {
      people.set(id, name);
      return { id, name };
    },
    async renamePerson(id, name) {
      if (!people.has(id)) throw new GatewayError("registry.unknown", "operator", `There is no person "${id}" in this home.`);
      people.set(id, name);
    },
    async addDevice({ title, id = title.toLowerCase().replaceAll(/\W+/g, "-"), person, placement }) {
      if (devices.has(id)) throw new GatewayError("setup.conflict", "operator", `"${id}" is the name of a device already; choose another.`);
      devices.set(id, title);
      if (person !== undefined) await wear(id, person, placement ?? "unstated");
      return { id, account: account(id) };
    },
    async renameDevice(id, title) {
      known(id);
      devices.set(id, title);
    },
    async removeDevice(id) {
      known(id);
      devices.delete(id);
    },
    async newPassword(id) {
      known(id);
      return account(id);
    },
    wear: (device, person, placement) => wear(device, person, placement),
  };
}
