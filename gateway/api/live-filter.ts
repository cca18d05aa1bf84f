/** What a reader of the live stream asks for: which events, and samples of which kinds of channels. */

import type { Context } from "hono";
import { type ChannelKind, channelKinds } from "../../device-drivers/contract/sample-block.ts";
import { drawnKinds, type LiveMessage, type LiveWants } from "../view/view-port.ts";
import { liveEvents } from "./openapi-live.ts";
import { httpError } from "./problem.ts";

type LiveEvent = LiveMessage["kind"];

export interface LiveFilter {
  readonly events: ReadonlySet<LiveEvent>;
  readonly wants: LiveWants;
}

const eventNames = Object.keys(liveEvents) as LiveEvent[];
/** What comes unless told. Results of models and bodies come to whoever asks for them. */
const usualEvents: ReadonlySet<LiveEvent> = new Set(eventNames.filter((name) => name !== "result" && name !== "pose"));
/** Each name once fits into it many times over. */
const maxLength = 200;

/** Reads `?events=` and `?kinds=`. Throws `http.bad_field`. */
export function liveFilterOf(c: Context): LiveFilter {
  const events = listOf(c, "events", eventNames) ?? usualEvents;
  const kinds = c.req.query("kinds") === "all" ? new Set(channelKinds) : (listOf(c, "kinds", channelKinds) ?? drawnKinds);
  return {
    events,
    wants: {
      channelKinds: events.has("samples") ? kinds : new Set<ChannelKind>(),
      results: events.has("result"),
      poses: events.has("pose"),
    },
  };
}

function listOf<Name extends string>(c: Context, field: string, names: readonly Name[]): ReadonlySet<Name> | undefined {
  const text = c.req.query(field);
  if (text === undefined) return undefined;
  const words = text.length > maxLength ? [] : text.split(",").map((word) => word.trim());
  const found = words.flatMap((word) => names.find((name) => name === word) ?? []);
  if (found.length === 0 || found.length < words.length)
    throw httpError("http.bad_field", `'${field}' is a list with commas of: ${names.join(", ")}.`, field);
  return new Set(found);
}
