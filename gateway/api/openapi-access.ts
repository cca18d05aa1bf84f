/** The routes about who may come in, for openapi.json. */

import { list, one, paged, type RouteDoc, ref } from "./route-doc.ts";

const done = (key: string) => ({
  type: "application/json",
  schema: { type: "object", required: [key], properties: { [key]: { type: "string" } } },
});
const body = (name: "TokenBody" | "BindBody" | "CodeBody" | "SessionBody") => ({ type: "application/json", schema: ref(name) });
const withSecret = (key: string, says: string) => ({
  type: "application/json",
  schema: {
    type: "object",
    required: ["token", key],
    properties: { token: { type: "string", description: says }, [key]: ref("Grant") },
  },
});
const admin = "Admin only.";

export const accessRoutes: readonly RouteDoc[] = [
  {
    method: "post",
    path: "/api/v1/session",
    says: "Exchanges a one-time code for a session of this browser. A code works once, for 10 minutes; five wrong ones that begin like it end it.",
    isOpen: true,
    body: body("SessionBody"),
    answer: withSecret("session", "Send it as a bearer token. It ends after 30 days without a request, or when it is revoked."),
  },
  {
    method: "delete",
    path: "/api/v1/session",
    says: "Signs out: ends the session that asks. A token stays.",
    answer: { type: "application/json", schema: { type: "object", required: ["ended"], properties: { ended: { type: "boolean" } } } },
  },
  {
    method: "post",
    path: "/api/v1/sign-in-codes",
    says: "A one-time code for another screen: with an empty body for oneself; for a role, persons or a name only an admin may.",
    body: body("CodeBody"),
    answer: one("SignInCode"),
  },
  {
    method: "get",
    path: "/api/v1/sessions",
    says: `Browsers that are signed in. ${admin}`,
    query: paged,
    answer: list("sessions", "Grant"),
  },
  {
    method: "delete",
    path: "/api/v1/sessions/{id}",
    says: `Ends a session at once, with its live stream. ${admin}`,
    answer: done("revoked"),
  },
  { method: "get", path: "/api/v1/tokens", says: `Tokens, never their secrets. ${admin}`, query: paged, answer: list("tokens", "Grant") },
  {
    method: "post",
    path: "/api/v1/tokens",
    says: `Makes a token. ${admin}`,
    body: body("TokenBody"),
    answer: withSecret("grant", "Shown only now; only its hash is kept."),
  },
  {
    method: "put",
    path: "/api/v1/tokens/{id}",
    says: `Binds a token to persons, or to everybody. Its sessions end. ${admin}`,
    body: body("BindBody"),
    answer: {
      type: "application/json",
      schema: { type: "object", required: ["grant"], properties: { grant: ref("Grant") } },
    },
  },
  {
    method: "delete",
    path: "/api/v1/tokens/{id}",
    says: `Ends a token at once, with its sessions, codes and live streams. ${admin}`,
    answer: done("revoked"),
  },
  {
    method: "get",
    path: "/api/v1/accounts",
    says: `Accounts of the home's broker. ${admin}`,
    query: paged,
    answer: list("accounts", "Account"),
  },
  {
    method: "delete",
    path: "/api/v1/accounts/{user}",
    says: `Ends a device's or program's account at once: its connection is closed and refused from now on. ${admin}`,
    answer: done("revoked"),
  },
];
