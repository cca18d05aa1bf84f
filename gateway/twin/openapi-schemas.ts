/** The records of the twin's API as JSON Schema, for its openapi.json. A test holds every answer of the routes against them. */

import Type, { type TSchema } from "typebox";
import { beatLabels, vitalCodes } from "../../device-drivers/contract/event.ts";
import { roleSchema } from "../api/access-bodies.ts";
import { schemas as homeSchemas } from "../api/openapi-schemas.ts";
import { wishSchemas } from "../api/wish-bodies.ts";
import { JoinBody } from "./claim.ts";
import { ActBody } from "./http-acts.ts";

const orNull = (schema: TSchema, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
const iso = (description: string) => Type.String({ format: "date-time", description });
const isoOrNull = (description: string) => orNull(Type.String({ format: "date-time" }), description);
const us = (description: string) => Type.Number({ description: `${description}; microseconds since 1970.` });
const source = { device: Type.String(), stream: Type.String() };
const seconds = (description: string) => Type.Record(Type.String(), Type.Number(), { description });

/** The words of a home for an alert, and what only its own page shows, stay at home. */
const Alert = Type.Intersect([
  Type.Omit(homeSchemas.Alert, [
    ...["person_name", "device_title", "title", "body", "about", "evidence", "spoke_again", "said", "stored"],
  ] as const),
  Type.Object({ onsetUs: us("onset_s") }),
]);

const Device = Type.Object({
  id: Type.String(),
  person: orNull(Type.String()),
  state: Type.String(),
  last_sample_at: isoOrNull("Newest sample, as the gateway said last."),
});

const counts = { waiting: Type.Integer({ description: "With no worker yet." }), unsettled: Type.Integer({ description: "With one." }) };
const Fleet = Type.Object({
  stream: orNull(
    Type.Object({
      ...counts,
      oldest_age_s: orNull(Type.Number(), "How long the oldest message has waited."),
      settled_per_s: orNull(Type.Number(), "Messages of the last minute, by all workers."),
      classes: Type.Array(Type.Object({ class: Type.String(), ...counts })),
    }),
    "Null where the way in keeps nothing.",
  ),
  gateways_count: Type.Integer(),
  gateways: Type.Array(
    Type.Object({
      id: Type.String(),
      connected: Type.Boolean(),
      heard_at: isoOrNull("When its last live heartbeat came, by the twin's clock."),
      heard_age_s: orNull(Type.Number()),
      silent: orNull(Type.Union([Type.Literal("warn"), Type.Literal("urgent")]), "The silence that was told."),
    }),
  ),
  cursor: Type.Optional(Type.String()),
});

const Gateway = Type.Object({
  id: Type.String(),
  connected: Type.Optional(Type.Boolean({ description: "It is connected to a worker of this twin." })),
  last_heartbeat_at: isoOrNull("The newest heartbeat, by the gateway's clock."),
  heartbeat_received_at: isoOrNull("When it came, by the twin's clock."),
  version: orNull(Type.String()),
  uptime_s: orNull(Type.Number()),
  outbox_depth: orNull(Type.Integer(), "Rows that waited there for the twin."),
  devices: Type.Array(Device),
  frames: Type.Integer({ description: "Frames of it that are stored." }),
  opaque_frames: Type.Integer({ description: "Of these, such as only a later version can read." }),
  silent: orNull(
    Type.Object({
      rule: Type.String(),
      level: Type.Enum(["warn", "urgent"]),
      priority: Type.Enum(["medium", "high"]),
      silent_s: Type.Number(),
    }),
    "The twin hears nothing of it; null while it does.",
  ),
});

const State = Type.Object({
  person: Type.String(),
  name: orNull(Type.String()),
  as_of: isoOrNull("Time of the newest that has come of this person."),
  last_frame_age_s: orNull(Type.Number()),
  heart_rate_bpm: orNull(Type.Number()),
  heart_rate_at: isoOrNull("When it was so."),
  vitals: Type.Array(
    Type.Object({ code: Type.Enum([...vitalCodes]), value: Type.Number(), unit: Type.String(), ...source, at: isoOrNull("When.") }),
    { description: "The newest of each number that devices measure themselves, of the last day." },
  ),
  rhythm: orNull(Type.String(), "As in an MIT annotation: (N, (AFIB, (VT …"),
  rhythm_since: isoOrNull("Its begin."),
  open_alerts: Type.Array(Type.Ref("#/components/schemas/Alert")),
  watched_s: seconds("Watched seconds by rule within the day before as_of."),
  gateway: Type.Ref("#/components/schemas/Gateway"),
});

const Beat = Type.Object({
  kind: Type.Enum(["beat"]),
  ...source,
  timeUs: us("The R peak"),
  label: Type.Enum([...beatLabels]),
  confidence: Type.Number(),
  rrMs: Type.Optional(Type.Number({ description: "The interval that ends here; absent after a gap." })),
});
const Rhythm = Type.Object({ kind: Type.Enum(["rhythm"]), ...source, timeUs: us("Its begin"), label: Type.String() });
const Gap = Type.Object({
  kind: Type.Enum(["gap"]),
  ...source,
  fromUs: us("Begin"),
  toUs: us("End"),
  reason: Type.Optional(Type.String()),
});
const Vital = Type.Object({
  kind: Type.Enum(["vital"]),
  code: Type.Enum([...vitalCodes]),
  timeUs: us("When"),
  value: Type.Number(),
  unit: Type.String(),
  device: Type.Optional(Type.String({ description: "Absent where the home has derived it." })),
  stream: Type.Optional(Type.String()),
});
const Minute = Type.Object({
  timeUs: us("Its begin"),
  code: Type.String({ description: "A number's (hr, spo2, temp, resp), or beat. and the class." }),
  device: Type.String({ description: "Empty for what the home has derived." }),
  n: Type.Integer({ description: "How many there were." }),
  mean: Type.Optional(Type.Number()),
  least: Type.Optional(Type.Number()),
  most: Type.Optional(Type.Number()),
});
const Coverage = Type.Object({
  person: Type.String(),
  span_s: Type.Number(),
  watched_s: seconds("Watched seconds within the span, by rule."),
  parts: Type.Array(Type.Object({ fromUs: us("Begin"), toUs: us("End"), watched_s: seconds("The same of this part.") })),
});

const values = Type.Array(orNull(Type.Number()), { description: "Physical values; null = no sample." });
const channel = {
  ...source,
  channel: Type.String(),
  unit: Type.String(),
  lead: Type.Optional(Type.String()),
  rateHz: Type.Number(),
  startUs: us("values[0]"),
};
const Strip = Type.Object({
  person: Type.String(),
  fromUs: Type.Optional(us("Begin")),
  toUs: Type.Optional(us("End")),
  traces: Type.Array(Type.Object({ ...channel, alerts: Type.Array(Type.String()), values }), {
    description: "Strips as they were measured, each with the alerts round which it was sent.",
  }),
  reconstructions: Type.Optional(
    Type.Array(
      Type.Object({
        ...{ ...channel, values },
        sources: Type.Array(Type.Object({ source: Type.Enum(["measured", "decoded", "imputed", "missing"]), count: Type.Integer() }), {
          description: "Runs of samples of one kind, in order; their counts add up to the values.",
        }),
        errors: Type.Array(Type.Object({ fromUs: us("Begin"), toUs: us("End"), rmse: Type.Number(), codec: Type.Integer() }), {
          description: "What decoded samples state of themselves, in the channel's unit.",
        }),
      }),
      { description: "Of the span: all that the twin has of each channel as one trace." },
    ),
  ),
});
const Pose = Type.Object({
  devices: Type.Array(Type.String()),
  model: orNull(Type.Object({ id: Type.String(), version: Type.String() })),
  startUs: us("The first frame"),
  rateHz: Type.Number(),
  rotations: Type.Array(Type.Number(), { description: "Frame by frame fifteen quaternions, w x y z." }),
  states: Type.Array(Type.String(), { description: "A frame a word, a segment a digit: 0 unknown, 1 measured, 2 completed." }),
  error_deg: Type.Number({ description: "No turn is further off." }),
});

const Act = Type.Object({
  id: Type.String(),
  alert: Type.String(),
  at: isoOrNull("When it was done here."),
  state: Type.String({
    description: "waiting until the home has answered, done, already, or the code with which the home has refused it.",
  }),
});
const Status = Type.Object({
  version: Type.String(),
  time: iso("The twin's time."),
  homes: Type.Array(Type.Object({ id: Type.String(), role: roleSchema }), {
    description: "What the token opens here, at most 500 of them.",
  }),
  homes_count: Type.Integer({ description: "How many it opens." }),
});
const Incident = Type.Object({
  opened_at: iso("When it was told."),
  ended_at: isoOrNull("null while most of them are silent."),
  gateways: Type.Integer({ description: "Most of them at a time." }),
  of: Type.Integer({ description: "How many were enrolled." }),
});

export const twinSchemas = {
  ...{ Problem: homeSchemas.Problem, ...wishSchemas, ActBody, JoinBody },
  ...{ Status, Gateway, Fleet, State, Alert, Act, Incident },
  ...{ Beat, Rhythm, Gap, Vital, Minute, Coverage, Strip, Pose },
};
