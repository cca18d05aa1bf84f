/** What openapi.json says of one route. */

import type { SchemaName } from "./openapi-schemas.ts";

/** Any JSON Schema. */
type Shape = object;

export interface RouteDoc {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** OpenAPI path, parameters in braces. */
  readonly path: string;
  readonly says: string;
  readonly isOpen?: boolean;
  /** Without a schema: any text. */
  readonly query?: readonly { readonly name: string; readonly says: string; readonly required?: boolean; readonly schema?: Shape }[];
  /** Schemas of parts of the path, by name; any text without one. */
  readonly parts?: Readonly<Record<string, Shape>>;
  /** A device's own account opens it, too. */
  readonly isForDevices?: boolean;
  /** `orJson`: any JSON object besides. */
  readonly body?: { readonly type: string; readonly schema: Shape; readonly orJson?: boolean };
  /** Without a status: 200. */
  readonly answer: { readonly type: string; readonly schema?: Shape; readonly status?: number };
}

export const ref = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` });
export const list = (key: string, name: SchemaName, more: Record<string, Shape> = {}) => ({
  type: "application/json",
  schema: {
    type: "object",
    required: [key],
    properties: { [key]: { type: "array", items: ref(name) }, cursor: { type: "string" }, ...more },
  },
});
export const one = (name: SchemaName) => ({ type: "application/json", schema: ref(name) });
/** Query of a list in pages. */
export const paged = [
  { name: "limit", says: "1 to 500; 500 unless told.", schema: { type: "integer", minimum: 1, maximum: 500 } },
  { name: "cursor", says: "The cursor of the page before." },
];
export const ofPerson = { name: "person", says: "Only this person's." };
