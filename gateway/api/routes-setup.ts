/** The routes that change who lives here and which devices there are, for admins alone; a person's limits are read by whoever sees the person. */

import type { Hono } from "hono";
import { isoOf } from "../runtime/iso-time.ts";
import type { Authority, Guest } from "./auth.ts";
import { readJson } from "./request.ts";
import { signedBy } from "./routes-act.ts";
import type { Env } from "./routes-read.ts";
import { setupBodies } from "./setup-bodies.ts";

/** Adds the set-up routes to the API app (paths below /api/v1). */
export function addSetupRoutes(api: Hono<Env>, authority: Authority): void {
  const admin = (guest: Guest): string => {
    authority.permit(guest, "setup");
    return signedBy(guest, undefined).name;
  };

  api.post("/people", async (c) => {
    const by = admin(c.get("guest"));
    const { id, name } = await readJson(c, setupBodies.NewPerson);
    return c.json({ person: await c.get("view").setup.addPerson({ ...(id === undefined ? {} : { id }), name: name.trim() }, by) });
  });
  api.patch("/people/:id", async (c) => {
    const by = admin(c.get("guest"));
    const id = c.req.param("id");
    const name = (await readJson(c, setupBodies.PersonName)).name.trim();
    await c.get("view").setup.renamePerson(id, name, by);
    return c.json({ person: { id, name } });
  });
  api.get("/people/:id/limits", (c) => {
    const person = c.req.param("id");
    const { limits, changes } = c.get("view").setup.limits(person);
    return c.json({ person, limits, changes: changes.map(({ fromUs, by }) => ({ from: isoOf(fromUs), by })) });
  });
  api.put("/people/:id/limits", async (c) => {
    const by = admin(c.get("guest"));
    const person = c.req.param("id");
    const { limits, confirm = false } = await readJson(c, setupBodies.LimitsBody);
    return c.json({ person, from: isoOf(await c.get("view").setup.setLimits(person, limits, confirm, by)) });
  });
  api.post("/devices", async (c) => {
    const by = admin(c.get("guest"));
    const body = await readJson(c, setupBodies.NewDevice);
    const { id, account } = await c.get("view").setup.addDevice({ ...body, title: body.title.trim() }, by);
    return c.json({ device: id, ...(account === undefined ? {} : { account }) });
  });
  api.patch("/devices/:id", async (c) => {
    const by = admin(c.get("guest"));
    const device = c.req.param("id");
    const title = (await readJson(c, setupBodies.DeviceTitle)).title.trim();
    await c.get("view").setup.renameDevice(device, title, by);
    return c.json({ device, title });
  });
  api.delete("/devices/:id", async (c) => {
    const by = admin(c.get("guest"));
    const device = c.req.param("id");
    await c.get("view").setup.removeDevice(device, by);
    return c.json({ device });
  });
  api.post("/devices/:id/password", async (c) => {
    const by = admin(c.get("guest"));
    return c.json({ account: await c.get("view").setup.newPassword(c.req.param("id"), by) });
  });
}
