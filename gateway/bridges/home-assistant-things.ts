/** What Home Assistant is shown: the gateway, each person who agreed, and what they wear, as devices with entities. Pure; nothing here knows a topic. */

import { createHash } from "node:crypto";
import type { AlertRecord, Priority, VitalCode } from "../../device-drivers/contract/event.ts";
import { presenceStates } from "../alert/presence-port.ts";
import type { DeviceNow, HouseNow, PersonNow, StreamNow } from "./bridge.ts";

/** What leaves the house of a person, each level with all that the one before it has. */
export const shareLevels = ["alerts", "numbers", "everything"] as const;
type Share = (typeof shareLevels)[number];

interface Entity {
  readonly key: string;
  readonly platform: "binary_sensor" | "sensor" | "event" | "button" | "select";
  /** Keys of the platform, in Home Assistant's own words. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What has to be there for its state to mean anything. */
  readonly needs: "nothing" | "gateway" | "wearable";
  /** Absent for what has no state (a button, an event). */
  readonly state?: EntityState;
  /** Seconds after which a state that was not sent again is nobody's present any more. */
  readonly expiresAfterS?: number;
}

interface EntityState {
  readonly payload: string;
  /** A number that changes all the time. */
  readonly isNumber?: boolean;
  /** Measured just now: it is sent again before it expires. */
  readonly isFresh?: boolean;
}

export interface Thing {
  /** Stable over renames and restarts, without a name in it. */
  readonly object: string;
  readonly name: string;
  readonly model: string;
  /** Whether a wearable of it is there; absent for the gateway. */
  readonly isReached?: boolean;
  readonly entities: readonly Entity[];
  /** Alerts that are told of as this thing's. */
  readonly alerts: readonly AlertRecord[];
  readonly textOf: (alert: AlertRecord) => string;
  /** Whom it shows; absent for the gateway and a wearable. */
  readonly person?: string;
  /** Numbers that it has an entity for, with the device that gives them. */
  readonly gives: Readonly<Partial<Record<VitalCode, string>>>;
}

/** Whether it is told there where people are, and said from there. */
export const presenceLevels = ["no", "shown", "said"] as const;

interface Allowed {
  readonly acknowledge: boolean;
  readonly help: boolean;
  readonly presence: (typeof presenceLevels)[number];
}

interface ShownHouse {
  readonly site: string;
  readonly house: HouseNow;
  readonly open: readonly AlertRecord[];
  readonly nowUs: number;
  readonly people: readonly { readonly id: string; readonly shares: Share }[];
  /** What a press of a button there may do. */
  readonly allowed: Allowed;
  readonly title: (alert: AlertRecord) => string;
  readonly lock: (alert: AlertRecord) => string;
  /** Whether some rule could have raised an alert about this person just now. */
  readonly isWatched: (person: string) => boolean;
  /** Whether this thing was shown with such an entity before. */
  readonly had: (object: string, key: string) => boolean;
  /** The object of the device that gave this person such a number before. */
  readonly gaveBefore: (object: string, code: VitalCode) => string | undefined;
}

/** Stands for a value that is not known. */
const unknownState = "None";
/** Home Assistant's longest state. */
const maxStateLength = 255;
const freshS = 10;
/** Alerts of the house itself belong to this person (people/registry.ts). */
const houseItself = "gateway";

/** A number's entity. `unit` is what the house measures in (UCUM); a number in another one is shown as unknown, never converted. */
const numbers: Readonly<Record<VitalCode, { key: string; unit: string; digits: number; config: Record<string, unknown> }>> = {
  hr: number("heart_rate", "/min", 0, { name: "Heart rate", unit_of_measurement: "bpm", icon: "mdi:heart-pulse" }),
  spo2: number("blood_oxygen", "%", 0, { name: "Blood oxygen", unit_of_measurement: "%", icon: "mdi:water-percent" }),
  temp: number("temperature", "Cel", 1, { name: "Temperature", unit_of_measurement: "°C", device_class: "temperature" }),
  resp: number("breathing_rate", "{breaths}/min", 0, { name: "Breathing rate", unit_of_measurement: "breaths/min", icon: "mdi:lungs" }),
};

function number(key: string, unit: string, digits: number, config: Record<string, unknown>) {
  return { key, unit, digits, config: { ...config, state_class: "measurement", suggested_display_precision: digits } };
}

/** The gateway first: what follows is reached through it. */
export function thingsOf(shown: ShownHouse): Thing[] {
  const { house, people } = shown;
  const shareOf = new Map(people.map(({ id, shares }) => [id, shares]));
  const wearers = lastWearers(house);
  const persons = house.people().flatMap((person) => {
    const share = shareOf.get(person.id);
    return share === undefined ? [] : [personThing(shown, person, share, wearers)];
  });
  const wearables = house.devices().filter(({ id }) => shareOf.has(wearers.get(id) ?? ""));
  const streams = house.streams();
  return [gatewayThing(shown), ...persons, ...wearables.map((device) => wearableThing(shown, device, streams))];
}

