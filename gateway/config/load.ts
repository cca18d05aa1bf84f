/** Reads hearth.yaml and the environment into one frozen Config. An error names line, key, value and what would be accepted; nothing is replaced by a default. */

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { TSchema } from "typebox";
import Value from "typebox/value";
import { type Document, isMap, isNode, LineCounter, parse, parseDocument } from "yaml";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { isLoopback } from "../runtime/home-network.ts";
import { type Kinds, shippedKinds } from "./kinds.ts";
import { plainTextIn } from "./plain-text.ts";
import { acceptedBy, type Config, configSchema, type DeviceConfig } from "./schema.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigSource {
  /** Name of the file in messages. */
  readonly file: string;
  readonly env: Environment;
  /** Value of `!secret NAME`. */
  readonly secret?: (name: string) => string | undefined;
  /** Names of the driver registry; without it any name passes here. */
  readonly drivers?: readonly string[];
  /** Other lists than the shipped ones. */
  readonly kinds?: Kinds;
}

const prefix = "HEARTH__";

/** The process environment; nothing else reads it. */
export function environment(): Environment {
  return process.env;
}

/** The data folder: HEARTH_HOME, else ~/.hearth. Throws `home.unknown` (operator) where the system knows no home folder of this user. */
export function homeFolder(env: Environment = environment(), userFolder: () => string = homedir): string {
  const given = env.HEARTH_HOME;
  if (given !== undefined && given !== "") return given;
  try {
    return join(userFolder(), ".hearth");
  } catch (cause) {
    throw new GatewayError(
      "home.unknown",
      "operator",
      "This user has no home folder; set HEARTH_HOME to the folder where Hearth keeps its data.",
      {
        cause,
      },
    );
  }
}

/** Reads and checks a file. Throws `config.missing` or `config.invalid` (operator). */
export function loadConfig(file: string, options: Partial<Omit<ConfigSource, "file">> = {}): Config {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new GatewayError("config.missing", "operator", `${file} cannot be read; 'hearth init' makes one.`, { cause });
  }
  return parseConfig(text, { file, env: environment(), ...options });
}

/** Checks the text of a hearth.yaml with the environment laid over it. Throws `config.invalid` (operator). */
export function parseConfig(text: string, source: ConfigSource): Config {
  const schema = configSchema(source.kinds ?? shippedKinds);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, customTags: [secretTag(source)] });
  const [syntax] = document.errors;
  if (syntax !== undefined) throw invalid(source, syntax.linePos?.[0].line, `cannot be read: ${syntax.message.split("\n")[0]}`, {});
  const fromFile: unknown = document.toJS() ?? {};
  if (!isMap(document.contents) && document.contents !== null) throw invalid(source, 1, "must consist of keys and values", {});
  const { value, variables } = withEnvironment(fromFile as Record<string, unknown>, schema, source);
  const where = (path: readonly (string | number)[]) => {
    const variable = variables.get(path.join("."));
    return variable === undefined ? { line: lineOf(document, lines, path) } : { line: undefined, variable };
  };
  const complete = Value.Default(schema, value);
  const [first] = faultsOf(schema, complete, []);
  if (first !== undefined) {
    const { line, variable } = where(first.at ?? first.path);
    throw invalid({ ...source, file: variable ?? source.file }, line, first.says, { key: first.path.join(".") });
  }
  const config = complete as Config;
  checkMeaning(config, source, (path, says) => {
    const { line, variable } = where(path);
    throw invalid({ ...source, file: variable ?? source.file }, line, says, { key: path.join(".") });
  });
  return deepFreeze(config);
}

/** One device as the list of hearth.yaml would have it, with every default. Throws `config.invalid` (operator) with the key. */
export function parseDevice(given: unknown, kinds: Kinds = shippedKinds): DeviceConfig {
  const schema = configSchema(kinds).properties.devices.items;
  const complete = Value.Default(schema, structuredClone(given));
  const refuse = (field: string, says: string): never => {
    throw new GatewayError("config.invalid", "operator", says, { fields: { field } });
  };
  const [first] = faultsOf(schema, complete, []);
  if (first !== undefined) return refuse(first.path.join(".") || "body", first.says.trim());
  const device = complete as DeviceConfig;
  const drivers = Object.keys(kinds.drivers);
  if (!drivers.includes(device.driver)) refuse("driver", `driver is "${device.driver}"; accepted: ${drivers.join(", ")}`);
  const { kind, ...settings } = device.link;
  const fault = kinds.links.find((link) => link.kind === kind)?.fault?.(settings);
  if (fault !== undefined) refuse("link", `link ${fault}`);
  return device;
}

interface Fault {
  readonly path: readonly (string | number)[];
  /** Where it stands in the file, when that is not the path itself. */
  readonly at?: readonly (string | number)[];
  readonly says: string;
}

