/** The routes that change who lives here and which devices there are. For admins alone. */

import type { Hono } from "hono";
import type { Setup } from "../setup/setup-port.ts";
import type { Authority, Guest } from "./auth.ts";
import { readJson } from "./request.ts";
import { signedBy } from "./routes-act.ts";
import type { Env } from "./routes-read.ts";
import { setupBodies } from "./setup-bodies.ts";

interface SetupParts {
  readonly setup: Setup;
  readonly authority: Authority;
}

/** Adds the set-up routes to the API app (paths below /api/v1). */
export function addSetupRoutes(api: Hono<Env>, { setup, authority }: SetupParts): void {
  const admin = (guest: Guest): string => {
    authority.permit(guest, "setup");
    return signedBy(guest, undefined).name;
  };

  api.post("/people", async (c) => {
    const by = admin(c.get("guest"));
    const { id, name } = await readJson(c, setupBodies.NewPerson);
    return c.json({ person: await setup.addPerson({ ...(id === undefined ? {} : { id }), name: name.trim() }, by) });
  });
  api.patch("/people/:id", async (c) => {
    const by = admin(c.get("guest"));
    const id = c.req.param("id");
    const name = (await readJson(c, setupBodies.PersonName)).name.trim();
    await setup.renamePerson(id, name, by);
    return c.json({ person: { id, name } });
  });
  api.post("/devices", async (c) => {
    const by = admin(c.get("guest"));
    const body = await readJson(c, setupBodies.NewDevice);
    const { id, account } = await setup.addDevice({ ...body, title: body.title.trim() }, by);
    return c.json({ device: id, ...(account === undefined ? {} : { account }) });
  });
  api.patch("/devices/:id", async (c) => {
    const by = admin(c.get("guest"));
    const device = c.req.param("id");
    const title = (await readJson(c, setupBodies.DeviceTitle)).title.trim();
    await setup.renameDevice(device, title, by);
    return c.json({ device, title });
  });
  api.delete("/devices/:id", async (c) => {
    const by = admin(c.get("guest"));
    const device = c.req.param("id");
    await setup.removeDevice(device, by);
    return c.json({ device });
  });
  api.post("/devices/:id/password", async (c) => {
    const by = admin(c.get("guest"));
    return c.json({ account: await setup.newPassword(c.req.param("id"), by) });
  });
}
