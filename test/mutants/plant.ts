/** Finds where faults can be planted in a source text, and leaves out what is no behaviour: types, imports, log lines, words of errors. */

import { type Edit, operators } from "./operators.ts";
import { childOf, childrenOf, functionNames, listOf, parse, type SyntaxNode } from "./syntax.ts";

export interface Mutant {
  /** From the root of the tree, with slashes. */
  readonly file: string;
  readonly operator: string;
  readonly line: number;
  readonly edit: Edit;
  /** The lines that the edit touches, as they were and as they are. */
  readonly before: string;
  readonly after: string;
}

const wrappers = /^TS(As|NonNull|Satisfies)Expression$/;
const logCalls = /(^|[.?])(log|logger|console)\??\.\w+$|^process\.std(out|err)\.write$|(^|\.)unref$|^assertNever$|^super$/;

/** The part of a node that behaves; undefined where there is none. */
function behaviour(node: SyntaxNode, source: string): readonly SyntaxNode[] {
  if (wrappers.test(node.type)) return [childOf(node, "expression") ?? []].flat();
  if (node.type.startsWith("TS") || node.type.startsWith("Import") || node.type === "ExportAllDeclaration") return [];
  const callee = childOf(node, "callee");
  const called = callee === undefined ? "" : source.slice(callee.start, callee.end);
  if (node.type === "NewExpression" && /Error$/.test(called)) return [];
  if (node.type === "CallExpression" && logCalls.test(called)) return [];
  const key = node.type === "Property" ? childOf(node, "key") : undefined;
  if (key !== undefined && /^(help|description|message)$/.test(source.slice(key.start, key.end))) return [];
  return childrenOf(node);
}

/** A log line, and an `if` round nothing else. */
function isSilent(node: SyntaxNode | undefined, source: string): boolean {
  if (node?.type === "BlockStatement") return listOf(node, "body").every((inner) => isSilent(inner, source));
  if (node?.type === "IfStatement") return childOf(node, "alternate") === undefined && isSilent(childOf(node, "consequent"), source);
  const expression = node?.type === "ExpressionStatement" ? childOf(node, "expression") : undefined;
  const call = expression?.type === "ChainExpression" ? childOf(expression, "expression") : expression;
  return call?.type === "CallExpression" && behaviour(call, source).length === 0;
}

/** Every fault that can be planted in this text, in the order of the text. */
export function plant(file: string, source: string): Mutant[] {
  const program = parse(file, source);
  if (program === undefined) throw new Error(`${file} can't be parsed`);
  const names = functionNames(program);
  const found: Mutant[] = [];
  const walk = (node: SyntaxNode, parents: readonly SyntaxNode[]): void => {
    if (isSilent(node, source)) return;
    for (const { name, plant } of operators)
      for (const edit of plant({ node, parents, source, functionNames: names })) found.push(describe(file, source, name, edit));
    for (const child of behaviour(node, source)) walk(child, [node, ...parents]);
  };
  walk(program, []);
  return found;
}

function describe(file: string, source: string, operator: string, edit: Edit): Mutant {
  const from = source.lastIndexOf("\n", edit.start - 1) + 1;
  const newline = source.indexOf("\n", edit.end);
  const to = newline < 0 ? source.length : newline;
  return {
    file,
    operator,
    line: source.slice(0, edit.start).split("\n").length,
    edit,
    before: source.slice(from, to),
    after: `${source.slice(from, edit.start)}${edit.text}${source.slice(edit.end, to)}`,
  };
}

export function apply(source: string, { start, end, text }: Edit): string {
  return `${source.slice(0, start)}${text}${source.slice(end)}`;
}
