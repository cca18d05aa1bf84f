/** How motion sensors sit: a pose that is held, what came of it, and its way back. */

import type { Hono } from "hono";
import { isoOf } from "../runtime/iso-time.ts";
import type { Authority } from "./auth.ts";
import { calibrationSchemas, calibrationToWire, runToWire } from "./calibration-wire.ts";
import { readJson } from "./request.ts";
import { signedBy } from "./routes-act.ts";
import type { Env } from "./routes-read.ts";

/** Adds the routes to the API app (paths below /api/v1). */
export function addCalibrationRoutes(api: Hono<Env>, authority: Authority): void {
  api.get("/people/:id/calibration", (c) => {
    const id = c.req.param("id");
    return c.json(calibrationToWire(id, c.get("view").setup.calibration(id)));
  });
  api.post("/people/:id/calibration", async (c) => {
    const guest = c.get("guest");
    authority.permit(guest, "assign");
    const person = c.req.param("id");
    const { act, pose = "arms-out", without = [], by } = await readJson(c, calibrationSchemas.CalibrationBody);
    const { setup } = c.get("view");
    const { name } = signedBy(guest, by);
    if (act === "start") return c.json({ person, run: runToWire(await setup.calibrate(person, pose, without, name)) });
    const { number, fromUs } = await setup.undoCalibration(person, name);
    return c.json({ person, number, from: isoOf(fromUs) });
  });
}
