/** A person taken out of hearth.yaml, comments of others left as they are, and out of settings that were read before. */

import { isMap, isScalar, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import type { Config } from "../config/schema.ts";

/** The text without the person, and with devices that named them worn by nobody. The same text where nothing names them. */
export function textWithout(text: string, person: string): string {
  const document = parseDocument(text);
  const listOf = (key: string): YAMLSeq | undefined => {
    const list = document.get(key);
    return isSeq(list) ? list : undefined;
  };
  const isOf = (item: unknown, key: string) => isMap(item) && scalarOf(item, key) === person;
  const people = listOf("people");
  const worn = (listOf("devices")?.items ?? []).filter((item) => isOf(item, "wornBy")) as YAMLMap[];
  const lists = [people, ...bridgePeople(document.get("bridges"))].filter((list) => list !== undefined);
  const gone = lists.flatMap(({ items }) => items.filter((item) => isOf(item, "id")));
  if (worn.length + gone.length === 0) return text;
  for (const device of worn) for (const key of ["wornBy", "placement"]) device.delete(key);
  for (const list of lists) {
    list.items = list.items.filter((item) => !gone.includes(item));
    if (list.items.length === 0) list.flow = true;
  }
  // Lines are not broken anew.
  return document.toString({ lineWidth: 0 });
}

/** Whom each bridge may tell of. */
function bridgePeople(bridges: unknown): YAMLSeq[] {
  const settings = isMap(bridges) ? bridges.items.map(({ value }) => value) : [];
  const lists = settings.map((own) => (isMap(own) ? own.get("people") : undefined));
  return lists.filter((list) => isSeq(list));
}

/** Settings as they would be read from such a text. */
export function configWithout(config: Config, people: readonly string[]): Config {
  if (people.length === 0) return config;
  return {
    ...config,
    people: config.people.filter(({ id }) => !people.includes(id)),
    devices: config.devices.map((device) => {
      const { wornBy, placement, ...rest } = device;
      return wornBy !== undefined && people.includes(wornBy) ? (rest as typeof device) : device;
    }),
    ...(config.bridges === undefined ? {} : { bridges: bridgesWithout(config.bridges, people) }),
  };
}

function bridgesWithout(bridges: Readonly<Record<string, unknown>>, gone: readonly string[]): Readonly<Record<string, unknown>> {
  const without = (settings: unknown) => {
    const { people } = settings as { readonly people?: readonly { readonly id: string }[] };
    return people === undefined ? settings : { ...(settings as object), people: people.filter(({ id }) => !gone.includes(id)) };
  };
  return Object.fromEntries(Object.entries(bridges).map(([name, settings]) => [name, without(settings)]));
}

function scalarOf(map: YAMLMap, key: string): unknown {
  const value = map.get(key, true);
  return isScalar(value) ? value.value : value;
}
