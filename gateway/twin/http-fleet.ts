/** The twin's route about how it keeps up, and the last word of each gateway that the token opens. */

import type { Hono } from "hono";
import { readCount } from "../api/request.ts";
import { isoOrNull } from "../runtime/iso-time.ts";
import type { TwinEnv, TwinHttpOptions } from "./http-options.ts";

const mostGateways = 1000;

export function addFleetRoutes(api: Hono<TwinEnv>, { store, nowUs, isConnected, stream }: TwinHttpOptions): void {
  api.get("/fleet", async (c) => {
    const limit = readCount(c, "limit", mostGateways) ?? mostGateways;
    const after = c.req.query("after") ?? "";
    const opened = new Set(c.get("opened").map(({ gateway }) => gateway));
    const known = (await store.watched()).filter(({ gateway }) => opened.has(gateway));
    const page = known.filter(({ gateway }) => gateway > after).slice(0, limit);
    const gateways = page.map(async ({ gateway, heardUs, told, heardCount }) => ({
      id: gateway,
      connected: await isConnected(gateway),
      heard_at: isoOrNull(heardUs),
      heard_age_s: heardUs === undefined ? null : Math.max(0, (nowUs() - heardUs) / 1e6),
      silent: told === undefined || told.heardCount !== heardCount ? null : told.level,
    }));
    const last = page.at(-1)?.gateway;
    const hasMore = last !== undefined && last !== known.at(-1)?.gateway;
    return c.json({
      stream: streamToWire(stream?.(), nowUs()),
      gateways_count: known.length,
      gateways: await Promise.all(gateways),
      next: hasMore ? last : null,
    });
  });
}

function streamToWire(read: ReturnType<NonNullable<TwinHttpOptions["stream"]>>, nowUs: number) {
  if (read === undefined) return null;
  const { classes, oldestUs } = read.figures;
  const sum = (of: "waiting" | "unsettled") => classes.reduce((total, each) => total + each[of], 0);
  return {
    waiting: sum("waiting"),
    unsettled: sum("unsettled"),
    oldest_age_s: oldestUs === undefined ? null : Math.max(0, (nowUs - oldestUs) / 1e6),
    settled_per_s: read.settledPerS ?? null,
    classes: classes.map(({ class: name, waiting, unsettled }) => ({ class: name, waiting, unsettled })),
  };
}
