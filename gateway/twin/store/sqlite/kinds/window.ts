/** Each part of a window is kept as one of its own kind. */

import { shippedPayloads } from "../../../../semantic/payload-codec.ts";
import type { WindowPayload } from "../../../../semantic/payloads/window.ts";
import { writeKept } from "../kept.ts";
import { writeEvents } from "./events.ts";
import type { PrepareWrite } from "./kind.ts";

export const writeWindows: PrepareWrite<WindowPayload> = (db) => {
  const events = writeEvents(db);
  const kept = writeKept(shippedPayloads)(db);
  return (frame, window, receivedUs) => {
    events(frame, window.events, receivedUs);
    for (const waveform of window.waveforms) kept(frame, waveform, receivedUs);
  };
};
