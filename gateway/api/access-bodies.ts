/** What a request about who may come in says. */

import Type from "typebox";
import { maxNameLength, namePattern, plainMeans } from "../../device-drivers/contract/name.ts";
import type { Role } from "../view/view-port.ts";

export const roleSchema = Type.Union(["patient", "caregiver", "integrator", "admin"].map((word) => Type.Literal(word as Role)));
const personsSchema = Type.Array(Type.String({ minLength: 1, maxLength: 32 }), {
  minItems: 1,
  maxItems: 50,
  description: "Only these persons' alerts, streams and devices.",
});
const personsOrAll = Type.Union([personsSchema, Type.Null()], {
  description:
    "Whose alerts, streams and devices it opens; null = everybody's, those who move in later too. Left out: for a patient or caregiver the one who lives here (of several they must be named), for others everybody's.",
});
const nameSchema = Type.String({
  minLength: 1,
  maxLength: maxNameLength,
  pattern: namePattern,
  description: `Signs acknowledgements; without it each request brings its own name. ${plainMeans}.`,
});

export const TokenBody = Type.Object(
  { role: roleSchema, persons: Type.Optional(personsOrAll), name: Type.Optional(nameSchema) },
  { additionalProperties: false },
);
export const BindBody = Type.Object({ persons: personsOrAll }, { additionalProperties: false });
export const CodeBody = Type.Object(
  { role: Type.Optional(roleSchema), persons: Type.Optional(personsOrAll), name: Type.Optional(nameSchema) },
  { additionalProperties: false, description: "Empty: for oneself, on another screen." },
);
export const SessionBody = Type.Object(
  { code: Type.String({ minLength: 1, maxLength: 40, description: "A one-time code, as printed." }) },
  { additionalProperties: false },
);
