/** Voltages as headers and devices spell them. */

/** U+00B5, U+03BC, and U+00B5 in UTF-8 read byte by byte (a header is Latin-1). */
const micro = "u|\\u00b5|\\u03bc|\\u00c2\\u00b5|\\u00ce\\u00bc|micro";
const voltage = new RegExp(`^(?:(n|nano)|(${micro})|(m|milli))?v(?:olts?)?$`, "i");

/** Millivolts in one of `unit`, in the spellings that recordings use ("uV", "µV", "mv", "volt"); undefined where it is no voltage. */
export function millivoltsPer(unit: string): number | undefined {
  const match = voltage.exec(unit.trim());
  if (match === null) return undefined;
  const [, nano, microvolt, milli] = match;
  return nano !== undefined ? 1e-6 : microvolt !== undefined ? 1e-3 : milli !== undefined ? 1 : 1e3;
}
