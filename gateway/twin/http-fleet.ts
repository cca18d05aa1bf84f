/** The twin's route about how it keeps up, and the last word of each gateway that the token opens. */

import type { Hono } from "hono";
import { pageOf } from "../api/paging.ts";
import { isoOrNull } from "../runtime/iso-time.ts";
import type { TwinEnv, TwinHttpOptions } from "./http-options.ts";

export function addFleetRoutes(api: Hono<TwinEnv>, { store, nowUs, isConnected, stream }: TwinHttpOptions): void {
  api.get("/fleet", async (c) => {
    const opened = new Set(c.get("opened").map(({ gateway }) => gateway));
    const known = (await store.watched()).filter(({ gateway }) => opened.has(gateway));
    const { items, ...more } = pageOf(c, known, ({ gateway }) => gateway);
    const gateways = items.map(async ({ gateway, heardUs, told, heardCount }) => ({
      id: gateway,
      connected: await isConnected(gateway),
      heard_at: isoOrNull(heardUs),
      heard_age_s: heardUs === undefined ? null : Math.max(0, (nowUs() - heardUs) / 1e6),
      silent: told === undefined || told.heardCount !== heardCount ? null : told.level,
    }));
    const figures = { stream: streamToWire(stream?.(), nowUs()), gateways_count: known.length };
    return c.json({ ...figures, gateways: await Promise.all(gateways), ...more });
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