function objectOf(site: string, kind: "person" | "wearable", id: string): string {
  return createHash("sha256").update(`${site}/${kind}/${id}`).digest("hex").slice(0, 12);
}

/** Who wears each device, or wore it last. */
function lastWearers({ wearings }: HouseNow): Map<string, string> {
  return new Map(wearings().map(({ device, person }) => [device, person]));
}

function gatewayThing({ open, title, allowed }: ShownHouse): Thing {
  const alerts = open.filter(({ person }) => person === houseItself);
  const online: Entity = {
    ...{ key: "online", platform: "binary_sensor", needs: "nothing" },
    config: { name: "Online", device_class: "connectivity", entity_category: "diagnostic", payload_on: "online", payload_off: "offline" },
  };
  return {
    ...{ object: houseItself, name: "Hearth", model: "Gateway", alerts, textOf: title, gives: {} },
    entities: [online, ...alertEntities(alerts, title, allowed)],
  };
}

function personThing(shown: ShownHouse, person: PersonNow, share: Share, wearers: ReadonlyMap<string, string>): Thing {
  const { site, house, open, title, lock, allowed, isWatched, gaveBefore } = shown;
  const object = objectOf(site, "person", person.id);
  const alerts = open.filter((alert) => alert.person === person.id);
  const textOf = share === "everything" ? title : lock;
  const isReached = house.devices().some((device) => device.person === person.id && isConnected(device));
  const own = house.devices().filter(({ id }) => wearers.get(id) === person.id);
  const watched: Entity = {
    ...{ key: "watched", platform: "binary_sensor", needs: "gateway" },
    config: { name: "Watched", icon: "mdi:shield-check" },
    state: { payload: onOff(isWatched(person.id)) },
  };
  const gives: Partial<Record<VitalCode, string>> = {};
  const measured = (Object.keys(numbers) as VitalCode[]).flatMap((code) => {
    if (share === "alerts") return [];
    const giver = person.vitals.findLast((vital) => vital.code === code)?.device;
    const before = gaveBefore(object, code);
    const isOwn = own.some(({ id }) => objectOf(site, "wearable", id) === before);
    // A number that nothing of theirs has given yet has no entity; the heart rate is what most wearables are for.
    if (giver !== undefined) gives[code] = objectOf(site, "wearable", giver);
    else if (isOwn && before !== undefined) gives[code] = before;
    return code === "hr" || gives[code] !== undefined ? [numberEntity(shown, person, code)] : [];
  });
  return {
    ...{ object, name: person.name, model: "Person", isReached, alerts, textOf, gives },
    person: person.id,
    entities: [
      ...alertEntities(alerts, textOf, allowed),
      ...(allowed.help ? [helpButton] : []),
      ...presenceEntities(person, allowed),
      ...[watched, ...measured],
    ],
  };
}

/** One to choose from has a key of its own: under one key Home Assistant keeps one platform. */
function presenceEntities({ presence: { state } }: PersonNow, { presence }: Allowed): Entity[] {
  const shown = { name: "Presence", icon: "mdi:home-account", options: presenceStates };
  const entity = { needs: "gateway", state: { payload: state } } as const;
  if (presence === "no") return [];
  if (presence === "said") return [{ ...entity, key: presenceChoice, platform: "select", config: shown }];
  return [{ ...entity, key: "presence", platform: "sensor", config: { ...shown, device_class: "enum" } }];
}

function numberEntity({ house, nowUs }: ShownHouse, person: PersonNow, code: VitalCode): Entity {
  const { key, unit, digits, config } = numbers[code];
  const { heartRateAgeS = Number.POSITIVE_INFINITY } = person;
  const heartRateBpm = person.heartRateSource?.quality === "poor" ? undefined : person.heartRateBpm;
  // Sensors that contradict each other leave no number of the heart rate, not even one of theirs.
  const isHidden = code === "hr" && heartRateBpm === undefined && person.heartRateDisagreement !== undefined;
  const measured = isHidden ? [] : person.vitals.filter((vital) => vital.code === code && vital.unit === unit);
  const own = measured.sort((a, b) => b.timeUs - a.timeUs)[0];
  const ownAgeS = own === undefined ? Number.POSITIVE_INFINITY : (nowUs - own.timeUs) / 1e6;
  const isOfBeats = code === "hr" && heartRateBpm !== undefined && (heartRateAgeS <= freshS || heartRateAgeS < ownAgeS);
  const devices = isOfBeats || own === undefined ? person.devices : [own.device];
  const limitS = Math.max(...[freshS, ...devices.map(house.missingAfterS)]);
  const value = isOfBeats ? heartRateBpm : own?.value;
  const ageS = isOfBeats ? heartRateAgeS : ownAgeS;
  const isFresh = isOfBeats ? ageS <= freshS : own !== undefined && nowUs <= own.freshUs;
  const isKnown = value !== undefined && (isFresh || ageS <= limitS);
  return {
    ...{ key, platform: "sensor", needs: "wearable", config, expiresAfterS: limitS },
    state: { payload: isKnown ? value.toFixed(digits) : unknownState, isNumber: true, isFresh: isFresh && isKnown },
  };
}

