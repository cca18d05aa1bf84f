/** What a gateway reports and is wished, in words: what leaves of each person; whatever else a wish has, as it is written. Pure. */

import { listText, modeText, whatLeaves } from "../leaves-text.ts";
import { twinTexts } from "./texts.ts";

type Settings = Readonly<Record<string, unknown>>;

/** A line a person or setting; none where nothing is set. `nameOf` turns ids into what people call them. */
export function wishLines(settings: Settings, nameOf: (id: string) => string): string[] {
  const { people, decoders, ...others } = settings;
  return [
    ...Object.entries(groupOf(people) ?? {}).flatMap(([id, of]) => personLine(nameOf(id), of) ?? []),
    ...(Array.isArray(decoders) ? [twinTexts.modes.decoders(decoders.length)] : []),
    ...Object.entries(others).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
  ];
}

function personLine(name: string, of: unknown): string | undefined {
  const { alerts, strips, modes } = groupOf(of) ?? {};
  const streams = Object.fromEntries(
    Object.entries(groupOf(modes) ?? {}).filter((each): each is [string, string] => typeof each[1] === "string"),
  );
  // Of what waits, or is wished, only a part is named.
  if (typeof alerts !== "boolean" || typeof strips !== "boolean") {
    const parts = Object.entries(streams).map(([stream, mode]) => modeText(stream, mode));
    return parts.length === 0 ? undefined : `${name}: ${listText(parts)}`;
  }
  const what = whatLeaves({ alerts, strips, streams });
  return `${name}: ${what.length === 0 ? twinTexts.modes.nothingLeaves : listText(what)}`;
}

function groupOf(value: unknown): Settings | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Settings) : undefined;
}
