/** A drawing as SVG. Pure; texts are escaped, and it asks for nothing from outside. */

import type { Drawing, Line, Text } from "./drawing.ts";

export function toSvg({ widthMm, heightMm, title, shapes }: Drawing): string {
  const size = `width="${short(widthMm)}mm" height="${short(heightMm)}mm" viewBox="0 0 ${short(widthMm)} ${short(heightMm)}"`;
  const parts = shapes.map((shape) => (shape.kind === "line" ? lineOf(shape) : textOf(shape)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" font-family="sans-serif">`,
    `<title>${escaped(title)}</title>`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function lineOf({ points, widthMm, colour }: Line): string {
  // A single point is a line to itself: with round ends a dot.
  const all = points.length === 1 ? [...points, ...points] : points;
  const path = all.map(([x, y]) => `${short(x)},${short(y)}`).join(" ");
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${widthMm}" stroke-linejoin="round" stroke-linecap="round"/>`;
}

/** A capital letter of most faces is 0.72 of their size high. */
function textOf({ at: [x, y], anchor, text, heightMm, colour }: Text): string {
  const place = `x="${short(x)}" y="${short(y)}" text-anchor="${anchor}" font-size="${short(heightMm / 0.72)}"`;
  return `<text ${place} fill="${colour}">${escaped(text)}</text>`;
}

const short = (value: number) => String(Math.round(value * 1000) / 1000);

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
/** Without what XML 1.0 may not hold. */
const escaped = (text: string) =>
  Array.from(text)
    .filter((letter) => letter >= " " && letter !== "\ufffe" && letter !== "\uffff" && letter.isWellFormed())
    .map((letter) => entities[letter] ?? letter)
    .join("");
