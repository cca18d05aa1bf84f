/** What the operators need to know of a source text. The parser is Vite's, which comes with Vitest: TypeScript 7 has none to call. */

import { parseSync } from "vite";

/** A node as ESTree has it; `start` and `end` count UTF-16 units of the source. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** Undefined where the text is no TypeScript. */
export function parse(file: string, source: string): SyntaxNode | undefined {
  const { program, errors } = parseSync(file, source);
  return errors.length > 0 ? undefined : (program as unknown as SyntaxNode);
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string";
}

export function childOf(node: SyntaxNode, key: string): SyntaxNode | undefined {
  const child = node[key];
  return isNode(child) ? child : undefined;
}

export function listOf(node: SyntaxNode, key: string): readonly SyntaxNode[] {
  const list = node[key];
  return Array.isArray(list) ? list.filter(isNode) : [];
}

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node).flatMap((value) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));
}

/** The expression inside its parentheses. */
export function bare(node: SyntaxNode | undefined): SyntaxNode | undefined {
  let inner = node;
  while (inner?.type === "ParenthesizedExpression") inner = childOf(inner, "expression");
  return inner;
}

export const isFunction = (node: SyntaxNode | undefined) =>
  node !== undefined && /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type);

/** Every node of a function's own body that `seek` accepts; functions inside it are not looked into. */
export function withinBody(body: SyntaxNode, seek: (node: SyntaxNode) => boolean): boolean {
  return childrenOf(body).some((child) => !isFunction(child) && (seek(child) || withinBody(child, seek)));
}

/** Names under which the file declares functions. */
export function functionNames(program: SyntaxNode): ReadonlySet<string> {
  const names = new Set<string>();
  const look = (node: SyntaxNode): void => {
    const isNamed = node.type === "FunctionDeclaration" || (node.type === "VariableDeclarator" && isFunction(bare(childOf(node, "init"))));
    const name = childOf(node, "id")?.name;
    if (isNamed && typeof name === "string") names.add(name);
    for (const child of childrenOf(node)) look(child);
  };
  look(program);
  return names;
}
