/** Which settings would send something from this machine to another in plain text. */

import { isLoopback } from "../runtime/home-network.ts";

interface PlainText {
  /** Place of the address in the settings. */
  readonly path: readonly (string | number)[];
  readonly host: string;
}

/** Schemes of what Hearth speaks to, without encryption. */
const plainSchemes = new Set(["http:", "mqtt:", "tcp:", "ws:"]);

/** Every address anywhere in `settings` that leaves this machine unencrypted, but to a host in `allowed`. */
export function plainTextIn(settings: unknown, allowed: readonly string[], path: readonly (string | number)[] = []): PlainText[] {
  if (typeof settings === "string") {
    const host = plainHost(settings);
    return host === undefined || allowed.some((name) => name.toLowerCase() === host) ? [] : [{ path, host }];
  }
  if (typeof settings !== "object" || settings === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(settings) ? [...settings.entries()] : Object.entries(settings);
  return entries.flatMap(([key, value]) => plainTextIn(value, allowed, [...path, key]));
}

function plainHost(address: string): string | undefined {
  const url = URL.parse(address);
  if (url === null || !plainSchemes.has(url.protocol)) return undefined;
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, "");
  return isLoopback(host) ? undefined : host;
}
