/** What a probed device sent, as REST tells it. */

import Type from "typebox";
import { isoOrNull } from "../runtime/iso-time.ts";
import type { ProbedStream, ProbeView } from "../view/view-port.ts";

export function probeToWire({ device, seconds, messages, topics, streams, findings }: ProbeView) {
  return {
    ...{ device, seconds, messages },
    topics: topics.map(({ topic, count, leastBytes, mostBytes, encoding }) => ({
      ...{ topic, count, least_bytes: leastBytes, most_bytes: mostBytes, encoding },
    })),
    streams: streams.map(streamToWire),
    findings: findings.map(({ sinceUs, ...finding }) => ({ ...finding, since: isoOrNull(sinceUs) })),
  };
}

export type ProbeWire = ReturnType<typeof probeToWire>;

function streamToWire({ stream, fields, rateHz, measuredHz, batches, clock, channels = [], uses = [] }: ProbedStream) {
  return {
    ...{ stream, fields },
    rate_hz: rateHz ?? null,
    measured_hz: measuredHz ?? null,
    batches:
      batches === undefined
        ? null
        : {
            count: batches.count,
            least_samples: batches.leastSamples,
            most_samples: batches.mostSamples,
            boots: batches.boots,
            missing_samples: batches.missingSamples,
          },
    clock: clock ?? null,
    channels: channels.map(({ channel, unit, low, high }) => ({ channel, unit, low: low ?? null, high: high ?? null })),
    uses,
  };
}

const orNull = <T extends ReturnType<typeof Type.Number | typeof Type.Object>>(schema: T) => Type.Union([schema, Type.Null()]);

/** The same for openapi.json. */
export const probeSchema = Type.Object({
  device: Type.String(),
  seconds: Type.Number({ description: "How long was watched." }),
  messages: Type.Integer(),
  topics: Type.Array(
    Type.Object({
      topic: Type.String({ description: "Below the device's prefix; empty for a port." }),
      count: Type.Integer(),
      least_bytes: Type.Integer(),
      most_bytes: Type.Integer(),
      encoding: Type.String({ description: "CBOR, JSON, bytes or mixed, by the first byte." }),
    }),
  ),
  streams: Type.Array(
    Type.Object({
      stream: Type.String(),
      fields: Type.Array(
        Type.Object({
          field: Type.String(),
          value: Type.Optional(Type.String({ description: "As JSON, shortened." })),
          fault: Type.Optional(Type.String({ description: "missing, type, range, twice or unknown." })),
          note: Type.Optional(Type.String({ description: "default or unread." })),
        }),
        { description: "The device's own description, field by field." },
      ),
      rate_hz: orNull(Type.Number({ description: "As the device says." })),
      measured_hz: orNull(Type.Number({ description: "As samples arrived." })),
      batches: orNull(
        Type.Object({
          count: Type.Integer(),
          least_samples: Type.Integer(),
          most_samples: Type.Integer(),
          boots: Type.Integer(),
          missing_samples: Type.Integer({ description: "By the device's own numbers." }),
        }),
      ),
      clock: orNull(Type.Number({ description: "0 none, 1 free-running, 2 fitted, 3 UTC." })),
      channels: Type.Array(
        Type.Object({ channel: Type.String(), unit: Type.String(), low: orNull(Type.Number()), high: orNull(Type.Number()) }),
      ),
      uses: Type.Array(Type.Object({ channel: Type.String(), kind: Type.String(), text: Type.String() })),
    }),
  ),
  findings: Type.Array(
    Type.Object({ code: Type.String(), stream: Type.String(), text: Type.String(), help: Type.Optional(Type.String()) }),
  ),
});
