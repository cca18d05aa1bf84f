/** What hearth.yaml may say: type, defaults, limits and documentation in one value. A key that is not here is refused. */

import Type, { type Static, type TProperties, type TSchema, type TSchemaOptions, type TUnsafe } from "typebox";
import { maxNameLength, namePattern, plainMeans, plainPattern } from "../../device-drivers/contract/name.ts";
import type { links } from "../../device-drivers/link/index.ts";
import type { LinkSettings } from "../../device-drivers/link/link-kind.ts";
import type { ChannelSettings } from "../alert/channels/channel.ts";
import { limitsOf } from "../rules/described.ts";
import { type Kinds, shippedKinds } from "./kinds.ts";

const strict = <P extends TProperties>(properties: P, description: string) =>
  Type.Object(properties, { additionalProperties: false, description, default: {} });
const idPattern = "^[a-z0-9][a-z0-9-]{0,31}$";
const id = (description: string) => Type.String({ pattern: idPattern, description: `${description} (a–z, 0–9 and dash, at most 32)` });
const called = (description: string) => Type.String({ minLength: 1, maxLength: maxNameLength, pattern: namePattern, description });
const port = (value: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65535, default: value, description: `${description}; 0 asks for a free one` });

const hostName = Type.String({ pattern: "^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$", description: "A name or address" });

/** A word, the name of an interface or an address. */
const where = "^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,63}$";

/** What the rule families read, those of one unit together (a name ends with its unit); those with a default are everybody's. */
const unitOf = (name: string) => /[A-Z][a-z]*$/.exec(name)?.[0] ?? "";
const limits = [...limitsOf()].sort(([a], [b]) => unitOf(a).localeCompare(unitOf(b)));
const Limits = Object.fromEntries(limits.flatMap(([name, schema]) => (schema.default === undefined ? [] : [[name, schema]])));

/** A person's own, each optional: without it everybody's stands, or the rule is off. */
const Profile = Type.Object(
  Object.fromEntries(
    limits.map(([name, { default: preset, ...schema }]) => {
      const says = preset === undefined ? {} : { description: `Instead of alerts.limits.${name}` };
      return [name, Type.Optional(Type.Number({ ...schema, ...says }))];
    }),
  ),
  { additionalProperties: false, default: {}, description: "What rules know about this person" },
);

const Person = Type.Object(
  {
    id: id("Short name in addresses and topics"),
    name: called("What people call this person"),
    profile: Profile,
  },
  { additionalProperties: false },
);

/** Each kind with its own keys; `kind` says which it is. */
const anyOf = <T>(branches: readonly (TProperties & { kind: TSchema })[], more: TSchemaOptions = {}) =>
  Type.Union(
    branches.map((keys) => Type.Object(keys, { additionalProperties: false })),
    more,
  ) as TSchema as TUnsafe<T>;

const linkOf = ({ links: kinds }: Kinds) =>
  anyOf<LinkSettings<(typeof links)[number]>>(
    kinds.map(({ kind, options }) => ({ kind: Type.Literal(kind), ...options })),
    { default: { kind: "mqtt" }, description: `How its bytes arrive: ${kinds.map(({ kind }) => kind).join(", ")}` },
  );

const deviceOf = (kinds: Kinds) =>
  Type.Object(
    {
      id: id("Name of the device; over MQTT also its user and topic prefix"),
      title: Type.Optional(called("What people call it")),
      driver: Type.String({ minLength: 1, default: "hearth-stream", description: "A name of the driver registry" }),
      link: linkOf(kinds),
      options: Type.Record(Type.String(), Type.Unknown(), { default: {}, description: "The driver's own options" }),
      wornBy: Type.Optional(
        id("Who wears it; applied, from the next start on, whenever it is changed here (hearth wear and the page change it at once)"),
      ),
      placement: Type.Optional(Type.String({ maxLength: 40, pattern: plainPattern, description: "Where on the body" })),
    },
    { additionalProperties: false },
  );

const everyChannel = {
  name: id("Name of the channel in receipts"),
  carer: Type.Optional(called("The one person whom it reaches, as they sign: their snooze keeps it quiet")),
  minPriority: Type.Union([Type.Literal("high"), Type.Literal("medium"), Type.Literal("low")], {
    default: "medium",
    description: "Lowest priority that is sent",
  }),
};
const channelOf = ({ channels }: Kinds) =>
  anyOf<ChannelSettings>(
    channels.flatMap(({ kind, options }) => (options === undefined ? [] : { kind: Type.Literal(kind), ...everyChannel, ...options })),
  );

/** No key at all while no bridge has options. */
const bridgesOf = ({ bridges }: Kinds) => {
  const keys = bridges.flatMap(({ name, options, description = "" }) =>
    options === undefined ? [] : [[name, Type.Optional(Type.Object(options, { additionalProperties: false, description }))] as const],
  );
  const own = {
    bridges: Type.Optional(
      Type.Object(Object.fromEntries(keys), { additionalProperties: false, description: "Other programs of the home" }),
    ),
  };
  return (keys.length === 0 ? {} : own) as { bridges: ReturnType<typeof Type.Optional<TUnsafe<Readonly<Record<string, unknown>>>>> };
};

