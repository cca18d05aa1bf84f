/** How much of a stream goes to the twin, and what consent a payload needs to go. */

import type { AnyPayload } from "./payloads/kind.ts";

/** From least to most: beats and other events alone, the waveform with a stated error, every sample as it was. Each holds what those before it hold. */
export const streamModes = ["event", "semantic", "raw"] as const;
export type StreamMode = (typeof streamModes)[number];

export function isStreamMode(word: string): word is StreamMode {
  return (streamModes as readonly string[]).includes(word);
}

/**
 * The mode of a person's stream for samples of this time. Pure and dated: it answers the same at a restart that reads those samples again.
 * @param timeUs gateway axis
 */
export type ModeOf = (person: string, of: { readonly device: string; readonly stream: string }, timeUs: number) => StreamMode;

export const eventOnly: ModeOf = () => "event";

/** The least mode in which a payload may leave the house. Strips round an alert go in every mode; a strip without an alert is what mode raw sends. */
export function modeNeeded(payload: AnyPayload & { readonly alertIds?: readonly string[] }): StreamMode {
  if (payload.kind === "waveform" || payload.kind === "pose") return "semantic";
  return payload.kind === "strip" && payload.alertIds?.length === 0 ? "raw" : "event";
}
