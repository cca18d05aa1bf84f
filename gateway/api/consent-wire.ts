/** How a person's consent looks in REST and on the page: contract names, bytes and ISO 8601. */

import Type, { type Static } from "typebox";
import { isoOf } from "../runtime/iso-time.ts";
import type { ConsentView } from "../view/view-port.ts";

const mode = Type.Enum(["none", "event", "semantic", "raw"], {
  description: "none: nothing. event: beats, rhythms and numbers. semantic: the waveform with a stated error besides. raw: every sample.",
});
const byStream = (description: string) =>
  Type.Record(Type.String({ pattern: "^(\\*|[a-z0-9][a-z0-9-]{0,31})$" }), mode, { description, additionalProperties: false });
const strips = Type.Boolean({ description: "Every sample from 15 s before to 15 s after a high or medium alert about the person." });

const ConsentSchema = Type.Object({
  person: Type.String(),
  alerts: Type.Boolean({ description: "Alerts of the person go to the twin. People at home are told in any case." }),
  strips,
  streams: byStream("What is allowed, by name of the stream; * = every other."),
  since: Type.String({ format: "date-time", description: "When it was last changed." }),
  by: Type.String({ description: "By whom." }),
  today_bytes: Type.Integer({ description: "What has left that tells of the person, frames as they went out, since midnight here." }),
  in_force: byStream("What goes now: the least of what is allowed, wished by the twin and possible."),
  waiting: byStream("What the twin asks for beyond what is allowed; it takes effect when somebody who may allows it."),
  held_by: Type.Union([Type.Enum(["backlog", "decoder"]), Type.Null()], {
    description: "Why less goes than is allowed: so much waits for the twin, or the twin has named no decoder.",
  }),
  may: Type.Enum(["give", "take_back", "look"], { description: "What whoever asks may change." }),
});

export type ConsentMay = Static<typeof ConsentSchema>["may"];

export function consentToWire(person: string, view: ConsentView, may: ConsentMay): Static<typeof ConsentSchema> {
  const { alerts, strips, streams, sinceUs, by, todayBytes, inForce, waiting, heldBy } = view;
  return {
    ...{ person, alerts, strips, streams, since: isoOf(sinceUs), by, today_bytes: todayBytes },
    ...{ in_force: inForce, waiting, held_by: heldBy ?? null, may },
  };
}

/** By their names in openapi.json. */
export const consentSchemas = {
  Consent: ConsentSchema,
  ConsentBody: Type.Object(
    {
      alerts: Type.Optional(Type.Boolean()),
      strips: Type.Optional(strips),
      streams: Type.Optional(byStream("By name of the stream; * = every stream without a name of its own. What is not named stays.")),
      by: Type.Optional(Type.String({ maxLength: 80, description: "Who says so, where the token names nobody." })),
    },
    { additionalProperties: false },
  ),
};
