/** What openapi.json says of one route. */

/** Any JSON Schema. */
export type Shape = object;

export interface RouteDoc {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** OpenAPI path, parameters in braces. */
  readonly path: string;
  readonly says: string;
  readonly isOpen?: boolean;
  readonly query?: readonly { readonly name: string; readonly says: string; readonly required?: boolean }[];
  readonly body?: { readonly type: string; readonly schema: Shape };
  readonly answer: { readonly type: string; readonly schema?: Shape };
}