/** Faults in the file's order of keys, each with the value and what would be accepted. */
function faultsOf(schema: TSchema, value: unknown, path: readonly (string | number)[]): Fault[] {
  const {
    anyOf,
    properties,
    required = [],
    items,
  } = schema as { anyOf?: TSchema[]; properties?: Record<string, TSchema>; required?: string[]; items?: TSchema };
  if (Value.Check(schema, value)) return [];
  const key = path.join(".");
  const branch = anyOf?.find((option) =>
    Value.Check((option as { properties?: { kind?: TSchema } }).properties?.kind ?? option, (value as { kind?: unknown } | null)?.kind),
  );
  if (branch !== undefined) return faultsOf(branch, value, path);
  // Only the kind is shown: the value may hold a secret.
  if (anyOf?.some((option) => "properties" in option) && typeof value === "object" && value !== null) {
    const { kind } = value as { kind?: unknown };
    const says =
      kind === undefined ? `needs 'kind': ${acceptedBy(schema)}` : `is of kind ${JSON.stringify(kind)}; accepted: ${acceptedBy(schema)}`;
    return [{ path, says: `${key} ${says}` }];
  }
  if (properties !== undefined && typeof value === "object" && value !== null && !Array.isArray(value)) {
    const known = Object.keys(properties);
    const inside = path.length === 0 ? "the file" : key;
    const unknown = Object.keys(value).filter((name) => !known.includes(name));
    const missing = required.filter((name) => !(name in value));
    return [
      ...unknown.map((name) => ({ path: [...path, name], says: `'${name}' is not a key of ${inside}; accepted: ${known.join(", ")}` })),
      ...missing.map((name) => ({
        path: [...path, name],
        at: path,
        says: `${inside} needs '${name}': ${acceptedBy(properties[name] as TSchema)}`,
      })),
      ...known
        .filter((name) => name in value)
        .flatMap((name) => faultsOf(properties[name] as TSchema, (value as Record<string, unknown>)[name], [...path, name])),
    ];
  }
  if (items !== undefined && Array.isArray(value)) {
    const list = value as unknown[];
    const { maxItems = Number.POSITIVE_INFINITY } = schema as { maxItems?: number };
    if (list.length > maxItems) return [{ path, says: `${key} names ${list.length}; accepted: at most ${maxItems}` }];
    return list.flatMap((item, i) => faultsOf(items, item, [...path, i]));
  }
  return [{ path, says: `${key} is ${JSON.stringify(value)}; accepted: ${acceptedBy(schema)}` }];
}

/** What a schema cannot say: names that must be unique or known. */
function checkMeaning(
  config: Config,
  { drivers, kinds = shippedKinds }: ConfigSource,
  refuse: (path: readonly (string | number)[], says: string) => never,
): void {
  const people = config.people.map((person) => person.id);
  // Alerts of the gateway, the record of what nobody wears, and the channels that are always there go by these.
  const reserved = {
    people: ["gateway", "unassigned"],
    devices: ["gateway"],
    channels: kinds.channels.flatMap(({ kind, options }) => (options === undefined ? kind : [])).sort(),
  };
  const checkNames = (key: keyof typeof reserved, field: "id" | "name", names: readonly string[]) =>
    names.forEach((name, i) => {
      const path = [key, i, field];
      const says = `${path.join(".")} is "${name}"`;
      if (reserved[key].includes(name))
        refuse(path, `${says}, a word of the house itself; accepted: any other ${field} than ${reserved[key].join(", ")}`);
      if (names.indexOf(name) !== i) refuse(path, `${says}, which is taken; every ${field} must be used once`);
    });
  checkNames("people", "id", people);
  checkNames(
    "devices",
    "id",
    config.devices.map(({ id }) => id),
  );
  checkNames(
    "channels",
    "name",
    config.channels.map(({ name }) => name),
  );
  config.devices.forEach((device, i) => {
    if (device.wornBy !== undefined && !people.includes(device.wornBy)) {
      refuse(
        ["devices", i, "wornBy"],
        `devices.${i}.wornBy is "${device.wornBy}"; accepted: ${people.length === 0 ? "nobody, because people is empty" : people.join(", ")}`,
      );
    }
    if (drivers !== undefined && !drivers.includes(device.driver))
      refuse(["devices", i, "driver"], `devices.${i}.driver is "${device.driver}"; accepted: ${drivers.join(", ")}`);
    const { kind, ...settings } = device.link;
    const fault = kinds.links.find((link) => link.kind === kind)?.fault?.(settings);
    if (fault !== undefined) refuse(["devices", i, "link"], `devices.${i}.link ${fault}`);
  });
  const ports = Object.entries(config.ports);
  ports.forEach(([name, port], i) => {
    const other = ports.slice(0, i).find(([, earlier]) => port !== 0 && earlier === port);
    if (other !== undefined) refuse(["ports", name], `ports.${name} is ${port}, which ports.${other[0]} has already`);
  });
  if (config.twin.embedded === (config.twin.url !== undefined)) {
    refuse(
      ["twin"],
      config.twin.embedded
        ? "twin.url is only for a distant twin; set embedded: false"
        : "twin.embedded is false; accepted: true, or url of the distant twin's broker",
    );
  }
  const { host, certificate, key } = config.twin.reach;
  if ((certificate === undefined) !== (key === undefined))
    refuse(["twin", "reach"], "twin.reach.certificate and twin.reach.key belong together; accepted: both, or neither on loopback");
  if (certificate === undefined && !isLoopback(host))
    refuse(
      ["twin", "reach", "host"],
      `twin.reach.host is "${host}" without a certificate; accepted: one with certificate and key, or 127.0.0.1`,
    );
  if ((config.mqtt.certificate === undefined) !== (config.mqtt.key === undefined))
    refuse(["mqtt"], "mqtt.certificate and mqtt.key belong together; accepted: both, or neither for a certificate of the home's own");
  if (config.mqtt.lanWithoutTls === "none") refuse(["mqtt", "lanWithoutTls"], "mqtt.lanWithoutTls is none; leave it out for none");
  checkPlainText(config, refuse);
}

