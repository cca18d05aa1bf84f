/** Somebody leaves the home: asked for here, carried out by whoever holds the home open, and told by receipts. */

import type { ServerResponse } from "node:http";
import type { Hono } from "hono";
import type { Authority } from "./auth.ts";
import { pageOf } from "./paging.ts";
import { httpError } from "./problem.ts";
import { LeaveBody, readJson } from "./request.ts";
import type { Env } from "./routes-read.ts";

export interface Departures {
  /**
   * Decides it, in writing, and returns the receipt's id; `begin` carries it out, for which every connection ends and comes again.
   * Throws `leave.*` (operator).
   */
  leave(person: { readonly id: string; readonly name: string }, confirmed: string): { readonly receipt: string; begin(): void };
  /** As contracts and OpenAPI describe them, the oldest first. */
  receipts(): readonly { readonly id: string }[];
}

interface LeaveParts {
  readonly departures: Departures;
  readonly authority: Authority;
  readonly people: () => readonly { readonly id: string; readonly name: string }[];
}

/** Adds the routes to the API app (paths below /api/v1). */
export function addLeaveRoutes(api: Hono<Env>, { departures, authority, people }: LeaveParts): void {
  api.post("/people/:id/leave", async (c) => {
    authority.permit(c.get("guest"), "leave");
    const person = people().find(({ id }) => id === c.req.param("id"));
    if (person === undefined) throw httpError("http.not_found", "No person with this id lives here.", "id");
    const { confirm } = await readJson(c, LeaveBody);
    const { receipt, begin } = departures.leave(person, confirm);
    // The answer goes out before its connection ends.
    const { outgoing } = (c.env ?? {}) as { outgoing?: ServerResponse };
    if (outgoing === undefined) begin();
    else outgoing.once("finish", begin);
    return c.json({ receipt }, 202);
  });
  api.get("/receipts", (c) => {
    authority.permit(c.get("guest"), "leave");
    const { items, ...more } = pageOf(c, departures.receipts(), ({ id }) => id);
    return c.json({ receipts: items, ...more });
  });
  api.get("/receipts/:id", (c) => {
    authority.permit(c.get("guest"), "leave");
    const receipt = departures.receipts().find(({ id }) => id === c.req.param("id"));
    if (receipt === undefined) throw httpError("http.not_found", "There is no such receipt (yet).", "id");
    return c.json(receipt);
  });
}
