/** Writes a commented hearth.yaml from the schema, so that the sample can't say anything that the gateway would refuse. */

import type { TSchema } from "typebox";
import { stringify } from "yaml";
import { acceptedBy, type Config, ConfigSchema } from "./schema.ts";

type Given = Partial<Pick<Config, "gateway" | "people" | "devices" | "channels">>;

const examples: Readonly<Record<string, string>> = {
  people: "- id: person-a\n  name: Person A\n  profile: {}",
  devices:
    "- id: chest-strap\n  title: Chest strap\n  driver: hearth-stream\n  link: { kind: mqtt }\n  wornBy: person-a\n  placement: chest",
  hosts: "- hearth.example.org",
  plainTextHosts: "- nas.lan",
  channels: "- kind: webhook\n  name: my-server\n  url: https://example.org/hearth\n  token: !secret my-server",
};

/** The whole file with each key's description; `given` fills the lists that belong to this home. */
export function sampleConfig(given: Given = {}): string {
  const head =
    "# Settings of this Hearth home. Every key may also come from the environment: HEARTH__PORTS__HTTP=0.\n# Hearth is not a medical device and does not replace emergency services.\n";
  return head + sectionText(ConfigSchema, given as Record<string, unknown>, 0);
}

/** `isOff`: its lines are to become comments. */
function sectionText(schema: TSchema, given: Record<string, unknown>, depth: number, isOff = false): string {
  const indent = "  ".repeat(depth);
  const { properties = {}, required = [] } = schema as { properties?: Record<string, TSchema>; required?: string[] };
  return Object.entries(properties)
    .map(([key, child]) => {
      const {
        description = "",
        type,
        default: preset,
        const: fixed,
      } = child as { description?: string; type?: string; default?: unknown; const?: unknown };
      const comment = `${depth === 0 ? "\n" : ""}${indent}# ${description}${type === "object" || type === "array" || fixed !== undefined ? "" : ` – ${acceptedBy(child)}`}\n`;
      const value = given[key];
      if (type === "array") {
        const [example = examples[key] ?? ""] = (child as { examples?: string[] }).examples ?? [];
        return comment + listText(key, value as unknown[] | undefined, example).replaceAll(/^(?=.)/gm, indent);
      }
      if (type === "object") {
        // One that may be left out as a whole is off until its lines are no comments any more.
        const isNowOff = !isOff && value === undefined && preset === undefined && !required.includes(key);
        const section = `${indent}${key}:\n${sectionText(child, (value ?? {}) as Record<string, unknown>, depth + 1, isOff || isNowOff)}`;
        return comment + (isNowOff ? section.replaceAll(/^(?=.)/gm, "# ") : section);
      }
      const shown = value ?? fixed ?? preset;
      if (shown === undefined) return `${comment}${indent}${required.includes(key) ? "" : "# "}${key}:\n`;
      return `${comment}${indent}${key}: ${stringify(shown).trim()}\n`;
    })
    .join("");
}

function listText(key: string, given: unknown[] | undefined, shown: string): string {
  if (given !== undefined && given.length > 0) return `${key}:\n${stringify(given).replaceAll(/^(?=.)/gm, "  ")}`;
  const example = shown.replaceAll(/^/gm, "#   ");
  return `${key}: []\n# for example:\n# ${key}:\n${example}\n`;
}
