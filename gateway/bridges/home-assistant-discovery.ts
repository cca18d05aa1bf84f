/** Things as Home Assistant's MQTT integration reads them: device discovery (one retained message a device) and the topics of its states. Pure. */

import type { Thing } from "./home-assistant-things.ts";
import type { WantedTopic } from "./retained-topics.ts";

interface Places {
  readonly site: string;
  /** `discovery_prefix` of Home Assistant's MQTT integration. */
  readonly prefix: string;
  readonly version: string;
  /** Numbers are not sent more often. */
  readonly everyS: number;
}

export const online = "online";
export const offline = "offline";

/** All state topics begin like this. */
function baseTopic(site: string): string {
  return `hearth/home-assistant/${site}`;
}

/** Tells whether the gateway is there; its last will. */
export function statusTopic(site: string): string {
  return `${baseTopic(site)}/status`;
}

export function entityTopic(site: string, object: string, key: string): string {
  return `${baseTopic(site)}/${object}/${key}`;
}

/** Where a button's press arrives; `+` stands for every object or key. */
export function commandTopic(site: string, object: string, key: string): string {
  return `${entityTopic(site, object, key)}/set`;
}

/**
 * Every retained topic of these things, each thing's description before its states. `everHad` are the components that a thing was described with before: one
 * that it has no more is named by its platform alone, which removes it.
 */
export function topicsOf(
  things: readonly Thing[],
  places: Places,
  everHad: (object: string) => Readonly<Record<string, string>>,
): Map<string, WantedTopic> {
  const { site, prefix, everyS } = places;
  const topics = new Map<string, WantedTopic>();
  for (const thing of things) {
    const { object, entities, isReached } = thing;
    topics.set(`${prefix}/device/${uniqueId(site, object)}/config`, {
      payload: JSON.stringify(description(thing, places, everHad(object))),
    });
    if (isReached !== undefined) topics.set(entityTopic(site, object, "reached"), { payload: isReached ? online : offline });
    for (const { key, state, expiresAfterS } of entities) {
      if (state === undefined) continue;
      const isKept = expiresAfterS !== undefined && state.isFresh === true;
      topics.set(entityTopic(site, object, key), {
        payload: state.payload,
        ...(state.isNumber === true ? { everyMs: everyS * 1000 } : {}),
        ...(isKept ? { againMs: (expiryS(expiresAfterS, everyS) * 1000) / 3 } : {}),
      });
    }
  }
  topics.set(statusTopic(site), { payload: online });
  return topics;
}

/** By platform, each component that the thing is described with now. */
export function componentsOf({ entities }: Thing): Record<string, string> {
  return Object.fromEntries(entities.map(({ key, platform }) => [key, platform]));
}

function description(thing: Thing, { site, version, everyS }: Places, everHad: Readonly<Record<string, string>>): object {
  const { object, name, model, entities } = thing;
  const gateway = `hearth_${site}`;
  const available = {
    nothing: [],
    gateway: [{ topic: statusTopic(site) }],
    wearable: [{ topic: statusTopic(site) }, { topic: entityTopic(site, object, "reached") }],
  };
  const components = entities.map(({ key, platform, config, needs, expiresAfterS }) => {
    const topic = entityTopic(site, object, key);
    return [
      key,
      {
        ...{ platform, unique_id: `${uniqueId(site, object)}_${key}`, ...config },
        ...(platform === "button" ? {} : { state_topic: key === "online" ? statusTopic(site) : topic }),
        ...(platform === "button" || platform === "select" ? { command_topic: commandTopic(site, object, key) } : {}),
        ...(expiresAfterS === undefined ? {} : { expire_after: expiryS(expiresAfterS, everyS) }),
        ...(needs === "nothing" ? {} : { availability: available[needs], availability_mode: "all" }),
      },
    ] as const;
  });
  const gone = Object.entries(everHad).filter(([key]) => !entities.some((entity) => entity.key === key));
  return {
    device: {
      ...{ identifiers: [uniqueId(site, object)], name, manufacturer: "Hearth", model },
      ...(uniqueId(site, object) === gateway ? { sw_version: version } : { via_device: gateway }),
    },
    origin: { name: "Hearth", sw_version: version },
    qos: 1,
    components: { ...Object.fromEntries(gone.map(([key, platform]) => [key, { platform }])), ...Object.fromEntries(components) },
  };
}

function uniqueId(site: string, object: string): string {
  return object === "gateway" ? `hearth_${site}` : `hearth_${site}_${object}`;
}

/** Long enough for three messages, however seldom they are sent. */
function expiryS(limitS: number, everyS: number): number {
  return Math.ceil(Math.max(limitS, 3 * everyS));
}
