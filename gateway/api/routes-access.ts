/** The routes about who may come in: one-time codes, sessions, tokens and the accounts of devices. An admin's, but for one's own way in and out. */

import type { Context, Hono } from "hono";
import { nameFrom, plainMeans } from "../../device-drivers/contract/name.ts";
import type { Access } from "../access/access.ts";
import type { Grant, Holder } from "../access/grant.ts";
import { qrRows } from "../access/qr.ts";
import { signInPath } from "../access/sign-in-path.ts";
import type { GatewayView, Role } from "../view/view-port.ts";
import { BindBody, CodeBody, SessionBody, TokenBody } from "./access-bodies.ts";
import type { Authority, Guest } from "./auth.ts";
import { pageOf } from "./paging.ts";
import { httpError } from "./problem.ts";
import { readJson } from "./request.ts";
import type { Env } from "./routes-read.ts";

/** The accounts of the home's broker. */
export interface DeviceAccounts {
  list(): readonly { readonly user: string; readonly role: string }[];
  has(user: string): boolean;
  /** Its connection ends at once, and it is refused from now on. */
  revoke(user: string): Promise<void>;
}

interface Wished {
  readonly role: Role;
  readonly name?: string;
  readonly persons?: readonly string[] | null;
}

interface AccessParts {
  readonly access: Access;
  readonly authority: Authority;
  readonly accounts: DeviceAccounts;
  /** Base addresses under which other machines of the home reach the page; none while it is this machine's alone. */
  readonly addresses: () => readonly string[];
  readonly audit: (fields: Readonly<Record<string, unknown>>, says: string) => void;
}

/** The exchange of a code for a session stands before the check of who asks: the code is what is shown. */
export function addSignInRoute(app: Hono<Env>, { access }: Pick<AccessParts, "access">): void {
  app.post("/api/v1/session", async (c) => {
    const { code } = await readJson(c, SessionBody);
    const opened = await access.redeem(code);
    if (opened === undefined)
      throw httpError(
        "http.bad_code",
        "This code is wrong, was used already, or is older than 10 minutes: ask for a new one (hearth sign-in).",
        "code",
      );
    return c.json({ token: opened.token, session: grantToWire(opened.grant) });
  });
}

/** Adds the routes to the API app (paths below /api/v1). */
export function addAccessRoutes(api: Hono<Env>, parts: AccessParts): void {
  addOwnRoutes(api, parts);
  const { authority } = parts;
  api.use("/tokens/*", adminOnly(authority)).use("/sessions/*", adminOnly(authority)).use("/accounts/*", adminOnly(authority));
  addGrantRoutes(api, parts);
  addAccountRoutes(api, parts);
}

/** One's own way in and out. */
function addOwnRoutes(api: Hono<Env>, { access, authority, addresses }: AccessParts): void {
  api.delete("/session", async (c) => {
    const { id, name } = c.get("guest");
    const isSession = access.list().some((grant) => grant.id === id && grant.kind === "session");
    if (isSession) await access.revoke(id, name);
    return c.json({ ended: isSession });
  });
  api.post("/sign-in-codes", async (c) => {
    const guest = c.get("guest");
    const body = await readJson(c, CodeBody);
    const isForOneself = body.role === undefined && body.persons === undefined && body.name === undefined;
    if (!isForOneself) authority.permit(guest, "access");
    const given = isForOneself ? ownHolder(guest) : holderFrom(c.get("view"), { role: guest.role, ...body });
    const { code, expiresMs } = access.createCode({ ...given, ...(guest.token === undefined ? {} : { of: guest.token }) }, guest.name);
    const path = signInPath(code);
    const urls = addresses().map((address) => `${address}${path}`);
    return c.json({
      code,
      expires_at: new Date(expiresMs).toISOString(),
      path,
      urls,
      qr: urls[0] === undefined ? null : qrRows(urls[0]),
    });
  });
}

