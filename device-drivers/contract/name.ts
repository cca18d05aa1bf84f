/** What may stand where people read a name or a remark that came from outside: characters that show and stay in their line. */

export const maxNameLength = 80;

/**
 * Nothing that hides, breaks the line or turns the text round: no control characters (Unicode Cc), no line or paragraph separators, no direction marks,
 * embeddings, overrides and isolates (Unicode Bidi_Control, UTS #55), no zero-width space and word joiner, no byte order mark, no halves of surrogate
 * pairs. The zero-width joiners stay: Persian, Hindi and emoji are written with them. Without Unicode properties, so that JSON Schema's readers in other
 * languages take it.
 */
const shown = "[^\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ud800-\\udfff\\ufeff]*$";
export const plainPattern = `^${shown}`;
/** Not blank besides. */
export const namePattern = `^(?=.*\\S)${shown}`;

/** The same for people to read. */
export const plainMeans = "characters that show: no line breaks, control or direction characters";

const plain = new RegExp(plainPattern, "u");

export function isPlain(text: string): boolean {
  return plain.test(text);
}

/** The name as it is kept: composed (NFC), without blanks at its ends and with single ones inside. Undefined where it is no name: longer than 80, without a letter or digit, or with characters that hide. */
export function nameFrom(text: string): string | undefined {
  if (text.length > maxNameLength || !isPlain(text)) return undefined;
  const name = text.normalize("NFC").replaceAll(/\s+/g, " ").trim();
  return /[\p{L}\p{N}]/u.test(name) ? name : undefined;
}
