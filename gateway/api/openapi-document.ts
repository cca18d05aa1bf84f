/** An OpenAPI 3.1 document of a table of routes and their schemas. Pure. */

import type { RouteDoc } from "./route-doc.ts";

interface ApiTable {
  readonly info: { readonly title: string; readonly version: string; readonly summary: string; readonly description: string };
  readonly routes: readonly RouteDoc[];
  /** By name; `Problem`, which every route may answer, is one of them. */
  readonly schemas: Readonly<Record<string, object>>;
  /** A device's own account opens some of them. */
  readonly isForDevices?: boolean;
}

export function openApiDocument({ info, routes, schemas, isForDevices = false }: ApiTable): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const item = paths[route.path] ?? {};
    paths[route.path] = item;
    item[route.method] = operationOf(route);
  }
  return {
    openapi: "3.1.0",
    info: { ...info, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }],
    paths: withEnums(paths),
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        ...(isForDevices ? { device: { type: "http", scheme: "basic" } } : {}),
      },
      schemas: withEnums(schemas),
    },
  };
}

function operationOf(route: RouteDoc): object {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => ({
    name: match[1],
    in: "path",
    required: true,
    schema: route.parts?.[match[1] ?? ""] ?? { type: "string" },
  }));
  const inQuery = (route.query ?? []).map(({ name, says, required, schema = { type: "string" } }) => ({
    name,
    in: "query",
    required: required === true,
    description: says,
    schema,
  }));
  const problem = {
    description: "problem+json with a stable code",
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
  return {
    operationId: `${route.method}_${route.path
      .replace(/^\/(api\/v1\/)?/, "")
      .replace(/\W+/g, "_")
      .replace(/_$/, "")}`,
    summary: route.says,
    ...(route.isOpen === true ? { security: [] } : {}),
    ...(route.isForDevices === true ? { security: [{ bearer: [] }, { device: [] }] } : {}),
    parameters: [...inPath, ...inQuery],
    ...(route.body === undefined ? {} : { requestBody: bodyOf(route.body) }),
    responses: {
      [route.answer.status ?? 200]: {
        description: "Done",
        content: { [route.answer.type]: route.answer.schema === undefined ? {} : { schema: route.answer.schema } },
      },
      default: problem,
    },
  };
}

function bodyOf({ type, schema, orJson }: NonNullable<RouteDoc["body"]>): object {
  return { content: { [type]: { schema }, ...(orJson === true ? { "application/json": { schema: { type: "object" } } } : {}) } };
}

/** A choice among words is an `enum`: generators make a class of each branch of an `anyOf`. */
function withEnums(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withEnums);
  if (typeof schema !== "object" || schema === null) return schema;
  const { anyOf, ...rest } = schema as { anyOf?: unknown };
  const words = Array.isArray(anyOf) ? anyOf.map((each: { const?: unknown }) => each.const) : [];
  if (words.length > 0 && words.every((word) => typeof word === "string")) return { ...rest, type: "string", enum: words };
  const inside = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withEnums(value)]));
  // A list of words without a type leaves a generator to guess.
  return Array.isArray(inside.enum) && inside.type === undefined ? { type: "string", ...inside } : inside;
}
