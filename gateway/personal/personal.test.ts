import { serialize } from "node:v8";
import { expect, test } from "vitest";
import type { ModelSpec } from "../../models/model-spec.ts";
import type { PersonalSpec } from "../../models/personal-spec.ts";
import type { Fact } from "../facts/fact.ts";
import { createGuard } from "../facts/guarded.ts";
import type { LearnAct } from "../facts/learning.ts";
import type { RuleDecision } from "../rules/rule.ts";
import { mostNormals } from "./memory.ts";
import { createPersonal, mostMemories, type PersonalState } from "./personal.ts";

interface Mean {
  sum: number;
  count: number;
  isKnown: boolean;
  normals: { id: number; value: number }[];
}

/** Learns the mean of one number; what is further than 1 from it, and from what was called normal, is unusual. */
const mean: PersonalSpec<Mean> = {
  learnS: 60,
  curves: { residualAt: 0, shownAt: 1, points: 3, fromS: -0.1, toS: 0.1 },
  empty: () => ({ sum: 0, count: 0, isKnown: false, normals: [] }),
  learn(state, { vector }) {
    state.sum += vector[0] as number;
    state.count++;
  },
  finish(state) {
    state.isKnown = true;
  },
  judge(state, { vector }) {
    if (!state.isKnown) return undefined;
    const value = vector[0] as number;
    const distance = Math.min(
      ...[state.sum / state.count, ...state.normals.map((each) => each.value)].map((known) => Math.abs(value - known)),
    );
    return { score: distance > 1 ? 0.999 : 0.5, nearest: 0, distance, parts: { shape: distance } };
  },
  describe: () => "wider",
  addNormal(state, { vector }) {
    const id = state.normals.length + 1;
    state.normals.push({ id, value: vector[0] as number });
    return id;
  },
  undo(state, id) {
    state.normals = state.normals.filter((each) => each.id !== id);
    return true;
  },
};

const models = [{ id: "mean", trigger: { kind: "beat", runs: [{ name: "first" }] }, personal: mean }] as unknown as ModelSpec[];
const guard = createGuard((_part, thrown) => {
  throw thrown;
});
const open = (saved?: PersonalState) =>
  createPersonal({ models, versions: { mean: "1" }, guard, learnS: () => undefined, ...(saved === undefined ? {} : { saved }) });

interface Beat {
  readonly value?: number;
  readonly label?: "N" | "V" | "S";
  readonly quality?: Partial<Fact & { kind: "quality" }>;
  readonly decided?: readonly RuleDecision[];
  /** Of an hour before, brought now. */
  readonly late?: boolean;
}

/** One beat a second, half a second into it, each with its class and its second's judgement. */
function wearer(device = "strap", placement: string | undefined = "chest", fromS = 0) {
  let personal = open();
  let past = personal.beside();
  let s = fromS;
  let pastS = 0;
  const source = { device, stream: "ecg" };
  const pushTo =
    (late: boolean) =>
    (fact: Fact, decided: readonly RuleDecision[] = []) =>
      (late ? past : personal).push(fact, decided);
  const self = {
    wear(other: string, at: string | undefined) {
      Object.assign(source, { device: other });
      personal.opened({ ...source, ...(at === undefined ? {} : { placement: at }) });
      return self;
    },
    beats(count: number, { value = 0, label = "N", quality = {}, decided = [], late = false }: Beat = {}) {
      const unusual = [];
      const push = pushTo(late);
      for (let i = 0; i < count; i++) {
        const atS = late ? pastS++ : s++;
        const timeUs = atS * 1e6 + 500_000;
        const base = { kind: "result", pass: "first", about: [{ ...source }], timeUs, knownUs: timeUs + 400_000, rrMs: 1000 } as const;
        unusual.push(
          ...push(
            { ...base, model: { id: "mean", version: "1" }, outcome: { kind: "vector", vector: Float32Array.of(value, 0, 1, 0) } },
            decided,
          ),
        );
        push({ ...base, model: { id: "ecg-beat", version: "1" }, outcome: { kind: "label", label, probability: 1 } });
        const judged = {
          level: "good",
          contact: "on",
          contactMeasured: "measured",
          saturated: false,
          flat: false,
          noisy: false,
          removal: false,
        } as const;
        push({ kind: "quality", ...source, timeUs: (atS + 1) * 1e6, ...judged, ...quality });
      }
      return unusual;
    },
    act(act: LearnAct, number: number) {
      pushTo(false)({ kind: "learn", timeUs: s * 1e6, number, fromUs: s * 1e6, by: "Carer", act });
    },
    restart() {
      const saved = structuredClone(past.state());
      personal = open(structuredClone(personal.state()));
      past = personal.beside(saved);
    },
    state: () => personal.state(),
    get memory() {
      return personal.state()?.memories[0];
    },
  };
  return self.wear(device, placement);
}