function addGrantRoutes(api: Hono<Env>, { access }: AccessParts): void {
  const grantsOf = (kind: Grant["kind"]) => access.list().flatMap((grant) => (grant.kind === kind ? grantToWire(grant) : []));
  const requireKind = (id: string, kind: Grant["kind"]) => {
    if (!access.list().some((grant) => grant.id === id && grant.kind === kind))
      throw httpError("http.not_found", `There is no ${kind} with this id.`, "id");
    return id;
  };
  const list = (c: Context<Env>, key: string, kind: "token" | "session") => {
    const { items, ...more } = pageOf(c, grantsOf(kind), ({ id }) => id);
    return c.json({ [key]: items, ...more });
  };
  api.get("/tokens", (c) => list(c, "tokens", "token"));
  api.post("/tokens", async (c) => {
    const body = await readJson(c, TokenBody);
    const { grant, token } = await access.addToken(holderFrom(c.get("view"), body), c.get("guest").name);
    return c.json({ token, grant: grantToWire(grant) });
  });
  api.put("/tokens/:id", async (c) => {
    const id = requireKind(c.req.param("id"), "token");
    const { persons } = holderFrom(c.get("view"), { role: "integrator", ...(await readJson(c, BindBody)) });
    return c.json({ grant: grantToWire(await access.bind(id, persons, c.get("guest").name)) });
  });
  api.delete("/tokens/:id", async (c) => {
    await access.revoke(requireKind(c.req.param("id"), "token"), c.get("guest").name);
    return c.json({ revoked: c.req.param("id") });
  });
  api.get("/sessions", (c) => list(c, "sessions", "session"));
  api.delete("/sessions/:id", async (c) => {
    await access.revoke(requireKind(c.req.param("id"), "session"), c.get("guest").name);
    return c.json({ revoked: c.req.param("id") });
  });
}

function addAccountRoutes(api: Hono<Env>, { accounts, audit }: AccessParts): void {
  api.get("/accounts", (c) => {
    const { items, ...more } = pageOf(c, accounts.list(), ({ user }) => user);
    return c.json({ accounts: items.map(({ user, role }) => ({ user, role })), ...more });
  });
  api.delete("/accounts/:user", async (c) => {
    const user = c.req.param("user");
    if (!accounts.has(user)) throw httpError("http.not_found", "No device or program has an account of this name.", "user");
    await accounts.revoke(user);
    audit({ account: user, by: c.get("guest").name }, "an account of the broker was revoked");
    return c.json({ revoked: user });
  });
}

function adminOnly(authority: Authority) {
  return async (c: { get(key: "guest"): Guest }, next: () => Promise<void>) => {
    authority.permit(c.get("guest"), "access");
    await next();
  };
}

function ownHolder({ role, name, isNamed, persons }: Guest): Holder {
  return { role, ...(isNamed ? { name } : {}), ...(persons === undefined ? {} : { persons }) };
}

function grantToWire({ id, kind, role, name, persons, createdMs, usedMs, of }: Grant) {
  const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  return { id, kind, role, name: name ?? null, persons: persons ?? null, created_at: iso(createdMs), used_at: iso(usedMs), of: of ?? null };
}

/** Whoever is bound must be bound to somebody who lives here; patients and carers are unless somebody says otherwise. Throws `http.bad_field`. */
function holderFrom(view: GatewayView, { role, name, persons }: Wished): Holder {
  const people = view.people().map(({ id }) => id);
  const isBoundUnasked = persons === undefined && (role === "patient" || role === "caregiver");
  const wanted = isBoundUnasked ? (people.length === 1 ? people : []) : (persons ?? undefined);
  if (wanted?.length === 0 || wanted?.some((person) => !people.includes(person)))
    throw httpError("http.bad_field", `'persons' must be of: ${people.join(", ")}; or null for everybody.`, "persons");
  const signs = name === undefined ? undefined : nameFrom(name);
  if (name !== undefined && signs === undefined)
    throw httpError("http.bad_field", `'name' must have a letter or digit, and ${plainMeans}.`, "name");
  return { role, ...(signs === undefined ? {} : { name: signs }), ...(wanted === undefined ? {} : { persons: [...new Set(wanted)] }) };
}
