/** Each part of a window is kept as one of its own kind. */

import { shippedPayloads } from "../../../../semantic/payload-codec.ts";
import type { WindowPayload } from "../../../../semantic/payloads/window.ts";
import { writeKept } from "../kept.ts";
import { writeEvents } from "./events.ts";
import type { Write } from "./kind.ts";

export const writeWindow: Write<WindowPayload> = async (ask, frame, window, receivedUs) => {
  await writeEvents(ask, frame, window.events, receivedUs);
  for (const waveform of window.waveforms) await writeKept(shippedPayloads)(ask, frame, waveform, receivedUs);
};
