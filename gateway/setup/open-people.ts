/** Who lives here, what they wear, and the drivers of it, as a start finds them: the store's, with what hearth.yaml says otherwise than at the last start. */

import { randomBytes } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Kinds } from "../config/kinds.ts";
import type { Config, DeviceConfig } from "../config/schema.ts";
import { type Consents, createConsents } from "../consent/consents.ts";
import { openPseudonyms, type Pseudonyms } from "../consent/pseudonyms.ts";
import type { DatedLearnAct } from "../facts/learning.ts";
import type { MountingOf } from "../facts/mount.ts";
import { type DriverOf, type Drivers, openDrivers } from "../ingest/load-drivers.ts";
import { type Calibrations, createCalibrations } from "../people/calibrations.ts";
import { createLimitsHistory, type LimitsHistory } from "../people/dated-limits.ts";
import { createLearnHistory, type LearnHistory } from "../people/learn-history.ts";
import { profileOf } from "../people/profile.ts";
import { gatewayPerson, openRegistry, type Registry } from "../people/registry.ts";
import { readSeed } from "../people/seed.ts";
import type { RuleProfile } from "../rules/rule.ts";
import type { Log } from "../runtime/log.ts";
import type { Store } from "../store/store-port.ts";
import { type Calibrator, createCalibrator } from "./calibrate.ts";
import { keptDevices } from "./kept-devices.ts";

export interface People {
  readonly registry: Registry;
  readonly limits: LimitsHistory;
  readonly learning: LearnHistory;
  readonly calibrations: Calibrations;
  readonly calibrator: Calibrator;
  /** What each lets leave the house. */
  readonly consents: Consents;
  /** Names under which the twin knows them. */
  readonly pseudonyms: Pseudonyms;
  /** What the person's rules go by, what changes of it are dated, and what people have said is usual. */
  readonly limitsOf: (person: string) => {
    readonly profile: RuleProfile;
    readonly limits: () => ReturnType<LimitsHistory["of"]>;
    readonly learnActs: () => readonly DatedLearnAct[];
    readonly mountingOf: MountingOf;
  };
  readonly drivers: Drivers;
  readonly driverOf: DriverOf;
  /** With their links, wherever those stand. */
  readonly devices: readonly Pick<DeviceConfig, "id" | "link">[];
}

interface PeopleParts {
  readonly config: Pick<Config, "people" | "devices" | "alerts">;
  readonly kinds: Kinds;
  readonly log: Log;
  readonly clock: Pick<Clock, "after">;
  readonly store: Store;
  readonly startedUs: number;
  readonly nowUs: () => number;
}

export async function openPeople({ config, kinds, log, clock, store, startedUs, nowUs }: PeopleParts): Promise<People> {
  const registry = await openRegistry(store);
  // A start of an older Hearth has left what hearth.yaml said; of a home that is new nobody has been told yet.
  const toldPlain = (await readSeed(store)) === undefined ? [] : registry.people().map(({ id }) => id);
  const pseudonyms = await openPseudonyms({ store, nowUs, randomBytes, toldPlain, house: gatewayPerson });
  const declared = config.devices.map((device) => ({ ...device, title: device.title ?? device.id, link: device.link.kind }));
  for (const { id, isDone, says } of await registry.declare(config.people, declared, startedUs))
    log[isDone ? "info" : "warn"]({ id }, says);
  await registry.wornBy(startedUs);
  const limits = createLimitsHistory(store, nowUs);
  const learning = createLearnHistory(store, nowUs);
  const calibrations = createCalibrations(store, nowUs);
  const calibrator = createCalibrator({ clock, nowUs, registry, calibrations });
  const consents = createConsents(store, nowUs, gatewayPerson);
  for (const person of registry.people()) {
    await limits.declare(person.id, profileOf(person, config.alerts.limits), startedUs);
    await learning.open(person.id);
    await calibrations.open(person.id);
    await consents.declare(person.id, "the home's first start");
  }
  const limitsOf = (person: string) => {
    const profile = profileOf(registry.person(person), config.alerts.limits);
    const mountingOf: MountingOf = (...of) => calibrator.mountingOf(person, ...of);
    return { profile, limits: () => limits.of(person, profile), learnActs: () => learning.of(person), mountingOf };
  };
  const isHere = ({ id }: { readonly id: string }) => registry.devices().some((each) => each.id === id);
  const devices = [...config.devices.filter(isHere), ...(await keptDevices(store, registry.devices(), config.devices))];
  const drivers = await openDrivers(devices, kinds.drivers);
  return { registry, limits, learning, calibrations, calibrator, consents, pseudonyms, limitsOf, drivers, driverOf: drivers.of, devices };
}
