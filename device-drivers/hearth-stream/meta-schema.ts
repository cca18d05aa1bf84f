/** THE schema of a descriptor (`<stream>/meta`): type, check, default and the table on this folder's page in one. */

import Type, { type Static } from "typebox";
import { namePattern, plainPattern } from "../contract/name.ts";
import type { ChannelKind } from "../contract/sample-block.ts";

export const channelKinds: readonly ChannelKind[] = [
  "ecg",
  "ppg",
  "acc",
  "gyro",
  "mag",
  "quaternion",
  "resp",
  "bioz",
  "temp",
  "spo2",
  "hr",
  "rr",
  "other",
];

const meanings = ["no-finger", "lead-off", "not-ready", "invalid", "not-supported"] as const;
const bit = Type.Integer({ minimum: 0, maximum: 0xffff });

const channelSchema = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, pattern: namePattern, description: "name of the channel; batches name it in `i`" }),
  kind: Type.Optional(
    Type.String({
      maxLength: 32,
      description: `${channelKinds.join(", ")}; another word is \`other\`; without it the \`id\` is taken for it`,
    }),
  ),
  lead: Type.Optional(
    Type.String({
      maxLength: 32,
      pattern: plainPattern,
      description: "of an ECG: `I`, `II`, `V5` …; where a stream has several, lead II is analysed",
    }),
  ),
  unit: Type.String({
    maxLength: 32,
    pattern: plainPattern,
    description: "of the physical value, as UCUM writes it: `mV`, `uV`, `%`, `/min`, `Cel`, `m/s2`, `g`, `1`",
  }),
  scale: Type.Number({
    description: "physical value = number in the batch · `scale` + `offset`; `1` where the batch has physical values; not 0",
  }),
  offset: Type.Optional(Type.Number({ default: 0, description: "physical value of the number 0" })),
  range: Type.Optional(
    Type.Tuple([Type.Number(), Type.Number()], {
      description: "lowest and highest physical value that can be; a number outside it is no value",
    }),
  ),
  mdc: Type.Optional(Type.Integer({ minimum: 0, description: "code of ISO/IEEE 11073-10101, if you know it (lead II is 131330)" })),
});

const sentinelSchema = Type.Object({
  channel: Type.String({ description: "`id` of the channel" }),
  value: Type.Number({ description: "number in the batch that means “no value”" }),
  meaning: Type.Union(
    meanings.map((meaning) => Type.Literal(meaning)),
    { description: `one of ${meanings.join(", ")}` },
  ),
});

/** Unknown keys are ignored, as in the batch. */
export const metaSchema = Type.Object({
  v: Type.Optional(Type.Literal(1, { default: 1, description: "version of the profile" })),
  rateHz: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1e6,
    description: "samples a second of every channel of the stream; what has another rate is another stream",
  }),
  channels: Type.Array(channelSchema, { minItems: 1, maxItems: 64, description: "in the order of the batch's `c`" }),
  sentinels: Type.Array(sentinelSchema, {
    maxItems: 256,
    description: "numbers that are no measurement; `[]` where there are none, written out so that nobody forgets to ask",
  }),
  placement: Type.Optional(
    Type.String({ maxLength: 64, pattern: plainPattern, description: "where on the body: `chest`, `wrist`, `finger` …" }),
  ),
  quality: Type.Optional(
    Type.Record(Type.String(), bit, {
      description:
        "bits of the batch's `f` by name: `lead-off`, `saturated`, `motion`, `poor`, `synthetic`, `not-worn`; other names are kept and not read",
    }),
  ),
  contact: Type.Optional(
    Type.Union([Type.Literal("measured"), Type.Literal("none")], {
      default: "none",
      description: "`measured` where the device tells that an electrode is off (a `lead-off` bit or sentinel), else `none`",
    }),
  ),
  missedData: Type.Optional(
    Type.Object(
      {
        warnS: Type.Number({ minimum: 0, description: "seconds of silence until somebody is told" }),
        urgentS: Type.Number({ minimum: 0, description: "… until it is urgent" }),
      },
      { description: "when a silence of the stream is told; without it after 120 and 600 s" },
    ),
  ),
});

export type MetaPayload = Static<typeof metaSchema>;
