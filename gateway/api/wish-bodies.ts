/** What is wished of a gateway, as its twin and the gateway's own page take and answer it. */

import Type from "typebox";

const settings = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description });
const version = (description: string, minimum: number) => Type.Integer({ minimum, description });

/** Body of PUT /gateways/{id}/desired. */
export const WishBody = Type.Object(
  {
    settings: settings("The whole wish; it takes the place of the one before."),
    version: Type.Optional(version("The version that the caller has seen; another newest one is a conflict.", 0)),
  },
  { additionalProperties: false },
);

const Desired = Type.Object(
  {
    version: version("Rises with every wish.", 1),
    settings: settings("What is wished: modes, people, decoders."),
    signature: Type.String({ description: "The twin's, over gateway, version and settings." }),
  },
  { description: "The newest wish, as the twin has signed it." },
);

const Reported = Type.Object(
  {
    version: version("Of the newest wish that has arrived.", 0),
    settings: settings("What is in force."),
    ignored: Type.Array(Type.String(), { description: "Wished, and not followed by this gateway." }),
    waiting: settings("What would send more than somebody at home has allowed, and waits for that."),
  },
  { description: "What the gateway has said of it." },
);

export const wishSchemas = {
  WishBody,
  Desired,
  Wish: Type.Object({ desired: Type.Union([Desired, Type.Null()]), reported: Type.Union([Reported, Type.Null()]) }),
};