const qualities = ["bad", "poor", "good"] as const;

function wearableThing({ site, house, nowUs, had }: ShownHouse, device: DeviceNow, all: readonly StreamNow[]): Thing {
  const object = objectOf(site, "wearable", device.id);
  const streams = all.filter((stream) => stream.device === device.id);
  const limitS = house.missingAfterS(device.id);
  const ageS =
    (nowUs - Math.max(Number.NEGATIVE_INFINITY, ...streams.map(({ lastSampleUs = Number.NEGATIVE_INFINITY }) => lastSampleUs))) / 1e6;
  const isFresh = ageS <= Math.max(freshS, limitS / 4);
  const contact = (["on", "off"] as const).find((each) => streams.some((stream) => stream.contact === each));
  const quality = qualities.find((each) => streams.some((stream) => stream.quality === each));
  const measured = (known: string | undefined) => ({ payload: ageS <= limitS ? (known ?? unknownState) : unknownState, isFresh });
  const entities: Entity[] = [
    {
      ...{ key: "connected", platform: "binary_sensor", needs: "gateway" },
      config: { name: "Connected", device_class: "connectivity", entity_category: "diagnostic" },
      state: { payload: onOff(isConnected(device)) },
    },
    {
      ...{ key: "worn", platform: "binary_sensor", needs: "wearable", expiresAfterS: limitS },
      config: { name: "Worn", icon: "mdi:human" },
      state: measured(contact === undefined ? undefined : onOff(contact === "on")),
    },
    {
      ...{ key: "signal_quality", platform: "sensor", needs: "wearable", expiresAfterS: limitS },
      config: { name: "Signal quality", device_class: "enum", options: qualities, entity_category: "diagnostic", icon: "mdi:signal" },
      state: measured(quality),
    },
  ];
  if (device.batteryPct !== undefined || had(object, "battery"))
    entities.push({
      ...{ key: "battery", platform: "sensor", needs: "wearable" },
      config: {
        ...{ name: "Battery", device_class: "battery" },
        ...{ unit_of_measurement: "%", state_class: "measurement", entity_category: "diagnostic" },
      },
      state: { payload: device.batteryPct === undefined ? unknownState : String(device.batteryPct), isNumber: true },
    });
  return {
    ...{ object, name: device.title, model: device.driver, entities },
    ...{ isReached: isConnected(device), alerts: [], textOf: () => "", gives: {} },
  };
}

/** Presence and what hides it (view/device-views.ts): the line is there in all three. */
function isConnected({ state }: DeviceNow): boolean {
  return state === "online" || state === "lead-off" || state === "unreadable";
}

const priorities: readonly Priority[] = ["high", "medium", "low", "info"];

function alertEntities(alerts: readonly AlertRecord[], textOf: (alert: AlertRecord) => string, { acknowledge }: Allowed): Entity[] {
  const [worst] = [...alerts].sort((a, b) => priorities.indexOf(a.priority) - priorities.indexOf(b.priority) || b.raisedUs - a.raisedUs);
  const more = alerts.length > 1 ? ` (and ${alerts.length - 1} more)` : "";
  const text = worst === undefined ? "none" : `${shortened(textOf(worst), maxStateLength - more.length)}${more}`;
  const entity = (key: string, platform: Entity["platform"], config: Entity["config"], payload?: string): Entity => ({
    ...{ key, platform, config, needs: "gateway" },
    ...(payload === undefined ? {} : { state: { payload } }),
  });
  const waits = alerts.some(({ state }) => state !== "acknowledged");
  return [
    entity("alert", "binary_sensor", { name: "Alert", device_class: "problem" }, onOff(alerts.length > 0)),
    entity("alert_waits", "binary_sensor", { name: "Alert waits for somebody", icon: "mdi:account-alert" }, onOff(waits)),
    entity(
      "alert_priority",
      "sensor",
      { name: "Alert priority", device_class: "enum", options: ["none", ...priorities.toReversed()], icon: "mdi:alert" },
      worst?.priority ?? "none",
    ),
    entity("alert_text", "sensor", { name: "Alert text", icon: "mdi:message-alert" }, text),
    entity("alert_event", "event", { name: "Alert event", event_types: eventTypes, icon: "mdi:bell-alert" }),
    ...(acknowledge ? [entity("acknowledge", "button", { name: "Acknowledge", payload_press: press, icon: "mdi:account-check" })] : []),
  ];
}

/** What is sent when a button is pressed. */
export const press = "PRESS";
/** Where what is chosen of it arrives. */
export const presenceChoice = "presence_choice";
const helpButton: Entity = {
  ...{ key: "help", platform: "button", needs: "gateway" },
  config: { name: "Call for help", payload_press: press, icon: "mdi:hand-wave" },
};
export const eventTypes = ["raised", "more_urgent", "acknowledged", "waits_again", "ended"] as const;

export function isMoreUrgent(a: Priority, b: Priority): boolean {
  return priorities.indexOf(a) < priorities.indexOf(b);
}

function onOff(isOn: boolean): string {
  return isOn ? "ON" : "OFF";
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
