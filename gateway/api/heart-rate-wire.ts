/** The one heart rate's source, and sensors that contradict each other, in REST. */

import Type from "typebox";
import { rateKinds } from "../../device-drivers/contract/event.ts";
import { isoOf } from "../runtime/iso-time.ts";
import type { PersonView } from "../view/view-port.ts";

const time = (description: string) => Type.String({ format: "date-time", description });
const source = {
  device: Type.String(),
  stream: Type.String(),
  kind: Type.Enum([...rateKinds], { description: "Beats of an ECG, pulses by light, or the device's own number." }),
};

export const heartRateSchemas = {
  heart_rate_source: Type.Union(
    [
      Type.Object({
        ...source,
        quality: Type.Enum(["good", "poor"]),
        fresh_until: time("Later than this it is no longer the present's."),
      }),
      Type.Null(),
    ],
    { description: "The sensor that heart_rate_bpm is from." },
  ),
  heart_rate_disagreement: Type.Union(
    [Type.Object({ since: time("Since when."), between: Type.Array(Type.Object({ ...source, bpm: Type.Number() })) }), Type.Null()],
    {
      description:
        "Two good sensors have been more than 10 beats/min apart for 30 s. There is no heart_rate_bpm, unless a third bears one of them out.",
    },
  ),
};

export function heartRateToWire({ heartRateSource: of, heartRateDisagreement: differs }: PersonView) {
  return {
    heart_rate_source:
      of === undefined
        ? null
        : { device: of.device, stream: of.stream, kind: of.kind, quality: of.quality, fresh_until: isoOf(of.freshUs) },
    heart_rate_disagreement: differs === undefined ? null : { since: isoOf(differs.sinceUs), between: differs.between },
  };
}
