/** Two rules of the house that need a parser: how long a function may be, and that whatever is exported is used somewhere. */

import { posix } from "node:path";
import { parseSync } from "vite";

/** Lines of a function, and of a factory (`create…`, `open…`, `start…`, a family's `create`), whose body is the state that its methods share. */
const longest = { function: 80, factory: 150 };
const factory = /^(create|open|start)([A-Z]|$)/;
/** A longer one says why in a comment before it that begins with this word. */
const reason = "Long:";

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

interface Parsed {
  readonly program: Node;
  readonly comments: readonly { readonly value: string; readonly start: number; readonly end: number }[];
}

/** What breaks the rules in a tree of path → source, a sentence each. Tests count as users and may be as long as they like. */
export function houseRules(tree: ReadonlyMap<string, string>): string[] {
  const parsed = [...tree].map(([file, source]) => ({ file, source, ...(parseSync(file, source) as unknown as Parsed) }));
  return [...parsed.filter(({ file }) => !isTest(file)).flatMap(longFunctions), ...unusedExports(parsed)];
}

const isTest = (file: string) => /\.test\.tsx?$|^test\/|\/testdata\//.test(file);

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}

/** Calls `see` with each node and those around it, the nearest first. */
function walk(node: Node, see: (node: Node, around: readonly Node[]) => void, around: readonly Node[] = []): void {
  see(node, around);
  const inner = [node, ...around];
  for (const value of Object.values(node))
    for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) walk(each, see, inner);
}

function longFunctions({ file, source, program, comments }: Parsed & { file: string; source: string }): string[] {
  const found: string[] = [];
  const lineOf = (at: number) => source.slice(0, at).split("\n").length;
  walk(program, (node, around) => {
    const body = node.body;
    if (!/Function/.test(node.type) || !isNode(body) || body.type !== "BlockStatement") return;
    const name = nameOf(node, around);
    const lines = lineOf(node.end) - lineOf(node.start) + 1;
    const limit = factory.test(name) ? longest.factory : longest.function;
    if (lines <= limit) return;
    const statement = around.find((each) => /Declaration$/.test(each.type)) ?? node;
    const isExplained = comments.some(
      ({ value, end }) =>
        value.includes(reason) && end <= Math.max(node.start, statement.start) && source.slice(end, node.start).split("\n").length < 4,
    );
    if (!isExplained) found.push(`${file}:${lineOf(node.start)} ${name} has ${lines} lines; ${limit} are allowed`);
  });
  return found;
}

function nameOf(node: Node, [parent]: readonly Node[]): string {
  for (const each of [node.id, parent?.id, parent?.key]) if (isNode(each) && typeof each.name === "string") return each.name;
  return "a function";
}

function unusedExports(parsed: readonly (Parsed & { file: string })[]): string[] {
  const used = new Map<string, Set<string>>();
  for (const { file, program } of parsed) {
    const use = (specifier: unknown, names: readonly string[]) => {
      if (typeof specifier !== "string" || !specifier.startsWith(".")) return;
      const target = posix.normalize(posix.join(posix.dirname(file), specifier));
      const known = used.get(target) ?? new Set();
      used.set(target, known);
      for (const name of names) known.add(name);
    };
    walk(program, (node, around) => {
      const specifier = literalOf(node.source);
      if (node.type === "ImportDeclaration" || node.type === "ExportNamedDeclaration") use(specifier, namesOf(node));
      if (node.type === "ExportAllDeclaration") use(specifier, ["*"]);
      // Loaded when it is needed: what is taken of it stands around the import, or all of it is.
      if (node.type === "ImportExpression") use(specifier, [memberOf(around) ?? "*"]);
      if (node.type === "TSImportType") use(specifier ?? literalOf(node.argument), ["*"]);
    });
  }
  return parsed.flatMap(({ file, program }) => {
    const names = used.get(file) ?? new Set();
    if (isTest(file) || names.has("*")) return [];
    return exportsOf(program).flatMap((name) => (names.has(name) ? [] : [`${file} exports ${name}, which nobody imports`]));
  });
}

const literalOf = (node: unknown) => (isNode(node) ? node.value : undefined);
const nodesOf = (value: unknown) => (Array.isArray(value) ? value.filter(isNode) : []);
const named = (node: unknown) => (isNode(node) ? String(node.name ?? node.value) : "");

function namesOf(node: Node): string[] {
  return nodesOf(node.specifiers).map((each) => {
    if (each.type === "ImportNamespaceSpecifier") return "*";
    return named(each.imported ?? each.local);
  });
}

/** `(await import("…")).name`. */
function memberOf(around: readonly Node[]): string | undefined {
  const [parent, next] = around.filter(({ type }) => type !== "ParenthesizedExpression");
  const member = parent?.type === "AwaitExpression" ? next : undefined;
  return member?.type === "MemberExpression" ? named(member.property) : undefined;
}

function exportsOf(program: Node): string[] {
  return nodesOf(program.body).flatMap((statement) => {
    if (statement.type !== "ExportNamedDeclaration") return [];
    const { declaration } = statement;
    if (!isNode(declaration)) return nodesOf(statement.specifiers).map((each) => named(each.exported));
    const inner = nodesOf(declaration.declarations);
    return (inner.length > 0 ? inner : [declaration]).flatMap((each) => boundBy(each.id));
  });
}

/** `a`, and what `{ b: a, c }` takes apart. */
function boundBy(id: unknown): string[] {
  if (!isNode(id) || id.type !== "ObjectPattern") return [named(id)];
  return nodesOf(id.properties).flatMap((each) => boundBy(each.value ?? each.argument));
}