const scores = (facts: readonly { readonly judged?: { readonly score: number } }[]) => facts.map(({ judged }) => judged?.score);

test("it learns a minute of good signal, which is said as it goes, and judges from then on", () => {
  const person = wearer();
  const learning = person.beats(90);
  // The first ten seconds of a strap are not believed.
  expect(learning[40]?.learning).toMatchObject({ of: "chest", model: { id: "mean", version: "1" }, neededS: 60 });
  expect(learning[40]?.learning.learntS).toBeGreaterThan(20);
  expect(learning[40]?.learning.finishedUs).toBeUndefined();
  expect(scores(learning).indexOf(0.5)).toBeGreaterThan(60);
  expect(scores(person.beats(3, { value: 5 }))).toEqual([0.999, 0.999, 0.999]);
  expect(person.memory?.finishedUs).toBeDefined();
});

test("what is poor, ectopic or alarmed is not learnt, and after its minutes nothing is", () => {
  const person = wearer();
  person.beats(30);
  person.beats(10, { value: 100, quality: { level: "poor" } });
  person.beats(10, { value: 100, label: "V" });
  const vt = { kind: "begin", rule: "rhythm.vt", device: "strap", alertKind: "physiological" } as RuleDecision & { kind: "begin" };
  person.beats(1, { value: 100, decided: [vt] });
  person.beats(9, { value: 100 });
  person.beats(1, { value: 100, decided: [{ kind: "end", rule: "rhythm.vt", device: "strap", endUs: 0, timeUs: 0 }] });
  person.beats(80);
  const known = person.memory?.state as Mean;
  // The beat at the end of the VT waits for its judgement and is learnt: it is over.
  expect(known.sum).toBeLessThanOrEqual(100);
  expect(known.isKnown).toBe(true);
  person.beats(200, { value: 0.9 });
  expect(person.memory?.state).toEqual(known);
});

test("a person most of whose beats are called ectopic has these for their own", () => {
  const paced = wearer();
  paced.beats(200, { value: 7, label: "V" });
  expect(paced.memory?.finishedUs).toBeDefined();
  expect(scores(paced.beats(2, { value: 7, label: "V" }))).toEqual([0.5, 0.5]);
  expect(scores(paced.beats(2, { value: 0 }))).toEqual([0.999, 0.999]);
});

test("another strap at the same place knows its wearer, another place is learnt for itself", () => {
  const person = wearer();
  person.beats(90);
  person.wear("new-strap", "chest");
  expect(scores(person.beats(1))).toEqual([0.5]);
  person.wear("new-strap", "wrist");
  expect(scores(person.beats(1))).toEqual([undefined]);
  expect(person.state()?.memories.map(({ of }) => of)).toEqual(["chest", "wrist"]);
});

test("what a carer calls normal is no longer unusual, by whom and when is kept, and it can be taken back", () => {
  const person = wearer();
  person.beats(90);
  const [seen] = person.beats(1, { value: 5 });
  const evidence = [{ ...(seen as NonNullable<typeof seen>).evidence, vector: [5, 0, 1, 0] }];
  person.act({ kind: "normal", model: "mean", of: "chest", evidence, alert: "a1" }, 1);
  const [after] = person.beats(1, { value: 5 });
  expect(after?.judged?.score).toBe(0.5);
  expect(after?.learning.normals).toEqual([{ number: 1, atUs: 91e6, by: "Carer" }]);
  person.act({ kind: "undo", number: 1 }, 2);
  expect(scores(person.beats(1, { value: 5 }))).toEqual([0.999]);
});

test("learn again begins anew, there alone where a place is named", () => {
  const person = wearer();
  person.beats(90);
  person.act({ kind: "again", of: "wrist" }, 1);
  expect(person.memory?.finishedUs).toBeDefined();
  person.act({ kind: "again", of: "chest" }, 2);
  expect(scores(person.beats(80, { value: 5 }))).toContain(0.5);
});

