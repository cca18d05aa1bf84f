/** Who asks and what they may do. Compares in constant time, and never lets a token reach a log or a page. */

import { createHash, timingSafeEqual } from "node:crypto";
import { alertVerbs, type Verb } from "../alert/verbs.ts";
import type { Caller, Role } from "../view/view-port.ts";
import { httpError } from "./problem.ts";

/** A bearer token; without a name it is the role's shared one, and an acknowledgement brings its own name. */
export interface Token {
  readonly token: string;
  readonly role: Role;
  readonly name?: string;
}

type Permission = Verb | "read" | "assign" | "setup" | "demo";

const allowed: Readonly<Record<string, readonly Role[]>> = {
  read: ["patient", "caregiver", "integrator", "admin"],
  // alerts.md §5: the patient and carers quiet; an integrator's program never answers for a person.
  ...Object.fromEntries(alertVerbs.map(({ verb, roles }) => [verb, roles])),
  assign: ["caregiver", "admin"],
  setup: ["admin"],
  demo: ["patient", "caregiver", "admin"],
};

export interface Guest extends Caller {
  /** True when the token itself names the person, so that a request can't sign with another name. */
  readonly isNamed: boolean;
}

export interface Authority {
  /** The caller of a request; throws `http.unauthorized`. */
  identify(request: { authorization: string | undefined; queryToken: string | undefined }): Guest;
  /** Throws `http.forbidden` unless the role may. */
  permit(caller: Caller, permission: Permission): void;
}

/** Makes the check over a fixed list of tokens. Digests are compared, so that neither length nor content of a token shows in the time taken. */
export function createAuthority(tokens: readonly Token[]): Authority {
  const known = tokens.map((token) => ({ digest: digestOf(token.token), guest: guestOf(token) }));
  return {
    identify({ authorization, queryToken }) {
      const given = bearerOf(authorization) ?? queryToken;
      if (given === undefined || given === "") throw httpError("http.unauthorized", "Send the token as 'Authorization: Bearer …'.");
      const digest = digestOf(given);
      let found: Guest | undefined;
      for (const candidate of known) {
        if (timingSafeEqual(candidate.digest, digest)) found = candidate.guest;
      }
      if (found === undefined) throw httpError("http.unauthorized", "This token is not known here.");
      return found;
    },
    permit(caller, permission) {
      const roles = allowed[permission] ?? [];
      if (!roles.includes(caller.role)) {
        throw httpError("http.forbidden", `The role ${caller.role} may not do this (${permission}); ${roles.join(", ")} may.`);
      }
    },
  };
}

function guestOf(token: Token): Guest {
  return { role: token.role, name: token.name ?? token.role, isNamed: token.name !== undefined };
}

function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer ([\w.~+/=-]+)$/i.exec(header ?? "")?.[1];
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token, "utf8").digest();
}
