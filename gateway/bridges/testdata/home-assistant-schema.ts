/**
 * What Home Assistant's MQTT integration accepts as a device discovery message, as far as Hearth sends it: facts of its public documentation (home-assistant.io,
 * integrations mqtt, sensor.mqtt, binary_sensor.mqtt, event.mqtt, button.mqtt, select.mqtt; device discovery since 2024.11). A key that is not here is an error.
 */

import Type, { type TProperties } from "typebox";
import Value from "typebox/value";

const text = Type.String({ minLength: 1, maxLength: 255 });
/** A topic to publish on: no wildcards. */
const topic = Type.String({ pattern: "^[^+#\\u0000]+$", maxLength: 255 });
const id = Type.String({ pattern: "^[a-zA-Z0-9_-]+$" });
const oneOf = (...words: string[]) => Type.Union(words.map((word) => Type.Literal(word)));

const entity = <P extends TProperties>(platform: string, own: P) =>
  Type.Object(
    {
      platform: Type.Literal(platform),
      unique_id: id,
      name: text,
      icon: Type.Optional(Type.String({ pattern: "^mdi:[a-z-]+$" })),
      entity_category: Type.Optional(Type.Literal("diagnostic")),
      availability: Type.Optional(Type.Array(Type.Object({ topic }, { additionalProperties: false }), { minItems: 1 })),
      availability_mode: Type.Optional(oneOf("all", "any", "latest")),
      ...own,
    },
    { additionalProperties: false },
  );
const expire_after = Type.Optional(Type.Integer({ minimum: 1 }));

const component = Type.Union([
  entity("binary_sensor", {
    state_topic: topic,
    device_class: Type.Optional(oneOf("battery", "connectivity", "problem", "safety", "occupancy", "running")),
    ...{ payload_on: Type.Optional(text), payload_off: Type.Optional(text), expire_after },
  }),
  // One of named states has neither unit nor state class.
  entity("sensor", {
    state_topic: topic,
    ...{ device_class: Type.Literal("enum"), options: Type.Array(text, { minItems: 1, uniqueItems: true }), expire_after },
  }),
  entity("sensor", {
    state_topic: topic,
    device_class: Type.Optional(oneOf("temperature", "battery")),
    state_class: Type.Optional(Type.Literal("measurement")),
    unit_of_measurement: Type.Optional(text),
    suggested_display_precision: Type.Optional(Type.Integer({ minimum: 0 })),
    expire_after,
  }),
  entity("event", { state_topic: topic, event_types: Type.Array(text, { minItems: 1, uniqueItems: true }) }),
  entity("select", { state_topic: topic, command_topic: topic, options: Type.Array(text, { minItems: 1, uniqueItems: true }) }),
  entity("button", { command_topic: topic, payload_press: Type.Optional(text) }),
  // Named by its platform alone: it is removed.
  Type.Object({ platform: oneOf("binary_sensor", "sensor", "event", "button", "select") }, { additionalProperties: false }),
]);

const DeviceDiscovery = Type.Object(
  {
    device: Type.Object(
      {
        identifiers: Type.Array(id, { minItems: 1 }),
        name: text,
        ...{ manufacturer: Type.Optional(text), model: Type.Optional(text), sw_version: Type.Optional(text), via_device: Type.Optional(id) },
      },
      { additionalProperties: false },
    ),
    origin: Type.Object({ name: text, sw_version: Type.Optional(text) }, { additionalProperties: false }),
    qos: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 })),
    components: Type.Record(id, component),
  },
  { additionalProperties: false },
);

export interface Discovered {
  readonly device: { readonly identifiers: readonly string[]; readonly name: string; readonly via_device?: string };
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>> & { readonly platform: string; readonly name?: string }>>;
}

/** Reads what was published on a discovery topic as Home Assistant would; throws with what it would not accept. An empty payload removes: undefined. */
export function readDiscovery(on: string, payload: string, prefix = "homeassistant"): Discovered | undefined {
  if (!new RegExp(`^${prefix}/device/[a-zA-Z0-9_-]+/config$`).test(on)) throw new Error(`${on} is no discovery topic`);
  if (payload === "") return undefined;
  const value: unknown = JSON.parse(payload);
  const [fault] = Value.Errors(DeviceDiscovery, value);
  if (fault !== undefined) throw new Error(`${on}: ${JSON.stringify(fault)}`);
  return value as Discovered;
}
