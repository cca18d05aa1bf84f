/** Where a request comes from, by its socket: what a request says of itself is used only to trust it less. */

import { isIP } from "node:net";
import type { Context } from "hono";

/** What a proxy adds. Behind one every request comes from this machine, whoever asks. */
const proxyHeaders = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];

/** The address of the socket; undefined where there is none (a test without a port). */
function remoteAddress(c: Context): string | undefined {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress;
}

/** True for a program of this machine that asks by itself: over loopback, under a name of it, through no proxy that says so. */
export function isFromThisMachine(c: Context): boolean {
  const address = remoteAddress(c)?.replace(/^::ffff:/, "") ?? "";
  const host = (c.req.header("host") ?? "").toLowerCase().replace(/:\d+$/, "");
  return (
    isLoopbackAddress(address) &&
    (host === "localhost" || isLoopbackAddress(host.replace(/^\[|\]$/g, ""))) &&
    proxyHeaders.every((name) => c.req.header(name) === undefined)
  );
}

function isLoopbackAddress(address: string): boolean {
  return address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}
