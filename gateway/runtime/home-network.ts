/** What is this machine, and under which addresses others of the home network reach it. */

import { isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";

export interface HomeAddress {
  /** Name of the interface, as wlan0. */
  readonly name: string;
  readonly address: string;
  readonly family: "IPv4" | "IPv6";
}

type Interfaces = ReturnType<typeof networkInterfaces>;

/** IPv4 first; neither loopback nor addresses that mean nothing without their interface (fe80::/10). */
export function homeAddresses(interfaces: Interfaces = networkInterfaces()): HomeAddress[] {
  return Object.entries(interfaces)
    .flatMap(([name, list = []]) => list.map(({ address, family, internal }) => ({ name, address, family, internal })))
    .filter(({ address, internal }) => !internal && !/^fe[89ab]/i.test(address))
    .map(({ name, address, family }) => ({ name, address, family }))
    .sort((a, b) => a.family.localeCompare(b.family));
}

/** Whether a name or address, in small letters and without brackets, means this machine to itself alone. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

/** Where others find what listens on `host`: nowhere, everywhere (each IPv4 address), or there. */
export function reachedAt(host: string, addresses: readonly HomeAddress[] = homeAddresses()): string[] {
  if (isLoopback(host)) return [];
  if (host !== "0.0.0.0" && host !== "::") return [host];
  return addresses.flatMap(({ address, family }) => (family === "IPv4" ? address : []));
}

/**
 * Under these a home network names its own machines, and no stranger can register a name there: .local is asked on the network itself (RFC 6762),
 * .home.arpa is reserved for it (RFC 8375), .lan is nobody's, fritz.box belongs to the maker of the routers that use it.
 */
const homeDomains = ["local", "lan", "home.arpa", "fritz.box"];

/** The names that a home network may know a machine by, of what it calls itself: `pi` → `pi`, `pi.local`, `pi.lan` … */
export function homeNames(labels: readonly string[]): string[] {
  return [...new Set(labels.map((label) => label.toLowerCase().split(".")[0] ?? ""))]
    .filter((label) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label))
    .flatMap((label) => [label, ...homeDomains.map((domain) => `${label}.${domain}`)]);
}
