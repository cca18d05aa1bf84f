/** Writes into a hearth.yaml where its gateway's twin is, and changes no other byte of it: comments and order are the operator's. */

import { isMap, isScalar, parseDocument } from "yaml";
import { GatewayError } from "../../device-drivers/contract/error.ts";

interface TwinAt {
  readonly embedded: false;
  readonly url: string;
  /** Of the gateway, where the twin knows it under another one than `gateway.id`. */
  readonly name?: string;
}

/** @throws GatewayError `config.not_ours` (operator) where the section is written in a way that can't be kept */
export function withTwinAt(text: string, at: TwinAt): string {
  const document = parseDocument(text);
  const section: unknown = document.get("twin", true);
  const lines = Object.entries(at).map(([key, value]) => `${key}: ${value}`);
  if (section === undefined) return `${text.replace(/\n*$/, "\n")}\ntwin:\n${lines.map((line) => `  ${line}\n`).join("")}`;
  const [first] = isMap(section) && section.flow !== true ? section.items : [];
  if (!isMap(section) || first === undefined) throw notOurs(lines);
  const start = startOf(first.key);
  if (start === undefined) throw notOurs(lines);
  const indent = " ".repeat(start - (text.lastIndexOf("\n", start - 1) + 1));
  const edits: { readonly from: number; readonly to: number; readonly text: string }[] = [];
  for (const [key, value] of Object.entries(at)) {
    const there: unknown = section.get(key, true);
    if (there === undefined) edits.push({ from: start, to: start, text: `${key}: ${value}\n${indent}` });
    else if (isScalar(there) && there.range && `${there.value}` !== `${value}`)
      edits.push({ from: there.range[0], to: there.range[1], text: `${value}` });
    else if (!isScalar(there)) throw notOurs(lines);
  }
  // A name of an earlier twin's.
  const former: unknown = at.name === undefined ? section.get("name", true) : undefined;
  if (former !== undefined) throw notOurs(["name: (none)", ...lines]);
  return edits
    .sort((a, b) => b.from - a.from)
    .reduce((edited, { from, to, text: piece }) => edited.slice(0, from) + piece + edited.slice(to), text);
}

function startOf(key: unknown): number | undefined {
  return isScalar(key) ? key.range?.[0] : undefined;
}

function notOurs(lines: readonly string[]): GatewayError {
  return new GatewayError(
    "config.not_ours",
    "operator",
    `Write this into the section twin of hearth.yaml yourself, then join again: ${lines.join(", ")}.`,
  );
}