test("when most beats have been unlike what was learnt for minutes it says so, and does not learn them by itself", () => {
  const person = wearer();
  person.beats(90);
  person.beats(100, { value: 5 });
  expect(person.beats(1, { value: 5 })[0]?.learning.changedUs).toBeUndefined();
  const changed = person.beats(400, { value: 5 });
  expect(changed.at(-1)?.learning.changedUs).toBeDefined();
  expect(changed.at(-1)?.judged?.score).toBe(0.999);
  expect(person.beats(900).at(-1)?.learning.changedUs).toBeUndefined();
});

test("a restart at any point changes nothing", () => {
  const live = (restarts: boolean) => {
    const person = wearer();
    return [...Array(150).keys()].flatMap((i) => {
      if (restarts) person.restart();
      return person.beats(1, { value: i % 13 === 0 ? 5 : 0, label: i % 17 === 0 ? "V" : "N" });
    });
  };
  expect(live(true)).toEqual(live(false));
});

test("what was brought late is learnt into the same memory, and judged by it, each by its own signal and its own alerts", () => {
  const person = wearer("strap", "chest", 3600);
  person.beats(30);
  const noisy = { quality: { level: "poor", noisy: true } } as const;
  // The present is poor or alarmed meanwhile, the past is not.
  person.beats(3, noisy);
  person.beats(30, { late: true });
  person.beats(20, { late: true, ...noisy });
  expect(person.memory).toMatchObject({ learnt: 36, sinceUs: 11_500_000 });
  person.beats(40, { late: true });
  expect(person.memory?.finishedUs).toBeGreaterThan(3600e6);
  expect(scores(person.beats(2, { late: true, value: 5 }))).toEqual([0.999, 0.999]);
  expect(scores(person.beats(2, { value: 5 }))).toEqual([0.999, 0.999]);
});

test("a restart in the middle of a past changes nothing", () => {
  const live = (restarts: boolean) => {
    const person = wearer("strap", "chest", 3600);
    return [...Array(120).keys()].flatMap((i) => {
      if (restarts) person.restart();
      return person.beats(1, { value: i % 13 === 0 ? 5 : 0, late: i % 3 > 0, label: i % 17 === 0 ? "V" : "N" });
    });
  };
  expect(live(true)).toEqual(live(false));
});

test("what a model remembers of a person is small, and so is their number", () => {
  const person = wearer();
  person.beats(90);
  for (let at = 0; at < mostMemories + 5; at++) {
    person.wear(`strap-${at}`, `place-${at}`);
    person.beats(2);
  }
  expect(person.state()?.memories.map(({ of }) => of)).toEqual([...Array(mostMemories).keys()].map((i) => `place-${i + 5}`));
  expect(serialize(person.state()).length).toBeLessThan(20_000);
});

test("of what people called normal a memory keeps the newest", () => {
  const person = wearer();
  person.beats(90);
  const kept = (value: number) => [{ timeUs: 0, rrBeforeMs: [], vector: [value, 0, 1, 0] }];
  for (let i = 1; i <= mostNormals + 3; i++)
    person.act({ kind: "normal", model: "mean", of: "chest", evidence: kept(10 * i), alert: "a" }, i);
  expect(person.memory?.normals.map(({ number }) => number)).toEqual(Array.from({ length: mostNormals }, (_, i) => i + 4));
  expect(scores(person.beats(1, { value: 10 }))).toEqual([0.999]);
  expect(scores(person.beats(1, { value: 10 * (mostNormals + 3) }))).toEqual([0.5]);
});

test("a fault of the model costs its own fact", () => {
  const told: string[] = [];
  const broken = [
    {
      ...models[0],
      personal: {
        ...mean,
        judge: () => {
          throw new Error("no");
        },
      },
    },
  ] as unknown as ModelSpec[];
  const known = wearer();
  known.beats(90);
  const saved = known.state() as PersonalState;
  const personal = createPersonal({
    models: broken,
    versions: { mean: "1" },
    guard: createGuard((part) => void told.push(part)),
    learnS: () => undefined,
    saved,
  });
  const base = { kind: "result", pass: "first", about: [{ device: "strap", stream: "ecg" }], timeUs: 91e6, knownUs: 91e6 } as const;
  expect(
    personal.push({ ...base, model: { id: "mean", version: "1" }, outcome: { kind: "vector", vector: new Float32Array(4) } }, []),
  ).toEqual([]);
  expect(told).toEqual(["model/mean"]);
});
