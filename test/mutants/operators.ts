/** The kinds of faults. Each names the places of a syntax tree where it can be planted, and what then stands there. */

import { bare, childOf, isFunction, listOf, type SyntaxNode, withinBody } from "./syntax.ts";

export interface Place {
  readonly node: SyntaxNode;
  /** From the nearest outwards. */
  readonly parents: readonly SyntaxNode[];
  readonly source: string;
  readonly functionNames: ReadonlySet<string>;
}

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Operator {
  readonly name: string;
  readonly plant: (place: Place) => Edit[];
}

const textOf = (place: Place, node: SyntaxNode) => place.source.slice(node.start, node.end);
const instead = (node: SyntaxNode, text: string): Edit[] => [{ start: node.start, end: node.end, text }];
const wrapped = (text: string) => (/^[\w.]+$/.test(text) ? text : `(${text})`);

/** The operator between two operands replaced by another. */
function swap(place: Place, pairs: Readonly<Record<string, string>>): Edit[] {
  const { node, source } = place;
  const [left, right] = [childOf(node, "left"), childOf(node, "right")];
  const operator = String(node.operator);
  const other = pairs[operator];
  if (other === undefined || left === undefined || right === undefined) return [];
  const start = source.indexOf(operator, left.end);
  return start < 0 || start >= right.start ? [] : [{ start, end: start + operator.length, text: other }];
}

/** Whether a `+` joins texts, as far as the source shows it. */
function isText(node: SyntaxNode | undefined): boolean {
  const inner = bare(node);
  if (inner === undefined) return false;
  if (inner.type === "TemplateLiteral" || typeof inner.value === "string") return true;
  return inner.type === "BinaryExpression" && (isText(childOf(inner, "left")) || isText(childOf(inner, "right")));
}

const isTest = ({ node, parents }: Place) =>
  (parents[0]?.type === "IfStatement" || parents[0]?.type === "ConditionalExpression") && childOf(parents[0], "test") === node;

/** `a()`, `await a()`, `void a()`. */
function isCall(node: SyntaxNode | undefined): boolean {
  const inner = bare(node);
  if (inner?.type === "ChainExpression") return isCall(childOf(inner, "expression"));
  if (inner?.type === "AwaitExpression" || inner?.type === "UnaryExpression") return isCall(childOf(inner, "argument"));
  return inner?.type === "CallExpression";
}

const leaves = /^(ReturnStatement|ThrowStatement|ContinueStatement|BreakStatement)$/;
function isLeaving(node: SyntaxNode | undefined): boolean {
  if (node === undefined) return false;
  return node.type === "BlockStatement" ? isLeaving(listOf(node, "body").at(-1)) : leaves.test(node.type);
}

/** An object that is handed on: returned, or a copy of another with changes. */
function isState({ node, parents }: Place): boolean {
  if (listOf(node, "properties").some((property) => property.type === "SpreadElement")) return true;
  const outer = parents.find((parent) => parent.type !== "ParenthesizedExpression" && !parent.type.startsWith("TS"));
  return outer?.type === "ReturnStatement" || (outer?.type === "ArrowFunctionExpression" && bare(childOf(outer, "body")) === node);
}

function withoutProperty(place: Place, property: SyntaxNode): Edit[] {
  const value = bare(childOf(property, "value"));
  const isWork = isFunction(value) || (value?.type === "Identifier" && place.functionNames.has(String(value.name)));
  if (property.type !== "Property" || isWork) return [];
  const comma = /^\s*,/.exec(place.source.slice(property.end))?.[0].length ?? 0;
  return [{ start: property.start, end: property.end + comma, text: "" }];
}

function constant(place: Place): Edit[] {
  const { node, parents } = place;
  const parent = parents[0];
  if (node.type !== "Literal" || typeof node.value !== "number") return [];
  const isName = parent?.type === "Property" && childOf(parent, "key") === node;
  const isIndex = parent?.type === "MemberExpression" && childOf(parent, "property") === node;
  if (isName || isIndex) return [];
  return node.value === 0 ? instead(node, "1") : [...instead(node, `(${textOf(place, node)} * 1000)`), ...instead(node, "0")];
}

/** Options whose other value only harms what nobody promises. */
const dullSwitches = /^(recursive|force|enumerable|configurable|writable|bubbles)$/;

