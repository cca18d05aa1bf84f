/** The live page as a channel: accepted once the row is on the live stream. A display, not a reliable alarm: it never tells whether anybody looks. */

import type { Channel, Message } from "./channel.ts";

/** `publish` puts the message on the live stream and gives its sequence number. */
export function pageChannel(publish: (message: Message) => number): Channel {
  return { name: "page", isDisplay: true, send: async (message) => ({ receipt: String(publish(message)) }) };
}
