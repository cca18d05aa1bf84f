/** Bodies of the set-up routes; the names of the schemas are those of openapi.json. */

import Type from "typebox";
import { maxNameLength, namePattern, plainPattern } from "../../device-drivers/contract/name.ts";

const strict = { additionalProperties: false } as const;
const id = (description: string) => Type.String({ minLength: 1, maxLength: 32, description });
const called = (description: string) => Type.String({ minLength: 1, maxLength: maxNameLength, pattern: namePattern, description });

export const setupBodies = {
  NewPerson: Type.Object(
    {
      id: Type.Optional(id("Short name in addresses, topics and logs; without one the next free of person-a, person-b …")),
      name: called("What people call this person."),
    },
    strict,
  ),
  PersonName: Type.Object({ name: called("What people call this person from now on.") }, strict),
  LimitsBody: Type.Object(
    {
      limits: Type.Record(Type.String({ maxLength: 64 }), Type.Union([Type.Number(), Type.Null()]), {
        description: "By name; null takes the person's own away, so that everybody's stands, or the rule is off.",
      }),
      confirm: Type.Optional(Type.Boolean({ description: "True: a rule of high priority may tell less by this." })),
    },
    strict,
  ),
  NewDevice: Type.Object(
    {
      id: Type.Optional(id("Over MQTT also its user and topic prefix; without one it is made of the title.")),
      title: called("What people call it."),
      driver: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: "hearth-stream unless told." })),
      link: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: "As in hearth.yaml; {kind: mqtt} unless told." })),
      options: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: "The driver's own." })),
      person: Type.Optional(id("Who wears it from now on.")),
      placement: Type.Optional(Type.String({ maxLength: 40, pattern: plainPattern, description: "Where on the body." })),
    },
    strict,
  ),
  DeviceTitle: Type.Object({ title: called("What people call it from now on.") }, strict),
};
