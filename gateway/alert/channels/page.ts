/** The live page as a channel: accepted once the row is on the live stream. A display, not a reliable alarm: it never tells whether anybody looks. */

import { type Channel, type Message, standingChannel } from "./channel.ts";

/** `publish` puts the message on the live stream and gives its receipt, another one for each message of this home. */
export function pageChannel(publish: (message: Message) => string): Channel {
  return { name: "page", isDisplay: true, send: async (message) => ({ receipt: publish(message) }) };
}

export const page = standingChannel("page", ({ run }) => {
  let shown = 0;
  return pageChannel(() => `${run}-${++shown}`);
});
