/** `hearth consent`: what of a person leaves the house, and the change of it. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { consentToWire } from "../api/consent-wire.ts";
import type { PersonWire } from "../api/wire.ts";
import { askGateway } from "./running-gateway.ts";
import { type Json, say } from "./say.ts";

interface ConsentOptions extends Json {
  readonly alerts?: string;
  readonly strips?: string;
  readonly stream: readonly string[];
  readonly by?: string;
}

type Consent = ReturnType<typeof consentToWire>;

/** Without a change: shows it. Throws `use.consent` (operator). */
export async function consent(person: string | undefined, { alerts, strips, stream, by, ...options }: ConsentOptions): Promise<void> {
  const change = {
    ...(alerts === undefined ? {} : { alerts: isOn("alerts", alerts) }),
    ...(strips === undefined ? {} : { strips: isOn("strips", strips) }),
    ...(stream.length === 0 ? {} : { streams: Object.fromEntries(stream.map(modeOf)) }),
  };
  const isChange = Object.keys(change).length > 0;
  if (person === undefined) {
    if (isChange) throw wrongUse("Say of whom: hearth consent PERSON …");
    const { people } = (await askGateway("people")) as { people: readonly PersonWire[] };
    const all = await Promise.all(people.map(({ id }) => read(id)));
    return say(options, { consents: all }, all.length === 0 ? "Nobody is set up yet: hearth people add NAME" : shown(all));
  }
  const body = { ...change, ...(by === undefined ? {} : { by }) };
  const answer = isChange ? ((await askGateway(at(person), { method: "PUT", body })) as Consent) : await read(person);
  say(options, answer, isChange ? `In force from now on.\n\n${shown([answer])}` : shown([answer]));
}

const at = (person: string) => `people/${encodeURIComponent(person)}/consent`;
const read = async (person: string) => (await askGateway(at(person))) as Consent;

function shown(consents: readonly Consent[]): string {
  return consents.map(linesOf).join("\n\n");
}

function linesOf({ person, alerts, strips, streams, in_force, waiting, held_by, today_bytes, since, by }: Consent): string {
  const held = held_by === null ? "" : ` (held back: ${held_by})`;
  return [
    person,
    `  allowed   ${modesText(streams)}; alerts ${alerts ? "yes" : "no"}, strips round them ${strips ? "yes" : "no"}`,
    `  goes now  ${modesText(in_force)}${held}`,
    ...(Object.keys(waiting).length === 0 ? [] : [`  asked for ${modesText(waiting)}: the twin waits for somebody to allow it`]),
    `  today     ${Math.ceil(today_bytes / 1000)} kB`,
    `  since     ${since}, ${by}`,
  ].join("\n");
}

function modesText(modes: Readonly<Record<string, string>>): string {
  return Object.entries(modes)
    .map(([stream, mode]) => `${stream}=${mode}`)
    .join(", ");
}

function isOn(name: string, text: string): boolean {
  if (text !== "on" && text !== "off") throw wrongUse(`--${name} is on or off, not "${text}".`);
  return text === "on";
}

function modeOf(text: string): [stream: string, mode: string] {
  const [stream = "", mode = ""] = text.split("=");
  if (stream === "" || mode === "")
    throw wrongUse(`"${text}" is no mode of a stream: write NAME=none, event, semantic or raw; * is every other stream.`);
  return [stream, mode];
}

function wrongUse(says: string): GatewayError {
  return new GatewayError("use.consent", "operator", says);
}
