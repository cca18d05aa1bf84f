/** The kinds of payload: one line each. Adding one is its file and its line. */

import { actedKind } from "./acted.ts";
import { alertKind } from "./alert.ts";
import { eventsKind } from "./events.ts";
import { heartbeatKind } from "./heartbeat.ts";
import { leaveKind } from "./leave.ts";
import { poseKind } from "./pose.ts";
import { renamedKind } from "./renamed.ts";
import { stripKind } from "./strip.ts";
import { waveformKind } from "./waveform.ts";
import { windowKind } from "./window.ts";

export const payloadKinds = [
  alertKind,
  heartbeatKind,
  eventsKind,
  stripKind,
  leaveKind,
  waveformKind,
  windowKind,
  renamedKind,
  poseKind,
  actedKind,
] as const;

/** What a frame to the twin says. Plain data. */
export type TwinPayload = ReturnType<(typeof payloadKinds)[number]["decode"]>;
