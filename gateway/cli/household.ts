/** `hearth people`, `hearth devices add …` and `hearth wear`: ask the running gateway to change who lives here and what they wear. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { PersonWire } from "../api/wire.ts";
import { tableText } from "../runtime/text-table.ts";
import type { DeviceAccount, LimitView } from "../setup/setup-port.ts";
import { askGateway } from "./running-gateway.ts";
import { type Json, say } from "./say.ts";

const path = (...parts: readonly string[]) => parts.map(encodeURIComponent).join("/");

export async function listPeople(options: Json): Promise<void> {
  const answer = await askGateway("people");
  const rows = (answer.people as readonly PersonWire[]).map(({ id, name, devices, open_alerts }) => [
    id,
    name,
    devices.length === 0 ? "nothing" : devices.join(", "),
    String(open_alerts),
  ]);
  say(
    options,
    answer,
    rows.length === 0 ? "Nobody is set up yet: hearth people add NAME" : tableText(["PERSON", "NAME", "WEARS", "OPEN ALERTS"], rows),
  );
}

export async function addPerson(name: string, { id, ...options }: Json & { id?: string }): Promise<void> {
  const answer = await askGateway("people", { method: "POST", body: { name, ...(id === undefined ? {} : { id }) } });
  const { id: made } = answer.person as { id: string };
  say(options, answer, `${name} is "${made}" here. Next: a device, hearth devices add TITLE --person ${made}`);
}

export async function renamePerson(id: string, name: string, options: Json): Promise<void> {
  say(options, await askGateway(path("people", id), { method: "PATCH", body: { name } }), `"${id}" is called ${name} now.`);
}

interface NewDevice extends Json {
  readonly id?: string;
  readonly driver?: string;
  readonly person?: string;
  readonly placement?: string;
  /** Of a serial device. */
  readonly path?: string;
  /** Of one over TCP. */
  readonly host?: string;
  readonly port?: number;
}

export async function addDevice(title: string, { json, path: serialPath, host, port, ...given }: NewDevice): Promise<void> {
  const serial = serialPath === undefined ? {} : { link: { kind: "serial", path: serialPath } };
  const link = host === undefined ? serial : { link: { kind: "tcp", host, port } };
  const answer = await askGateway("devices", { method: "POST", body: { title, ...given, ...link } });
  const { device, account } = answer as { device: string; account?: DeviceAccount };
  const worn = given.person === undefined ? `Nobody wears it yet: hearth wear ${device} PERSON` : `${given.person} wears it from now on.`;
  say({ json }, answer, [`${title} is the device "${device}".`, ...accountLines(account), worn].join("\n"));
}

function accountLines(account: DeviceAccount | undefined): string[] {
  if (account === undefined) return [];
  return [
    `  address   ${account.url}`,
    ...(account.networkUrl === undefined ? [] : [`  over Wi-Fi ${account.networkUrl}, with the file that "hearth cert show" names`]),
    `  user      ${account.user}`,
    `  password  ${account.password}   (shown only now)`,
    `  topics    ${account.topic}`,
  ];
}

export async function newPassword(id: string, options: Json): Promise<void> {
  const answer = await askGateway(path("devices", id, "password"), { method: "POST" });
  say(options, answer, ["The old password has ended.", ...accountLines(answer.account as DeviceAccount)].join("\n"));
}

export async function renameDevice(id: string, title: string, options: Json): Promise<void> {
  say(options, await askGateway(path("devices", id), { method: "PATCH", body: { title } }), `"${id}" is called ${title} now.`);
}

export async function removeDevice(id: string, options: Json): Promise<void> {
  const answer = await askGateway(path("devices", id), { method: "DELETE" });
  say(options, answer, `"${id}" is no longer a device of this home: its account has ended, and what was recorded with it stays.`);
}

export async function wear(
  device: string,
  person: string | undefined,
  { placement, since, ...options }: Json & { placement?: string; since?: string },
): Promise<void> {
  const body = { person: person ?? null, ...(placement === undefined ? {} : { placement }), ...(since === undefined ? {} : { since }) };
  const answer = await askGateway(path("devices", device, "wearing"), { method: "PUT", body });
  const when = since === undefined ? "from now on" : `since ${since}`;
  say(
    options,
    answer,
    person === undefined
      ? `Nobody wears "${device}" ${when}.`
      : `${person} wears "${device}" ${when}. What came before stays with whoever wore it then.`,
  );
}

/** Without a change: shows them. `set` are texts like hrHighBpm=140 or hrHighBpm=off. Throws `use.limit` (operator). */
export async function limits(
  person: string,
  { set, confirm, ...options }: Json & { set: readonly string[]; confirm: boolean },
): Promise<void> {
  const at = path("people", person, "limits");
  if (set.length > 0) {
    const body = { limits: Object.fromEntries(set.map(limitOf)), confirm };
    const answer = await askGateway(at, { method: "PUT", body }).catch((thrown: unknown) => {
      const { code, message } = thrown as GatewayError;
      throw code === "limits.confirm" ? new GatewayError(code, "operator", `${message} Add --confirm where it is.`) : thrown;
    });
    return say(options, answer, `In force from ${answer.from} on.`);
  }
  const answer = await askGateway(at);
  const range = ({ minimum, maximum }: LimitView) => (minimum === undefined || maximum === undefined ? "" : `${minimum}–${maximum}`);
  const rows = (answer.limits as readonly LimitView[]).map((limit) => [
    limit.name,
    limit.own === undefined ? "–" : String(limit.own),
    limit.everybodys === undefined ? "off" : String(limit.everybodys),
    range(limit),
    limit.unit ?? "",
    limit.rules.join(", "),
  ]);
  say(options, answer, tableText(["LIMIT", "OWN", "EVERYBODY'S", "RANGE", "UNIT", "RULES"], rows));
}

function limitOf(text: string): [name: string, value: number | null] {
  const [name = "", value = ""] = text.split("=");
  const number = value === "off" ? null : Number(value);
  if (value === "" || Number.isNaN(number))
    throw new GatewayError("use.limit", "operator", `"${text}" is no limit: write NAME=NUMBER, or NAME=off for everybody's.`);
  return [name, number];
}
