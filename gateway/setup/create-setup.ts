/** People and devices of a running house: added, renamed and taken out, one change after the other, each in the audit. */

import Value from "typebox/value";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Kinds } from "../config/kinds.ts";
import { parseDevice } from "../config/load.ts";
import type { Config, DeviceConfig } from "../config/schema.ts";
import type { Consents } from "../consent/consents.ts";
import type { Broker } from "../ingest/broker-port.ts";
import type { Credentials } from "../ingest/credentials.ts";
import { type Drivers, loadDriver } from "../ingest/load-drivers.ts";
import type { Inlets } from "../ingest/open-inlets.ts";
import type { Reach } from "../lan/reach.ts";
import type { Calibrations } from "../people/calibrations.ts";
import type { LimitsHistory } from "../people/dated-limits.ts";
import type { LearnHistory } from "../people/learn-history.ts";
import { profileOf } from "../people/profile.ts";
import { gatewayPerson, unknown } from "../people/registry.ts";
import type { RuleProfile } from "../rules/rule.ts";
import type { Store } from "../store/store-port.ts";
import type { Calibrator } from "./calibrate.ts";
import { createCalibration } from "./calibration.ts";
import { keepDevice } from "./kept-devices.ts";
import { createLearn } from "./learn.ts";
import { applyLimits, quietedHigh, viewLimits } from "./limits.ts";
import { freeName, isNameOf, nextPerson } from "./names.ts";
import { createRoom } from "./room.ts";
import type { DeviceAccount, NewDevice, Setup } from "./setup-port.ts";
import { createWear, type WearParts } from "./wear.ts";

interface SetupParts extends WearParts {
  readonly config: Pick<Config, "gateway" | "alerts">;
  readonly limits: LimitsHistory;
  readonly learning: LearnHistory;
  readonly calibrations: Calibrations;
  readonly calibrator: Calibrator;
  readonly consents: Pick<Consents, "declare">;
  readonly kinds: Kinds;
  readonly store: Pick<Store, "commit" | "putValue">;
  readonly drivers: Drivers;
  readonly inlets: Pick<Inlets, "open" | "shut">;
  readonly credentials: Credentials;
  readonly broker: Pick<Broker, "port">;
  readonly reach: () => Pick<Reach, "tls">;
}

