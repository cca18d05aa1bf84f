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
  const gone = (people?.items ?? []).filter((item) => isOf(item, "id"));
  if (worn.length + gone.length === 0) return text;
  for (const device of worn) for (const key of ["wornBy", "placement"]) device.delete(key);
  if (people !== undefined) {
    people.items = people.items.filter((item) => !gone.includes(item));
    if (people.items.length === 0) people.flow = true;
  }
  // Lines are not broken anew.
  return document.toString({ lineWidth: 0 });
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
  };
}

function scalarOf(map: YAMLMap, key: string): unknown {
  const value = map.get(key, true);
  return isScalar(value) ? value.value : value;
}
