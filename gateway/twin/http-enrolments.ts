/** The twin's route for gateways that come with a claim. It asks for no token: a claim is its own proof. */

import type { Hono } from "hono";
import { readJson } from "../api/request.ts";
import { JoinBody } from "./claim.ts";
import type { Enrolments } from "./enrolments.ts";
import type { TwinEnv } from "./http-options.ts";

export function addEnrolmentRoutes(app: Hono<TwinEnv>, { join }: Enrolments): void {
  app.post("/api/v1/enrolments", async (c) => c.json(await join(await readJson(c, JoinBody)), 201));
}