/** What must be encrypted on its way from this machine. `wornBy` and the like are names, so only the parts that speak to others are looked at. */
function checkPlainText(
  { twin, channels, bridges, network }: Config,
  refuse: (path: readonly (string | number)[], says: string) => never,
): void {
  for (const { path, host } of plainTextIn({ twin, channels, bridges }, network.plainTextHosts)) {
    const says = `${path.join(".")} would speak to "${host}" without encryption, and whoever is on the way could read it`;
    refuse(
      path,
      `${says}; accepted: an encrypted address (mqtts://, https://), this machine, or "${host}" named under network.plainTextHosts`,
    );
  }
}

/** Lays HEARTH__SECTION__KEY over the file's values; a number addresses a place in a list, and the value is read as YAML. */
function withEnvironment(
  fromFile: Record<string, unknown>,
  whole: TSchema,
  source: ConfigSource,
): { value: Record<string, unknown>; variables: Map<string, string> } {
  const value = structuredClone(fromFile);
  const variables = new Map<string, string>();
  for (const [variable, text] of Object.entries(source.env)) {
    if (!variable.startsWith(prefix) || text === undefined) continue;
    let schema: TSchema | undefined = whole;
    let target: Record<string, unknown> = value;
    const path: string[] = [];
    const names = variable.slice(prefix.length).split("__");
    names.forEach((name, i) => {
      const { properties, items } = keysOf(schema);
      const key =
        items !== undefined && /^\d+$/.test(name) ? name : Object.keys(properties ?? {}).find((known) => plain(known) === plain(name));
      if (key === undefined) {
        const accepted = Object.keys(properties ?? {}).map((known) => known.replaceAll(/[A-Z]/g, "_$&").replaceAll("-", "_").toUpperCase());
        throw invalid({ ...source, file: variable }, undefined, `names no setting; accepted here: ${accepted.join(", ")}`, {
          key: path.join("."),
        });
      }
      path.push(key);
      schema = items ?? properties?.[key];
      if (i === names.length - 1) target[key] = readValue(variable, text, source);
      else {
        const { type } = (schema ?? {}) as { type?: string };
        if (typeof target[key] !== "object" || target[key] === null) target[key] = type === "array" ? [] : {};
        target = target[key] as Record<string, unknown>;
      }
    });
    variables.set(path.join("."), variable);
  }
  return { value, variables };
}

/** Of one of several kinds: the keys of all of them. */
function keysOf(schema: TSchema | undefined): { properties?: Record<string, TSchema>; items?: TSchema } {
  const { anyOf, properties, items } = (schema ?? {}) as { anyOf?: TSchema[]; properties?: Record<string, TSchema>; items?: TSchema };
  if (anyOf !== undefined) return { properties: Object.assign({}, ...anyOf.map((branch) => keysOf(branch).properties)) };
  return { ...(properties === undefined ? {} : { properties }), ...(items === undefined ? {} : { items }) };
}

function readValue(variable: string, text: string, source: ConfigSource): unknown {
  try {
    return parse(text, { schema: "core" });
  } catch {
    throw invalid({ ...source, file: variable }, undefined, "its value cannot be read as YAML; put it in quotes", {});
  }
}

function plain(name: string): string {
  return name.replaceAll(/[_-]/g, "").toLowerCase();
}

function secretTag(source: ConfigSource) {
  return {
    tag: "!secret",
    resolve(name: string, onError: (message: string) => void): string {
      const found = source.secret?.(name);
      if (found === undefined) onError(`there is no secret named ${name}`);
      return found ?? "";
    },
  };
}

/** The line of the deepest node of the path that stands in the file. */
function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number | undefined {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const name = path[depth - 1];
    const pair = isMap(parent) ? parent.items.find((item) => isNode(item.key) && String(item.key) === String(name)) : undefined;
    const node = pair === undefined ? document.getIn(path.slice(0, depth), true) : pair.key;
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function invalid(source: ConfigSource, line: number | undefined, says: string, fields: Record<string, unknown>): GatewayError {
  const place = line === undefined ? source.file : `${source.file} line ${line}`;
  return new GatewayError("config.invalid", "operator", `${place}: ${says}`, {
    fields: { ...fields, ...(line === undefined ? {} : { line }) },
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}
