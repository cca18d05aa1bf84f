/** Reads JSON (RFC 8259) from bytes that nobody vouches for. Size, nesting and number of values are looked at before anything is built. */

interface JsonLimits {
  readonly maxBytes: number;
  /** Lists and objects within each other. */
  readonly maxDepth?: number;
  /** Values in all, the parts of lists and objects included. */
  readonly maxItems?: number;
}

const defaultMaxDepth = 16;
const defaultMaxItems = 65_536;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The value; undefined when the bytes are no JSON, exceed a limit, or hold a number beyond the range of doubles. */
export function readJson(bytes: Uint8Array, limits: JsonLimits): { value: unknown } | undefined {
  if (bytes.length > limits.maxBytes || !isWithin(bytes, limits)) return undefined;
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return isAllFinite(value) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

const code = { quote: 0x22, backslash: 0x5c, comma: 0x2c, openList: 0x5b, closeList: 0x5d, openObject: 0x7b, closeObject: 0x7d } as const;

/** Counts brackets and commas outside of strings. What is no JSON at all may pass; the parser refuses it. */
function isWithin(bytes: Uint8Array, { maxDepth = defaultMaxDepth, maxItems = defaultMaxItems }: JsonLimits): boolean {
  let depth = 0;
  let items = 1;
  let isText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isText) {
      if (byte === code.backslash) at++;
      else if (byte === code.quote) isText = false;
    } else if (byte === code.quote) isText = true;
    else if (byte === code.comma) items++;
    else if (byte === code.openList || byte === code.openObject) {
      depth++;
      items++;
    } else if (byte === code.closeList || byte === code.closeObject) depth--;
    if (depth > maxDepth || items > maxItems) return false;
  }
  return true;
}

/** JSON.parse makes Infinity of 1e400. The nesting is bounded by now. */
function isAllFinite(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isAllFinite);
}
