import { describe, expect, test } from "vitest";
import { draw } from "./draw.ts";
import { operators } from "./operators.ts";
import { apply, plant } from "./plant.ts";

/** What each operator makes of one line. */
const faults: Record<string, [source: string, ...afters: string[]][]> = {
  "condition negated": [
    ["if (isOpen) close();", "if (!(isOpen)) close();"],
    ["const a = b ? c : d;", "const a = !(b) ? c : d;"],
  ],
  boundary: [
    ["keep(a < b, c >= d);", "keep(a <= b, c >= d);", "keep(a < b, c > d);"],
    ["keep((a as number) /* < */ > b);", "keep((a as number) /* < */ >= b);"],
  ],
  equality: [["keep(a === b);", "keep(a !== b);"], ["if (a === b) keep();"]],
  arithmetic: [
    ["a = b + c * d;", "a = b - c * d;", "a = b + c / d;"],
    ["a += b;", "a -= b;"],
    ['a = b + " of " + c;'],
    ['a += "."; b = c + `$' + "{d}`;"],
  ],
  logic: [["keep(a && b || c);", "keep(a || b || c);", "keep(a && b && c);"]],
  fallback: [["keep(a ?? b + c);", "keep(a);", "keep((b + c));"]],
  "call dropped": [
    ["close();", ";"],
    ["await file.sync();", ";"],
    ["void listener?.(a);", ";"],
    ['log.warn({ a }, "late"); this.log?.info({}, "b"); timer.unref(); assertNever(a);'],
  ],
  "assignment dropped": [["state.lastUs = nowUs;", ";"]],
  "await dropped": [
    ["await file.sync();", "file.sync();"],
    ["async () => { return await a; };"],
    ["async () => { try { return await a; } finally { b(); } };", "async () => { try { return a; } finally { b(); } };"],
  ],
  "property dropped": [
    ["const next = { ...state, lastUs, count: 2 };", "const next = { ...state,  count: 2 };", "const next = { ...state, lastUs,  };"],
    ["const f = () => ({ a, b: 1 });", "const f = () => ({  b: 1 });", "const f = () => ({ a,  });"],
    ["const go = () => {}; const f = () => ({ go, stop: () => {} });"],
    ["keep({ a });"],
  ],
  constant: [["wait(30_000);", "wait((30_000 * 1000));", "wait(0);"], ["a = 0;", "a = 1;"], ["keep(list[1], { 2: a });"]],
  "clamp removed": [["a = Math.min(b, c + 1);", "a = b;", "a = (c + 1);"], ["a = Math.max(...b); c = Math.min(d, e, f);"]],
  switch: [["keep({ retain: true });", "keep({ retain: false });"], ["keep({ recursive: true });"]],
  "guard dropped": [
    ["function f() { if (a) return b; c(); }", "function f() { ; c(); }"],
    ["if (a) { b(); throw c; }", ";"],
    ["if (a) b(); else throw c;"],
  ],
  "returns early": [
    ["function f() { a(); }", "function f() { return; a(); }"],
    ["const f = () => { b(() => { return 1; }); };", "const f = () => { return; b(() => { return 1; }); };"],
    ["function f() { return a; }"],
    ['function f() { throw new Error("a"); }'],
  ],
};

const planted = (operator: string, source: string) =>
  plant("a.ts", source)
    .filter((mutant) => mutant.operator === operator)
    .map(({ after }) => after);

describe("each kind of fault stands where it can be one", () => {
  test.for(operators.map(({ name }) => name))("%s", (name) => {
    expect(faults[name]).toBeDefined();
    for (const [source, ...afters] of faults[name] ?? []) {
      // Returning early nests: the snippet's inner function is a place of its own.
      expect(planted(name, source)).toEqual(expect.arrayContaining(afters));
      expect(planted(name, source)).toHaveLength(afters.length);
    }
  });
});

test("nothing is planted in types, imports, log lines, errors' words and metrics' help", () => {
  const source = [
    'import { a } from "./a.ts";',
    'export * from "./b.ts";',
    "interface A { b: 1; c: true }",
    "type B = 0 | 1;",
    'log.info({ a: b + 1, c: true }, "d");',
    "if (a >= 500) { log.warn({ a }, b); }",
    "throw new GatewayError(a + 1, { b: c ?? d });",
    "counter({ help: a + 1 });",
  ];
  expect(plant("a.ts", source.slice(0, -1).join("\n"))).toEqual([]);
  expect(plant("a.ts", source.at(-1) ?? "").map(({ operator }) => operator)).toEqual(["call dropped"]);
});

test("a fault stands at its own place, in lines with letters of any kind", () => {
  const source = "// ü€😀\nconst a = 'ü';\nkeep(a, b < c);\n";
  const [mutant] = plant("a.ts", source).filter(({ operator }) => operator === "boundary");
  expect(mutant).toMatchObject({ line: 3, before: "keep(a, b < c);", after: "keep(a, b <= c);" });
  expect(mutant && apply(source, mutant.edit)).toBe("// ü€😀\nconst a = 'ü';\nkeep(a, b <= c);\n");
});

describe("a draw", () => {
  const source = Array.from({ length: 40 }, (_, n) => `keep${n}(a${n} < b${n}, c ?? d, ${n + 2});`).join("\n");
  const all = plant("a.ts", source);
  const drawn = (seed: number, count = 12) => draw(all, count, seed, () => true);

  test("is the same for the same seed, and another for another", () => {
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
  });

  test("has at most one fault of a line, and of every kind as many", () => {
    expect(new Set(drawn(1).map(({ line }) => line)).size).toBe(12);
    const counts = [...Map.groupBy(drawn(1), ({ operator }) => operator).values()].map(({ length }) => length);
    expect(counts).toEqual([3, 3, 3, 3]);
    expect(drawn(1, 1000)).toHaveLength(40);
  });

  test("stays as it is when lines are added above", () => {
    const moved = draw(plant("a.ts", `\n\n// more\n${source}`), 12, 1, () => true);
    expect(moved.map(({ after }) => after)).toEqual(drawn(1).map(({ after }) => after));
  });

  test("leaves out what is no program", () => {
    expect(draw(all, 12, 1, ({ operator }) => operator !== "boundary").some(({ operator }) => operator === "boundary")).toBe(false);
  });
});
