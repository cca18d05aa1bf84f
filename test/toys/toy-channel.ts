/** A toy channel: a list that messages are written down in, loudly where asked to. */

import Type from "typebox";
import { defineChannel } from "../../gateway/alert/channels/channel.ts";

export const shouted: string[] = [];

export const toyChannel = defineChannel({
  kind: "shout",
  options: { loud: Type.Optional(Type.Boolean({ default: false })) },
  create: (_context, { name, loud }) => ({
    name,
    async send({ alert, lock }) {
      const line = `${alert.rule}: ${lock}`;
      return { receipt: String(shouted.push(loud === true ? line.toUpperCase() : line)) };
    },
  }),
});
