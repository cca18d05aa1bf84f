/** What stands before every route: the host check against DNS rebinding and the headers that keep the page to itself. */

import { isIP } from "node:net";
import type { MiddlewareHandler } from "hono";
import { isLoopback } from "../runtime/home-network.ts";
import { httpError } from "./problem.ts";

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);
/**
 * Refuses requests that came under a name which is not ours (a web page that points its own name at this machine would else read it).
 * Ours are localhost, 127.0.0.1, [::1] and `names`; on the home network also plain addresses, `*.local` and names without a dot.
 */
export function hostGuard(boundHost: string, names: readonly string[] = []): MiddlewareHandler {
  const isHomeNetwork = !isLoopback(boundHost);
  const ownNames = new Set([...loopbackNames, ...names.map((name) => name.toLowerCase())]);
  return async (c, next) => {
    const name = hostName(c.req.header("host") ?? new URL(c.req.url).host);
    const isOurs =
      ownNames.has(name) || (isHomeNetwork && (isIP(name.replace(/^\[|\]$/g, "")) !== 0 || name.endsWith(".local") || !name.includes(".")));
    if (!isOurs) throw httpError("http.wrong_host", wrongHost(name));
    await next();
  };
}

function wrongHost(name: string): string {
  const isName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name);
  return `This address is not one of this gateway.${isName ? ` If it should be, name "${name}" under http.hosts in hearth.yaml.` : ""}`;
}

function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, "");
}

const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** Security headers on every answer; nothing but the page's own files may be cached. */
export function securityHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const headers = c.res.headers;
    headers.set("content-security-policy", pagePolicy);
    headers.set("referrer-policy", "no-referrer");
    headers.set("x-content-type-options", "nosniff");
    headers.set("x-frame-options", "DENY");
    headers.set("cross-origin-opener-policy", "same-origin");
    headers.set("cross-origin-resource-policy", "same-origin");
    headers.set("permissions-policy", "camera=(), microphone=(), geolocation=()");
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  };
}
