/** The twin's routes about the home's gateway: how it is, and what is wished of it. */

import type { Hono } from "hono";
import { httpError } from "../api/problem.ts";
import { readJson } from "../api/request.ts";
import { WishBody } from "../api/wish-bodies.ts";
import type { HomeNames } from "./home-names.ts";
import type { TwinEnv, TwinHttpOptions } from "./http-options.ts";
import { gatewayToWire } from "./wire.ts";

export function addGatewayRoutes(api: Hono<TwinEnv>, { store, nowUs, isConnected, putDesired, names }: TwinHttpOptions): void {
  const ownOnly = (id: string, home: string) => {
    if (id !== home) throw httpError("http.not_found", "No gateway with this id is known here.", "id");
  };

  api.get("/gateways", async (c) => {
    const home = c.get("home");
    const [gateway, connected] = await Promise.all([store.gateway(home), isConnected(home)]);
    return c.json({ gateways: [gatewayToWire(gateway, nowUs(), connected)] });
  });
  api.get("/gateways/:id/desired", async (c) => {
    const home = c.get("home");
    ownOnly(c.req.param("id"), home);
    const [desired, reported] = await Promise.all([store.desired(home), store.reported(home)]);
    return c.json({
      desired: desired === undefined ? null : JSON.parse(desired),
      reported: reported === undefined ? null : JSON.parse(reported),
    });
  });
  api.put("/gateways/:id/desired", async (c) => {
    const home = c.get("home");
    ownOnly(c.req.param("id"), home);
    if (c.get("role") !== "admin") throw httpError("http.forbidden", "Only the role admin may wish for settings.");
    const body = await readJson(c, WishBody);
    return c.json({ desired: await putDesired(home, withAliases(body.settings, names?.()), body.version) });
  });
}

/** People of the home under the names by which its gateway is told of them. */
function withAliases(settings: Readonly<Record<string, unknown>>, names: HomeNames | undefined): Readonly<Record<string, unknown>> {
  const { people } = settings;
  if (names === undefined || typeof people !== "object" || people === null || Array.isArray(people)) return settings;
  return { ...settings, people: Object.fromEntries(Object.entries(people).map(([id, of]) => [names.aliasOf(id), of])) };
}
