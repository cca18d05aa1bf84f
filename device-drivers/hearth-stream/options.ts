/** What can be set for a device that speaks Hearth Stream 1: nothing yet, because the device describes itself. */

import Type, { type Static } from "typebox";

export const hearthStreamOptions = Type.Object({}, { additionalProperties: false });

export type HearthStreamOptions = Static<typeof hearthStreamOptions>;