/** What hearth.yaml may say in a house that has these kinds of links, channels and bridges. */
export const configSchema = (kinds: Kinds) =>
  Type.Object(
    {
      version: Type.Literal(1, { description: "Version of this file" }),
      gateway: strict(
        {
          id: Type.String({
            pattern: idPattern,
            default: "home",
            description: "Name of this gateway; on a shared broker also of the site",
          }),
        },
        "The gateway itself",
      ),
      ports: strict(
        {
          http: port(8099, "Page, REST and metrics"),
          mqtt: port(1883, "Wearables over MQTT, loopback"),
          mqttTls: port(8883, "Wearables over MQTT with TLS, on the home network"),
          twin: port(8098, "The twin's page and REST"),
          twinMqtt: port(8097, "The twin's own broker, loopback"),
        },
        "Where it listens",
      ),
      http: strict(
        {
          host: Type.String({
            minLength: 1,
            default: "127.0.0.1",
            description: "127.0.0.1 = this machine only; 0.0.0.0 = the home network too",
          }),
          hosts: Type.Array(hostName, {
            default: [],
            description: "Names besides the usual (this machine's own, as pi.local, pi.lan or pi.fritz.box) under which the page is opened",
          }),
          metrics: Type.Union(
            ["this-machine", "everyone", "nobody"].map((word) => Type.Literal(word as "this-machine" | "everyone" | "nobody")),
            { default: "this-machine", description: "Who reads /metrics without a token; others need one of an admin or integrator" },
          ),
        },
        "Page and REST",
      ),
      mqtt: strict(
        {
          lan: Type.String({
            pattern: where,
            default: "any",
            description:
              "Where wearables come in with TLS: any address of this machine (of IPv6 only those that are the home's own, fd…), none, one interface (wlan0) or one address",
          }),
          lanWithoutTls: Type.Optional(
            Type.String({
              pattern: where,
              description:
                "Where they come in without TLS too, at ports.mqtt: an interface, an address, or any. Passwords and samples can be read on that network",
            }),
          ),
          certificate: Type.Optional(
            Type.String({
              minLength: 1,
              description: "A certificate of your own (PEM file, with its chain) instead of the home's; read anew when it changes",
            }),
          ),
          key: Type.Optional(Type.String({ minLength: 1, description: "Its key (PEM file)" })),
        },
        "How wearables on the home network reach this home",
      ),
      network: strict(
        {
          name: Type.Optional(id("The home's name there, as NAME.local; without it gateway.id")),
          announce: Type.Optional(
            Type.Boolean({ description: "Tell the home network this name (mDNS); without it where the page is open to the home network" }),
          ),
          plainTextHosts: Type.Array(hostName, {
            default: [],
            description:
              "Other machines to which Hearth may speak without encryption (mqtt://, http://): secrets and alerts can be read on the way there",
          }),
        },
        "The network around this machine",
      ),
      people: Type.Array(Person, {
        default: [],
        maxItems: 64,
        description: "Who lives here; more can be added on the page or with hearth people add",
      }),
      devices: Type.Array(deviceOf(kinds), {
        default: [],
        maxItems: 256,
        description: "The wearables; more can be added on the page or with hearth devices add",
      }),
      journal: strict(
        {
          commitMs: Type.Integer({
            minimum: 1,
            maximum: 50,
            default: 20,
            description: "Milliseconds between commits; a device's acknowledgement waits this long",
          }),
          maxBytes: Type.Integer({
            minimum: 64 * 1024 * 1024,
            default: 8 * 1024 ** 3,
            description: "Disk space for samples as received; of whoever has most the oldest day goes first",
          }),
          maxBytesPerDeviceDay: Type.Integer({
            minimum: 1024 * 1024,
            default: 1024 ** 3,
            description: "What one device may have of it in a day; what it sends beyond is watched and not kept",
          }),
        },
        "The journal of received bytes",
      ),
      twin: strict(
        {
          embedded: Type.Boolean({ default: true, description: "Start a twin beside the gateway" }),
          url: Type.Optional(Type.String({ pattern: "^mqtts?://", description: "Broker of a distant twin; needs embedded: false" })),
          name: Type.Optional(id("Under which name a distant twin knows this gateway; gateway.id unless told")),
          broker: Type.Optional(
            Type.String({
              pattern: "^mqtts?://",
              description: "Broker elsewhere that `hearth twin` listens to instead of one of its own: mqtts://user:password@host",
            }),
          ),
          stream: Type.Optional(
            Type.String({
              pattern: "^(nats|tls)://",
              description:
                "NATS servers whose stream keeps what comes to `twin.broker`, their MQTT listener: nats://user:password@host,nats://…",
            }),
          ),
          streamReplicas: Type.Integer({ minimum: 1, maximum: 5, default: 1, description: "On how many of those servers it is kept" }),
          accounts: Type.Optional(
            Type.String({
              minLength: 1,
              description:
                "Folder of the keys by which those servers know accounts (deploy/fleet); the two addresses then need no passwords",
            }),
          ),
          database: Type.Optional(
            Type.String({
              pattern: "^postgres(ql)?://",
              description: "A PostgreSQL for the twin's state instead of a file of its own: postgres://user:password@host/database",
            }),
          ),
          reach: strict(
            {
              host: Type.String({ default: "127.0.0.1", description: "Address on which its page and REST listen" }),
              certificate: Type.Optional(
                Type.String({ minLength: 1, description: "File (PEM) for HTTPS; any address but loopback needs it" }),
              ),
              key: Type.Optional(Type.String({ minLength: 1, description: "File with its key" })),
              twin: Type.Optional(
                Type.String({ pattern: "^https?://", description: "Its page and REST as homes find them, https://host:port" }),
              ),
              broker: Type.Optional(
                Type.String({ pattern: "^mqtts?://", description: "The broker as gateways find it, mqtts://host:port" }),
              ),
              ca: Type.Optional(
                Type.String({
                  minLength: 1,
                  description: "File with the authority (PEM) of their certificates, where it is one of your own",
                }),
              ),
            },
            "Where `hearth twin` listens and homes find it; `hearth twin claim` writes it into claims",
          ),
          keep: strict(
            {
              detailDays: Type.Integer({
                ...{ minimum: 31, maximum: 36_500, default: 400 },
                description: "Days for which the twin keeps every beat, number, strip and waveform; whole calendar months go at once",
              }),
              minuteYears: Type.Integer({
                ...{ minimum: 1, maximum: 100, default: 10 },
                description: "Years for which it then keeps a row a minute of the numbers",
              }),
            },
            "How long the twin keeps what has come; alerts stay",
          ),
          silentAfterS: Type.Integer({
            ...{ minimum: 60, maximum: 86_400, default: 900 },
            description: "Seconds without a heartbeat after which the twin tells of a gateway; after twice as many it is urgent",
          }),
          flushS: Type.Integer({
            ...{ minimum: 1, maximum: 3600, default: 60 },
            description: "Seconds between flushes of what is not urgent; five times as long while only events go and nothing is wrong",
          }),
        },
        "The far side",
      ),
      alerts: strict(
        {
          limits: strict(Limits, "For everyone; a person's profile goes first"),
          programsMayRaiseHigh: Type.Boolean({
            default: false,
            description: "Whether other programs of the home (flow.…) may raise alerts of high priority; else medium is the highest",
          }),
        },
        "Rules and limits",
      ),
      channels: Type.Array(channelOf(kinds), { default: [], description: "Who is told outside this page" }),
      ...bridgesOf(kinds),
      log: strict(
        {
          level: Type.Union(
            ["error", "warn", "info", "debug", "trace"].map((word) => Type.Literal(word as "error" | "warn" | "info" | "debug" | "trace")),
            { default: "info", description: "Lines below it are not written" },
          ),
        },
        "The log, JSON lines on standard error",
      ),
    },
    { additionalProperties: false },
  );

