/** What stands before every page of Node-RED: only this machine's own names, and a Hearth token for the pages that flows make. */

import type { SignIn } from "./sign-in.ts";

/** The parts of Express's request and response that are used. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}
export interface Answer {
  status(code: number): Answer;
  set(header: string, value: string): Answer;
  type(name: string): Answer;
  send(text: string): unknown;
}
export type Middleware = (asked: Asked, answer: Answer, next: () => void) => void;

/** Pages whose address is their own key: an acknowledge link in a message. Whoever makes one checks the key in the flow. */
const openPath = "/open/";

const ownNames: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** Refuses what came under a foreign name (a web page that points its own name at this machine), and what another site's page sends. */
export function guardHost(hosts: readonly string[]): Middleware {
  const names = [...ownNames, ...hosts.map((host) => host.toLowerCase())];
  return (asked, answer, next) => {
    const host = String(asked.headers.host ?? "")
      .toLowerCase()
      .replace(/:\d+$/, "");
    if (!names.includes(host)) return void answer.status(421).type("text").send("This address is not one of this Node-RED.");
    const isForeign = asked.headers["sec-fetch-site"] === "cross-site" && asked.method !== "GET";
    if (isForeign) return void answer.status(403).type("text").send("Another site's page may not send anything here.");
    next();
  };
}

/** Signing out in the editor ends the gateway's session. */
export function endSession({ signOut }: Pick<SignIn, "signOut">): Middleware {
  return (asked, _answer, next) => {
    if (asked.method === "POST" && asked.path === "/auth/revoke") void signOut(bearerOf(asked));
    next();
  };
}

/** Pages of flows show what patients would not show to everybody at this machine: they want a token of Hearth as password, of any role. */
export function guardPages({ roleOf }: Pick<SignIn, "roleOf">): Middleware {
  return (asked, answer, next) => {
    if (asked.path.startsWith(openPath)) return next();
    const refuse = () =>
      void answer
        .status(401)
        .set("www-authenticate", 'Basic realm="Hearth: any name, and a token of yours as password", charset="UTF-8"')
        .type("text")
        .send("This page wants any name, and a token of Hearth as password (hearth token add).");
    const secret = basicPassword(asked) || bearerOf(asked);
    if (secret === "") return refuse();
    void roleOf(secret).then((role) => (role === undefined ? refuse() : next()));
  };
}

function bearerOf({ headers }: Asked): string {
  return /^Bearer (\S+)$/i.exec(String(headers.authorization ?? ""))?.[1] ?? "";
}

function basicPassword({ headers }: Asked): string {
  const [, encoded = ""] = /^Basic (\S+)$/i.exec(String(headers.authorization ?? "")) ?? [];
  return Buffer.from(encoded, "base64").toString().split(":").slice(1).join(":");
}
