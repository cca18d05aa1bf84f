/** Who asks and what they may do. It never lets a token reach a log or a page. */

import type { Access } from "../access/access.ts";
import { alertVerbs, type Verb } from "../alert/verbs.ts";
import type { Caller, Role } from "../view/view-port.ts";
import { httpError } from "./problem.ts";

type Permission =
  | Verb
  | "read"
  | "assign"
  | "learn"
  | "setup"
  | "demo"
  | "metrics"
  | "access"
  | "leave"
  | "raise"
  | "help"
  | "presence"
  | "send"
  | "consent"
  | "wish";

const allowed: Readonly<Record<string, readonly Role[]>> = {
  read: ["patient", "caregiver", "integrator", "admin"],
  // alerts.md §5: the patient and carers quiet; an integrator's program never answers for a person.
  ...Object.fromEntries(alertVerbs.map(({ verb, roles }) => [verb, roles])),
  // What a program of the home says of the house or of a person; people act on the alert that comes of it.
  raise: ["integrator", "admin"],
  send: ["integrator", "admin"],
  presence: ["patient", "caregiver", "integrator", "admin"],
  help: ["patient", "caregiver", "integrator", "admin"],
  assign: ["caregiver", "admin"],
  // What is usual for a person is said by who cares for them.
  learn: ["caregiver", "admin"],
  // What leaves the house; to give is for fewer of them (routes-consent.ts).
  consent: ["patient", "caregiver", "admin"],
  wish: ["admin"],
  setup: ["admin"],
  demo: ["patient", "caregiver", "admin"],
  metrics: ["integrator", "admin"],
  access: ["admin"],
  leave: ["admin"],
};

export interface Guest extends Caller {
  /** Id of the token or session that was shown. */
  readonly id: string;
  /** The token in whose right a session was opened, or the token itself; undefined for a session that the gateway's start let in. */
  readonly token: string | undefined;
  /** True when the token itself names the person, so that a request can't sign with another name. */
  readonly isNamed: boolean;
  /** Only what concerns these persons; undefined = everything. */
  readonly persons: readonly string[] | undefined;
}

export interface Authority {
  /** The caller of a request; throws `http.unauthorized`. */
  identify(request: { authorization: string | undefined; queryToken: string | undefined }): Guest;
  /** Throws `http.forbidden` unless the role may. */
  permit(caller: Caller, permission: Permission): void;
}

export function createAuthority(access: Pick<Access, "find">): Authority {
  return {
    identify({ authorization, queryToken }) {
      const given = bearerOf(authorization) ?? queryToken;
      if (given === undefined || given === "") throw httpError("http.unauthorized", "Send the token as 'Authorization: Bearer …'.");
      const grant = access.find(given);
      if (grant === undefined) throw httpError("http.unauthorized", "This token is not known here.");
      const { id, kind, role, name, persons, of } = grant;
      return { id, token: kind === "token" ? id : of, role, name: name ?? role, isNamed: name !== undefined, persons };
    },
    permit(caller, permission) {
      const roles = allowed[permission] ?? [];
      if (!roles.includes(caller.role)) {
        throw httpError("http.forbidden", `The role ${caller.role} may not do this (${permission}); ${roles.join(", ")} may.`);
      }
    },
  };
}

function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer ([\w.~+/=-]+)$/i.exec(header ?? "")?.[1];
}
