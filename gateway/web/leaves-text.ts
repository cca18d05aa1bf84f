/** What leaves a house of one person, in words. Pure. */

import { consentTexts as says } from "./texts-consent.ts";

interface Allowed {
  readonly alerts: boolean;
  readonly strips: boolean;
  /** By stream, `*` = every other one: none, event, semantic or raw. */
  readonly streams: Readonly<Record<string, string>>;
}

/** Nothing leaves where it is empty. */
export function whatLeaves({ alerts, strips, streams }: Allowed): string[] {
  const allowed = Object.entries(streams);
  const beats = allowed.some(([, mode]) => mode !== "none") ? [says.beats] : [];
  const more = allowed.flatMap(([stream, mode]) =>
    mode === "semantic" || mode === "raw" || (mode === "none" && stream !== "*" && beats.length > 0) ? [modeText(stream, mode)] : [],
  );
  return [...beats, ...(alerts ? [says.alerts] : []), ...(strips ? [says.strips] : []), ...more];
}

export function modeText(stream: string, mode: string): string {
  if (mode === "none") return says.atHome(stream);
  if (mode === "event") return says.beats;
  return mode === "raw" ? says.samples(stream) : says.waveform(stream);
}

/** "a", "a and b", "a, b and c". */
export function listText(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
