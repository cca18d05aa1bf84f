/** Bodies and answers of the routes by which others raise something: conditions of other programs, and calls for help. */

import Type, { type TSchema } from "typebox";
import { maxNameLength, namePattern, plainPattern } from "../../device-drivers/contract/name.ts";
import { outsideLimits } from "../alert/outside-port.ts";
import { presenceLimits, presenceStates } from "../alert/presence-port.ts";

const strict = { additionalProperties: false } as const;
const orNull = (schema: TSchema, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
const iso = (description: string) => Type.String({ format: "date-time", description });
const { least, most, usual } = outsideLimits.leaseS;
const by = Type.Optional(
  Type.String({
    ...{ minLength: 1, maxLength: maxNameLength, pattern: namePattern },
    description: "Name of the person or program that acts; a token with a name of its own goes first.",
  }),
);

/** Body of PUT /people/{id}/conditions/{rule}. */
const ConditionBody = Type.Object(
  {
    title: Type.String({ ...{ minLength: 1, maxLength: maxNameLength, pattern: namePattern }, description: "What is so, in a few words." }),
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 400, pattern: plainPattern, description: "More of it, and what to do." })),
    priority: Type.Optional(
      Type.Enum(["info", "low", "medium", "high"], {
        description:
          "medium unless told; high only where hearth.yaml allows it (alerts.programsMayRaiseHigh). While it lasts it only rises.",
      }),
    ),
    value: Type.Optional(Type.Number()),
    unit: Type.Optional(Type.String({ minLength: 1, maxLength: 16, pattern: plainPattern })),
    limit: Type.Optional(Type.Number()),
    lease_s: Type.Optional(
      Type.Integer({
        ...{ minimum: least, maximum: most },
        description: `For so long it is believed without being said again; then its alert is closed with that reason. ${usual} unless told.`,
      }),
    ),
    by,
  },
  strict,
);

/** Who acts, where a body says nothing else. */
const ActBody = Type.Object({ by }, strict);

const Condition = Type.Object({
  person: Type.String(),
  rule: Type.String(),
  priority: Type.Enum(["info", "low", "medium", "high"]),
  title: Type.String(),
  text: orNull(Type.String()),
  value: orNull(Type.Number()),
  unit: orNull(Type.String()),
  limit: orNull(Type.Number()),
  by: Type.String({ description: "Who said it last." }),
  alert: Type.String({ description: "Id of the alert that it raised." }),
  since: iso("When it began."),
  said_at: iso("When it was last said."),
  lease_until: iso("When it is no longer believed unless it is said again."),
});

const helpCall = {
  state: Type.Enum(["none", "counting", "told"], {
    description: "counting: it can be taken back; told: the alert is open and waits for a named person.",
  }),
  by: orNull(Type.String(), "Who pressed."),
  due_at: Type.Union([Type.String({ format: "date-time" }), Type.Null()], { description: "When it is told, or was." }),
  alert: orNull(Type.String(), "Id of the alert that is open."),
};
/** As it stands at a person. */
export const HelpSeen = Type.Object(helpCall);
const HelpCall = Type.Object({
  person: Type.String(),
  ...helpCall,
  remaining_s: orNull(Type.Number(), "Seconds of the countdown that are left."),
});

const hours = (seconds: number) => seconds / 3600;
const { away, paused } = presenceLimits;

/** Body of PUT /people/{id}/presence. */
const PresenceBody = Type.Object(
  {
    state: Type.Enum([...presenceStates], {
      description: "away: not in the home; paused: at home without sensors. Meanwhile silent sensors of the person alarm nobody.",
    }),
    until: Type.Optional(
      Type.String({
        maxLength: 40,
        description: `When the person is expected back, or to wear their sensors again: ISO 8601 or seconds since 1970. Away ${hours(away.usual)} hours unless told, ${hours(away.most)} at most and ${hours(away.mostOfPrograms)} for an integrator; paused ${hours(paused.usual)} hours unless told, ${hours(paused.most)} at most.`,
      }),
    ),
    by,
  },
  strict,
);

/** Where somebody is, and what was said of it. */
export const PresenceSchema = Type.Object({
  state: Type.Enum([...presenceStates]),
  by: orNull(Type.String(), "Who said so; null while nobody has said anything."),
  since: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
  until: Type.Union([Type.String({ format: "date-time" }), Type.Null()], {
    description: "When the person is expected back (away) or to wear their sensors again (paused).",
  }),
  seen_again_at: Type.Union([Type.String({ format: "date-time" }), Type.Null()], {
    description: "Signal of theirs has come again: from then on missing data is told as ever.",
  }),
  overdue: Type.Boolean({ description: "Not back at the time; an alert (presence.overdue) says it." }),
});

/** Beside an alert. */
export const AlertNotes = Type.Array(
  Type.Object({ by: Type.String(), verb: Type.Enum(["acknowledge", "reject"]), text: Type.String(), at: iso("When it was said.") }),
  { description: "What people said when they took it, or could not; the last ten." },
);

export const outsideSchemas = { ConditionBody, ActBody, Condition, HelpCall, PresenceBody, Presence: PresenceSchema };
