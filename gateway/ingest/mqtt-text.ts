/** The text rules of MQTT 3.1.1 on raw bytes: strict UTF-8 and topic shapes. Never decodes, never allocates. */

const SLASH = 0x2f;
const PLUS = 0x2b;
const HASH = 0x23;

/** True when bytes `from`…`to` are UTF-8 without NUL, control characters (C0, DEL, C1), surrogates or non-characters [MQTT-1.5.3-1, -2]. */
export function isStrictText(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    if (byte >= 0x20 && byte < 0x7f) continue;
    const length = sequenceLength(bytes, i, to);
    if (length === 0) return false;
    i += length - 1;
  }
  return true;
}

/** True for a topic that may be published to: not empty, strict text, no wildcard [MQTT-3.3.2-2]. */
export function isTopicName(bytes: Uint8Array, from: number, to: number): boolean {
  if (to <= from) return false;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === PLUS || byte === HASH) return false;
    if (byte >= 0x20 && byte < 0x7f) continue;
    const length = sequenceLength(bytes, i, to);
    if (length === 0) return false;
    i += length - 1;
  }
  return true;
}

/** True for a filter: not empty, strict text, `+` alone in its level, `#` alone in the last one [MQTT-4.7.1-2, -3]. */
export function isTopicFilter(bytes: Uint8Array, from: number, to: number): boolean {
  if (to <= from || !isStrictText(bytes, from, to)) return false;
  for (let i = from; i < to; i++) {
    const byte = bytes[i];
    if (byte !== PLUS && byte !== HASH) continue;
    if (i > from && bytes[i - 1] !== SLASH) return false;
    if (i + 1 < to && (byte === HASH || bytes[i + 1] !== SLASH)) return false;
  }
  return true;
}

/** Length of the well-formed, allowed sequence of two to four bytes at `i`; 0 for anything else. */
function sequenceLength(bytes: Uint8Array, i: number, to: number): number {
  const first = bytes[i] ?? 0;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || i + length > to) return 0;
  let point = first & (0xff >> (length + 1));
  for (let k = 1; k < length; k++) {
    const byte = bytes[i + k] ?? 0;
    if ((byte & 0xc0) !== 0x80) return 0;
    point = (point << 6) | (byte & 0x3f);
  }
  const isOverlong = (length === 3 && point < 0x800) || (length === 4 && point < 0x10000);
  const isControl = point < 0xa0;
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  const isNonCharacter = (point & 0xfffe) === 0xfffe || (point >= 0xfdd0 && point <= 0xfdef);
  return isOverlong || isControl || isSurrogate || isNonCharacter || point > 0x10ffff ? 0 : length;
}