export function createSetup(parts: SetupParts): Setup {
  const { nowUs, kinds, registry, store, credentials } = parts;
  const { limits } = parts;
  const site = parts.config.gateway.id;
  const everybodys: RuleProfile = parts.config.alerts.limits;
  const wear = createWear(parts);
  const room = createRoom(registry, nowUs);
  let turn: Promise<unknown> = Promise.resolve();
  /** Two changes at once must not both take a name that was free. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(() => {
      room.takeChange();
      return work();
    });
    turn = result.catch(() => undefined);
    return result;
  };
  const audit = (what: string, by: string, subject: string, detail: Readonly<Record<string, unknown>> = {}) =>
    store.commit({ person: gatewayPerson, audit: [{ atUs: nowUs(), what, by, subject, detail }] }, true);

  const personOf = (id: string) => registry.person(id) ?? raise(unknown("person", id));
  const deviceOf = (id: string) => registry.devices().find((each) => each.id === id) ?? raise(unknown("device", id));

  const issue = async (user: string): Promise<DeviceAccount> => {
    const password = await credentials.issue({ user, role: "device", site });
    const { tls } = parts.reach();
    const [host] = tls?.hosts ?? [];
    return {
      url: `mqtt://127.0.0.1:${parts.broker.port}`,
      ...(tls === undefined || host === undefined ? {} : { networkUrl: `mqtts://${host}:${tls.port}` }),
      ...{ user, password, topic: `hearth/v1/${site}/${user}/<stream>/raw` },
    };
  };

  const checked = async (given: NewDevice): Promise<DeviceConfig & { title: string }> => {
    const { person, placement, id: wanted, title, ...rest } = given;
    const id = wanted ?? freeName(title, (name) => registry.device(name) !== undefined);
    if (!isNameOf("device", id))
      refuse("id", `"${id}" cannot be the name of a device: a–z, 0–9 and dash, at most 32, and no word of the house itself.`);
    const device = parseDevice({ id, title, ...rest, ...(placement === undefined ? {} : { placement }) }, kinds);
    const { options } = await loadDriver(device.driver, kinds.drivers);
    const [fault] = Value.Errors(options, Value.Default(options, structuredClone(device.options)));
    if (fault !== undefined) refuse("options", `options${fault.instancePath.replaceAll("/", ".")} ${fault.message}`);
    if (registry.devices().some((each) => each.id === id)) conflict("id", `"${id}" is the name of a device already; choose another.`);
    const before = registry.device(id);
    if (before !== undefined && before.driver !== device.driver)
      conflict("id", `"${id}" was a device with the driver ${before.driver}, and its history has that name; choose another.`);
    if (person !== undefined) personOf(person);
    return { ...device, title };
  };

  return {
    limits(id) {
      const person = personOf(id);
      const changes = limits.of(id, profileOf(person, everybodys)).filter(({ fromUs }) => fromUs > 0);
      return {
        limits: viewLimits(everybodys, person.profile as RuleProfile),
        changes: changes.map(({ fromUs, by }) => ({ fromUs, by })).reverse(),
      };
    },
    setLimits: (id, changes, isConfirmed, by) =>
      inTurn(async () => {
        const person = personOf(id);
        const own = applyLimits(person.profile as RuleProfile, changes);
        const [before, after] = [profileOf(person, everybodys), profileOf({ profile: own }, everybodys)];
        const quieted = quietedHigh(before, after);
        if (quieted.length > 0 && !isConfirmed) throw unconfirmed(quieted);
        const fromUs = await limits.change(id, after, by);
        await registry.putPerson({ ...person, profile: own });
        await audit("person.limits", by, id, { changes, fromUs, confirmed: quieted });
        return fromUs;
      }),
    ...createLearn({ learning: parts.learning, personOf, audit, inTurn }),
    ...createCalibration({ ...parts, personOf, audit, inTurn }),
    addPerson: ({ id: wanted, name }, by) =>
      inTurn(async () => {
        const isTaken = (each: string) => registry.person(each) !== undefined;
        const id = wanted ?? nextPerson(isTaken);
        if (!isNameOf("person", id))
          refuse("id", `"${id}" cannot be the short name of a person: a–z, 0–9 and dash, at most 32, and no word of the house itself.`);
        room.forOneMore("people");
        if (isTaken(id)) conflict("id", `"${id}" is the short name of a person already; choose another.`);
        await registry.putPerson({ id, name, profile: {} });
        await limits.declare(id, profileOf(undefined, everybodys), nowUs());
        await parts.consents.declare(id, by);
        await audit("person.add", by, id);
        return { id, name };
      }),
    renamePerson: (id, name, by) =>
      inTurn(async () => {
        await registry.putPerson({ ...personOf(id), name });
        await audit("person.rename", by, id);
      }),
    addDevice: (given, by) =>
      inTurn(async () => {
        const device = await checked(given);
        room.forOneMore("devices");
        const { id, title, driver, link, options } = device;
        await parts.drivers.add(device);
        await keepDevice(store, id, { link, options });
        await registry.putDevice({ id, title, driver, link: link.kind });
        const isMqtt = kinds.links.find(({ kind }) => kind === link.kind)?.create === undefined;
        const account = isMqtt ? await issue(id) : undefined;
        if (given.person !== undefined) await wear(id, given.person, given.placement ?? "unstated");
        parts.inlets.open(device);
        await audit("device.add", by, id, { driver, link: link.kind, person: given.person ?? null });
        parts.publish(id);
        return { id, ...(account === undefined ? {} : { account }) };
      }),
    renameDevice: (id, title, by) =>
      inTurn(async () => {
        await registry.putDevice({ ...deviceOf(id), title });
        await audit("device.rename", by, id);
        parts.publish(id);
      }),
    removeDevice: (id, by) =>
      inTurn(async () => {
        deviceOf(id);
        await wear(id, undefined, "");
        await registry.removeDevice(id, nowUs());
        await parts.inlets.shut(id);
        await credentials.revoke(id);
        await audit("device.remove", by, id);
      }),
    newPassword: (id, by) =>
      inTurn(async () => {
        const { link } = deviceOf(id);
        if (kinds.links.find(({ kind }) => kind === link)?.create !== undefined)
          refuse("id", `"${id}" comes over ${link}: it has no account and needs no password.`);
        const account = await issue(id);
        await audit("device.password", by, id);
        return account;
      }),
    wear: (device, person, placement, by, sinceUs) =>
      inTurn(async () => {
        await wear(device, person, placement, sinceUs);
        await audit("device.wear", by, device, { person: person ?? null, placement, ...(sinceUs === undefined ? {} : { sinceUs }) });
      }),
  };
}

function raise(error: GatewayError): never {
  throw error;
}

function refuse(field: string, says: string): never {
  throw new GatewayError("setup.bad_field", "operator", says, { fields: { field } });
}

function unconfirmed(rules: readonly string[]): GatewayError {
  const says = `With this, ${rules.join(", ")} would tell later or not at all. These alerts are of the highest priority: confirm that this is meant.`;
  return new GatewayError("limits.confirm", "operator", says, { fields: { rules } });
}

function conflict(field: string, says: string): never {
  throw new GatewayError("setup.conflict", "operator", says, { fields: { field } });
}
