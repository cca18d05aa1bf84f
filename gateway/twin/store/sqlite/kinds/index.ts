/** The kinds of payload that have tables of their own: one line each. Every other kind is kept by its place. */

import type { TwinPayload } from "../../../../semantic/payloads/index.ts";
import { writeActed } from "./acted.ts";
import { writeAlerts } from "./alert.ts";
import { writeEvents } from "./events.ts";
import { writeHeartbeats } from "./heartbeat.ts";
import type { PrepareWrite } from "./kind.ts";
import { writeLeaves } from "./leave.ts";
import { writeStrips } from "./strip.ts";
import { writeWindows } from "./window.ts";

/** `renamed` goes through all of them and stands apart. */
export const ownTables: { readonly [Kind in TwinPayload["kind"]]?: PrepareWrite<Extract<TwinPayload, { kind: Kind }>> } = {
  acted: writeActed,
  alert: writeAlerts,
  events: writeEvents,
  heartbeat: writeHeartbeats,
  leave: writeLeaves,
  strip: writeStrips,
  window: writeWindows,
};
