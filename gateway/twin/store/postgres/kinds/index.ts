/** The kinds of payload that have tables of their own: one line each. Every other kind is kept by its place. */

import type { TwinPayload } from "../../../../semantic/payloads/index.ts";
import { writeActed } from "./acted.ts";
import { writeAlert } from "./alert.ts";
import { writeEvents } from "./events.ts";
import { writeHeartbeat } from "./heartbeat.ts";
import type { Write } from "./kind.ts";
import { writeLeave } from "./leave.ts";
import { writeRenamed } from "./renamed.ts";
import { writeStrip } from "./strip.ts";
import { writeWindow } from "./window.ts";

export const ownTables: { readonly [Kind in TwinPayload["kind"]]?: Write<Extract<TwinPayload, { kind: Kind }>> } = {
  acted: writeActed,
  alert: writeAlert,
  events: writeEvents,
  heartbeat: writeHeartbeat,
  leave: writeLeave,
  renamed: writeRenamed,
  strip: writeStrip,
  window: writeWindow,
};
