/** What can be set for an Xsens MTi: where it is worn and the output rate that it was configured for. */

import Type, { type Static } from "typebox";

export const xsensMtiOptions = Type.Object(
  {
    rateHz: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 2000,
        default: 100,
        description: "Output rate of acceleration and rate of turn, as configured in the device",
      }),
    ),
    placement: Type.Optional(Type.String({ minLength: 1, maxLength: 64, default: "waist", description: "Where the unit is worn" })),
  },
  { additionalProperties: false },
);

export type XsensMtiOptions = Static<typeof xsensMtiOptions>;
