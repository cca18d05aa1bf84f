/** A Setup without a house: people and devices are entries of two maps. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { DatedLearnAct } from "../../gateway/facts/learning.ts";
import type { DatedCalibration } from "../../gateway/facts/mount.ts";
import { defaultsOf } from "../../gateway/rules/described.ts";
import type { RuleProfile } from "../../gateway/rules/rule.ts";
import type { CalibrationRun } from "../../gateway/setup/calibration-port.ts";
import { applyLimits, quietedHigh, viewLimits } from "../../gateway/setup/limits.ts";
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
  const own = new Map<string, RuleProfile>();
  const everybodys = defaultsOf();
  const limitsOf = (person: string) => {
    if (!people.has(person)) throw new GatewayError("registry.unknown", "operator", `There is no person "${person}" in this home.`);
    return own.get(person) ?? {};
  };
  const acts = new Map<string, DatedLearnAct[]>();
  const calibrations = new Map<string, { run: CalibrationRun; acts: DatedCalibration[] }>();
  const fromUs = 1_700_000_002_000_000;
  return {
    learnActs: (person) => {
      limitsOf(person);
      return acts.get(person) ?? [];
    },
    async learn(person, act, by) {
      limitsOf(person);
      const before = acts.get(person) ?? [];
      const dated = { number: before.length + 1, fromUs: 1_700_000_002_000_000, by, act };
      acts.set(person, [...before, dated]);
      return dated;
    },
    calibration(person) {
      limitsOf(person);
      return { sensors: [], acts: [], ...calibrations.get(person) };
    },
    async calibrate(person, pose, without, by) {
      limitsOf(person);
      const before = calibrations.get(person)?.acts ?? [];
      const number = before.length + 1;
      const span = { startUs: fromUs, readyUs: fromUs, heldFromUs: fromUs, heldToUs: fromUs };
      const run: CalibrationRun = { person, pose, without, state: "done", faults: [], number, ...span };
      calibrations.set(person, { run, acts: [...before, { number, fromUs, by, act: { kind: "pose", pose, devices: [] }, mounts: [] }] });
      return run;
    },
    async undoCalibration(person, by) {
      limitsOf(person);
      const known = calibrations.get(person);
      if (known === undefined) throw new GatewayError("setup.conflict", "operator", "There is no calibration that could be taken back.");
      const undo: DatedCalibration = { number: known.acts.length + 1, fromUs, by, act: { kind: "undo", number: 1 }, mounts: [] };
      known.acts.push(undo);
      return undo;
    },
    limits: (person) => ({ limits: viewLimits(everybodys, limitsOf(person)), changes: [] }),
    async setLimits(person, changes, isConfirmed) {
      const after = applyLimits(limitsOf(person), changes);
      const quieted = quietedHigh({ ...everybodys, ...limitsOf(person) }, { ...everybodys, ...after });
      if (quieted.length > 0 && !isConfirmed) throw new GatewayError("limits.confirm", "operator", `Confirm: ${quieted.join(", ")}.`);
      own.set(person, after);
      return 1_700_000_002_000_000;
    },
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