function clamp(place: Place): Edit[] {
  const callee = childOf(place.node, "callee");
  const called = listOf(place.node, "arguments");
  if (callee === undefined || called.length !== 2 || called.some((argument) => argument.type === "SpreadElement")) return [];
  if (!/^Math\.(min|max)$/.test(textOf(place, callee))) return [];
  return called.flatMap((argument) => instead(place.node, wrapped(textOf(place, argument))));
}

function returnEarly({ node }: Place): Edit[] {
  const body = childOf(node, "body");
  if (!isFunction(node) || body?.type !== "BlockStatement" || node.generator === true || listOf(body, "body").length === 0) return [];
  if (withinBody(body, (inner) => inner.type === "ReturnStatement" && childOf(inner, "argument") !== undefined)) return [];
  // What ends in a throw gives no value either, and callers count on it.
  if (listOf(body, "body").at(-1)?.type === "ThrowStatement") return [];
  return [{ start: body.start + 1, end: body.start + 1, text: " return;" }];
}

function withoutAwait(place: Place): Edit[] {
  const { node, parents } = place;
  const argument = childOf(node, "argument");
  if (node.type !== "AwaitExpression" || argument === undefined) return [];
  const isReturned = parents[0]?.type === "ReturnStatement" || parents[0]?.type === "ArrowFunctionExpression";
  if (isReturned && !parents.some((parent) => parent.type === "TryStatement")) return [];
  return [{ start: node.start, end: argument.start, text: "" }];
}

const statement = (inner: (expression: SyntaxNode | undefined) => boolean) => (place: Place) =>
  place.node.type === "ExpressionStatement" && inner(childOf(place.node, "expression")) ? instead(place.node, ";") : [];

export const operators: readonly Operator[] = [
  {
    name: "condition negated",
    plant: (place) => (isTest(place) ? instead(place.node, `!(${textOf(place, place.node)})`) : []),
  },
  {
    name: "boundary",
    plant: (place) => (place.node.type === "BinaryExpression" ? swap(place, { "<": "<=", "<=": "<", ">": ">=", ">=": ">" }) : []),
  },
  {
    name: "equality",
    plant: (place) => (place.node.type === "BinaryExpression" && !isTest(place) ? swap(place, { "===": "!==", "!==": "===" }) : []),
  },
  {
    name: "arithmetic",
    plant: (place) => {
      if (isText(place.node) || isText(childOf(place.node, "left")) || isText(childOf(place.node, "right"))) return [];
      if (place.node.type === "AssignmentExpression") return swap(place, { "+=": "-=", "-=": "+=" });
      return place.node.type === "BinaryExpression" ? swap(place, { "+": "-", "-": "+", "*": "/", "/": "*" }) : [];
    },
  },
  { name: "logic", plant: (place) => (place.node.type === "LogicalExpression" ? swap(place, { "&&": "||", "||": "&&" }) : []) },
  {
    name: "fallback",
    plant: (place) => {
      const [left, right] = [childOf(place.node, "left"), childOf(place.node, "right")];
      if (place.node.type !== "LogicalExpression" || place.node.operator !== "??" || left === undefined || right === undefined) return [];
      return [left, right].flatMap((side) => instead(place.node, wrapped(textOf(place, side))));
    },
  },
  { name: "call dropped", plant: statement(isCall) },
  { name: "assignment dropped", plant: statement((expression) => expression?.type === "AssignmentExpression") },
  { name: "await dropped", plant: withoutAwait },
  {
    name: "property dropped",
    plant: (place) =>
      place.node.type === "ObjectExpression" && isState(place)
        ? listOf(place.node, "properties").flatMap((property) => withoutProperty(place, property))
        : [],
  },
  { name: "constant", plant: constant },
  { name: "clamp removed", plant: (place) => (place.node.type === "CallExpression" ? clamp(place) : []) },
  {
    name: "switch",
    plant: (place) => {
      const key = place.parents[0]?.type === "Property" ? childOf(place.parents[0], "key") : undefined;
      if (typeof place.node.value !== "boolean" || (key !== undefined && dullSwitches.test(textOf(place, key)))) return [];
      return instead(place.node, String(!place.node.value));
    },
  },
  {
    name: "guard dropped",
    plant: (place) => {
      const isGuard = place.node.type === "IfStatement" && childOf(place.node, "alternate") === undefined;
      return isGuard && isLeaving(childOf(place.node, "consequent")) ? instead(place.node, ";") : [];
    },
  },
  { name: "returns early", plant: returnEarly },
];
