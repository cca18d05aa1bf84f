/** The twin's routes about the homes' gateways: how they are, and what is wished of them. */

import type { Context, Hono } from "hono";
import { pageOf } from "../api/paging.ts";
import { httpError } from "../api/problem.ts";
import { readJson } from "../api/request.ts";
import { WishBody } from "../api/wish-bodies.ts";
import type { HomeNames } from "./home-names.ts";
import type { TwinEnv, TwinHttpOptions, TwinToken } from "./http-options.ts";
import { gatewayToWire } from "./wire.ts";

export function addGatewayRoutes(api: Hono<TwinEnv>, { store, nowUs, isConnected, putDesired, names }: TwinHttpOptions): void {
  const ownOnly = (c: Context<TwinEnv, "/gateways/:id/desired">): TwinToken => {
    const own = c.get("opened").find(({ gateway }) => gateway === c.req.param("id"));
    if (own === undefined) throw httpError("http.not_found", "No gateway with this id is known here.", "id");
    return own;
  };

  api.get("/gateways", async (c) => {
    const { items, cursor } = pageOf(c, c.get("opened"), (each) => each.gateway);
    const gateways = [];
    for (const { gateway: home } of items) {
      const [gateway, connected] = await Promise.all([store.gateway(home), isConnected(home)]);
      gateways.push(gatewayToWire(gateway, nowUs(), connected));
    }
    return c.json({ gateways, ...(cursor === undefined ? {} : { cursor }) });
  });
  api.get("/gateways/:id/desired", async (c) => {
    const { gateway: home } = ownOnly(c);
    const [desired, reported] = await Promise.all([store.desired(home), store.reported(home)]);
    return c.json({
      desired: desired === undefined ? null : JSON.parse(desired),
      reported: reported === undefined ? null : JSON.parse(reported),
    });
  });
  api.put("/gateways/:id/desired", async (c) => {
    const { gateway: home, role } = ownOnly(c);
    if (role !== "admin") throw httpError("http.forbidden", "Only the role admin may wish for settings.");
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