export const ConfigSchema = configSchema(shippedKinds);

export type Config = Static<typeof ConfigSchema>;
export type DeviceConfig = Config["devices"][number];

/** What a schema accepts, in words for an operator. */
export function acceptedBy(schema: TSchema): string {
  const s = schema as Record<string, unknown> & { anyOf?: TSchema[]; properties?: Record<string, TSchema> };
  if (s.anyOf !== undefined) {
    const kinds = s.anyOf.map((branch) => (branch as { properties?: { kind?: TSchema } }).properties?.kind ?? branch);
    return `one of ${kinds.map((kind) => String((kind as { const?: unknown }).const)).join(", ")}`;
  }
  if (s.const !== undefined) return String(s.const);
  if (s.properties !== undefined) return `the keys ${Object.keys(s.properties).join(", ")}`;
  const { minimum, maximum } = s as { minimum?: number; maximum?: number };
  const bounds = minimum === undefined ? "" : maximum === undefined ? ` of at least ${minimum}` : ` from ${minimum} to ${maximum}`;
  switch (s.type) {
    case "integer":
      return `a whole number${bounds}`;
    case "number":
      return `a number${bounds}`;
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case "string":
      if (s.pattern === idPattern) return "a name of a–z, 0–9 and dash, at most 32 long";
      if (s.pattern === namePattern || s.pattern === plainPattern) return plainMeans;
      return s.pattern === undefined ? "a text" : `a text like ${String(s.pattern)}`;
    default:
      return "keys and values";
  }
}
