/** What the live stream sends, as JSON Schema: one schema for the data of each event. A test holds every message against them. */

import Type, { type TSchema } from "typebox";
import { beatLabels, vitalCodes } from "../../device-drivers/contract/event.ts";
import { channelKinds } from "../../device-drivers/contract/sample-block.ts";
import type { LiveMessage } from "../view/view-port.ts";

const us = (description: string) => Type.Number({ description: `${description}; microseconds since 1970.` });
const source = { device: Type.String(), stream: Type.String() };
const maybeSource = { device: Type.Optional(Type.String()), stream: Type.Optional(Type.String()) };
const quality = Type.Enum(["good", "poor", "bad", "unknown"]);

/** What the gateway believes of a moment, by its kind. */
export const PersonEvent = Type.Union([
  Type.Object({
    kind: Type.Enum(["beat"]),
    ...source,
    timeUs: us("The R peak"),
    label: Type.Enum([...beatLabels]),
    confidence: Type.Number({ description: "Probability of the label, 0 to 1." }),
    rrMs: Type.Optional(Type.Number({ description: "The interval that ends here; absent after a gap." })),
  }),
  Type.Object({
    kind: Type.Enum(["rhythm"]),
    ...source,
    timeUs: us("Its begin"),
    label: Type.String({ description: "As in an MIT annotation: (N, (VT, (ASYS, [ …" }),
  }),
  Type.Object({
    kind: Type.Enum(["vital"]),
    code: Type.Enum([...vitalCodes]),
    ...maybeSource,
    timeUs: us("When it was measured"),
    value: Type.Number(),
    unit: Type.String(),
  }),
  Type.Object({
    kind: Type.Enum(["gap"]),
    ...source,
    fromUs: us("Begin"),
    toUs: us("End"),
    reason: Type.Optional(Type.String({ description: "Without one: no samples came." })),
  }),
  Type.Object({ kind: Type.Enum(["watched"]), rule: Type.String(), fromUs: us("Begin"), toUs: us("End") }),
]);

const ref = (name: string) => Type.Ref(`#/components/schemas/${name}`);

/** Data of each event, by the event's name. */
export const liveSchemas = {
  LiveSamples: Type.Object({
    person: Type.Optional(Type.String({ description: "Absent while nobody wears the device." })),
    ...source,
    channel: Type.String(),
    channelKind: Type.Enum([...channelKinds]),
    unit: Type.String(),
    startUs: us("values[0]"),
    rateHz: Type.Number(),
    values: Type.Array(Type.Union([Type.Number(), Type.Null()]), { description: "Physical values; null = no sample." }),
  }),
  LiveQuality: Type.Object({
    person: Type.String(),
    ...source,
    timeUs: us("End of the second that was judged"),
    level: quality,
    contact: Type.Enum(["on", "off", "unknown"]),
  }),
  LiveBeat: Type.Object({
    person: Type.String(),
    ...source,
    timeUs: us("The R peak"),
    label: Type.Enum([...beatLabels], { description: "The first class; the event of the same beat follows with the final one." }),
  }),
  LiveResult: Type.Object(
    {
      person: Type.String(),
      model: Type.Object({ id: Type.String(), version: Type.String() }),
      ...source,
      timeUs: us("The beat that it is about, or the end of the span"),
      fromUs: Type.Optional(us("Begin of the span")),
      pass: Type.Enum(["first", "final"], { description: "first: looked at early, the final one follows." }),
      recorded: Type.Boolean({ description: "The same comes as an event of the record." }),
      outcome: Type.Union([
        Type.Object({
          kind: Type.Enum(["label"]),
          label: Type.String(),
          probability: Type.Number(),
          probabilities: Type.Optional(Type.Array(Type.Number())),
        }),
        Type.Object({
          kind: Type.Enum(["value"]),
          value: Type.Number(),
          unit: Type.String(),
          interval: Type.Optional(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 })),
        }),
        Type.Object({ kind: Type.Enum(["score"]), score: Type.Number() }),
        Type.Object({
          kind: Type.Enum(["vector", "tokens", "pose"]),
          size: Type.Integer({ description: "How many numbers; they stay in the gateway." }),
        }),
        Type.Object({
          kind: Type.Enum(["personal"]),
          score: Type.Number({ description: "0 to 1; near 1 nothing like it was among the person's own minutes." }),
          difference: Type.String(),
          likeness: Type.Optional(Type.Number()),
        }),
        Type.Object({ kind: Type.Enum(["unknown"]), reason: Type.String() }),
      ]),
    },
    { description: "What a model said of a window, or (personal) what that means for this person." },
  ),
  LivePose: Type.Object(
    {
      person: Type.String(),
      devices: Type.Array(Type.String(), { description: "Sensors that it was made of." }),
      model: Type.Union([Type.Object({ id: Type.String(), version: Type.String() }), Type.Null()], {
        description: "null where no network completed anything.",
      }),
      startUs: us("The first frame"),
      rateHz: Type.Number(),
      rotations: Type.Array(Type.Number(), {
        description:
          "Frame by frame, segment by segment, w x y z from the segment to the world (right-handed, y up; all at rest in a T-pose that faces +z). Segments: pelvis, spine, chest, neck, head, left and right upper arm, left and right forearm, left and right thigh, left and right shank, left and right foot.",
      }),
      states: Type.Array(Type.String(), {
        description:
          "A frame a word, a segment a digit: 0 unknown (its rotation means nothing), 1 measured, 2 completed while its sensor was silent.",
      }),
    },
    { description: "A stretch of a body in motion; comes to whoever asks for it (?events=pose)." },
  ),
  LiveEvent: Type.Object({ person: Type.String(), event: ref("PersonEvent") }),
  LiveAlert: Type.Object({
    alert: ref("Alert"),
    why: Type.Union([Type.String(), Type.Null()], {
      description:
        "What changed: raised, updated, acknowledged, ended, closed …; null where only the outcome is known (after Last-Event-ID).",
    }),
  }),
  LiveDevice: Type.Object({ device: ref("LiveDeviceState") }),
  LiveStatus: Type.Object({ status: ref("Status") }),
} satisfies Record<string, TSchema>;

export const liveEvents = {
  samples: "LiveSamples",
  quality: "LiveQuality",
  beat: "LiveBeat",
  event: "LiveEvent",
  result: "LiveResult",
  pose: "LivePose",
  alert: "LiveAlert",
  device: "LiveDevice",
  status: "LiveStatus",
} as const satisfies Record<LiveMessage["kind"], keyof typeof liveSchemas>;
