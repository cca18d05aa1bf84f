/** The fields of a descriptor one by one: what the profile's page says of each, and how one that a device sent stands. It follows the schema and knows no field of its own. */

import type { TSchema } from "typebox";
import Value from "typebox/value";
import type { FieldCheck } from "../contract/driver.ts";
import { readJson } from "../framing/json-reader.ts";
import { maxMetaBytes, parseMeta } from "./meta.ts";
import { metaSchema } from "./meta-schema.ts";

/** A JSON Schema as far as the descriptor's has parts. */
type Node = TSchema & {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node | readonly Node[];
  readonly anyOf?: readonly Node[];
  readonly default?: unknown;
  readonly description?: string;
};

interface FieldRow {
  /** "channels[].scale" */
  readonly field: string;
  /** In words of JSON: "number", "text", "whole number", "list", "object". */
  readonly type: string;
  readonly isRequired: boolean;
  readonly byDefault?: string;
  readonly says: string;
}

/** A row a field, in the schema's order. */
export function metaRows(schema: Node = metaSchema as Node, path = ""): FieldRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const field = path === "" ? key : `${path}.${key}`;
    const row: FieldRow = {
      ...{ field, type: typeWords(child), isRequired: schema.required?.includes(key) === true, says: child.description ?? "" },
      ...(child.default === undefined ? {} : { byDefault: JSON.stringify(child.default) }),
    };
    const inner = itemOf(child);
    return [row, ...(inner === undefined ? metaRows(child, field) : metaRows(inner, `${field}[]`))];
  });
}

const itemOf = ({ items }: Node): Node | undefined => (items === undefined || Array.isArray(items) ? undefined : (items as Node));

function typeWords({ type, anyOf }: Node): string {
  if (anyOf !== undefined) return "text";
  const words: Readonly<Record<string, string>> = { string: "text", integer: "whole number", array: "list" };
  return words[type ?? ""] ?? type ?? "";
}

const shownItems = 8;
const shownChars = 60;

/** Every field of a descriptor as it was sent, those that are missing or take their default, and those that nothing reads. One entry without a field where it is no JSON object. */
export function checkMeta(payload: Uint8Array): FieldCheck[] {
  const value = readJson(payload, { maxBytes: maxMetaBytes })?.value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [{ field: "", fault: "type" }];
  const checks = checkObject(metaSchema as Node, value as Record<string, unknown>, "");
  // Rules between fields, which no schema tells.
  const parsed = parseMeta(payload, "", "");
  const isKnown = parsed.kind === "meta" || checks.some(({ fault }) => fault !== undefined);
  return isKnown
    ? checks
    : checks.map((check) => (check.field === parsed.field && parsed.fault !== undefined ? { ...check, fault: parsed.fault } : check));
}

function checkObject(schema: Node, value: Readonly<Record<string, unknown>>, path: string): FieldCheck[] {
  const properties = schema.properties ?? {};
  const named = (key: string) => (path === "" ? key : `${path}.${key}`);
  const known = Object.entries(properties).flatMap(([key, child]): FieldCheck[] => {
    if (value[key] !== undefined) return checkValue(child, value[key], named(key));
    if (schema.required?.includes(key) === true) return [{ field: named(key), fault: "missing" }];
    return child.default === undefined ? [] : [{ field: named(key), value: JSON.stringify(child.default), note: "default" }];
  });
  const unread = Object.keys(value).filter(
    (key) => properties[key] === undefined && schema.type === "object" && schema.properties !== undefined,
  );
  return [
    ...known,
    ...unread.slice(0, shownItems).map((key): FieldCheck => ({ field: named(key), value: short(value[key]), note: "unread" })),
  ];
}

function checkValue(schema: Node, value: unknown, field: string): FieldCheck[] {
  const item = itemOf(schema);
  if (item !== undefined && Array.isArray(value)) {
    const own: FieldCheck[] = Value.Check({ ...schema, items: {} }, value)
      ? []
      : [{ field, value: `${value.length} entries`, fault: "range" }];
    if (value.length === 0 && own.length === 0) return [{ field, value: "[]" }];
    return [...own, ...value.slice(0, shownItems).flatMap((each, at) => checkValue(item, each, `${field}[${at}]`))];
  }
  if (schema.properties !== undefined && typeof value === "object" && value !== null)
    return checkObject(schema, value as Record<string, unknown>, field);
  const [error] = Value.Errors(schema, value);
  const check: FieldCheck = { field, value: short(value) };
  return [error === undefined ? check : { ...check, fault: error.keyword === "type" ? "type" : "range" }];
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > shownChars ? `${text.slice(0, shownChars)}…` : text;
}
