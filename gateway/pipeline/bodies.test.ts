import { expect, test } from "vitest";
import { framesOf, type Pose, segmentCount } from "../../device-drivers/contract/pose.ts";
import type { Fact } from "../facts/fact.ts";
import type { ModeOf } from "../semantic/mode.ts";
import { shippedPayloads } from "../semantic/payload-codec.ts";
import { createBodies } from "./bodies.ts";

const startUs = 1_700_000_000_000_000;
const about = [{ device: "head", stream: "imu" }] as const;
const model = { id: "motion-complete", version: "1" };

function still(frames = 6, state = 1): Pose {
  const rotations = Float32Array.from({ length: frames * segmentCount * 4 }, (_, i) => (i % 4 === 0 ? 1 : 0));
  return { rateHz: 30, rotations, states: new Uint8Array(frames * segmentCount).fill(state) };
}
const measured = (endS: number): Fact => ({
  ...{ kind: "pose", ...about[0], about, timeUs: startUs + Math.round(endS * 1e6), knownUs: startUs, pose: still() },
});
const completed = (endS: number): Fact => ({
  ...{ kind: "result", model, pass: "final", about, timeUs: startUs + Math.round(endS * 1e6), knownUs: startUs },
  outcome: { kind: "pose", ...still(6, 2) },
});
const tick = (s: number): Fact => ({ kind: "tick", timeUs: startUs + s * 1e6 });

function open(modeOf: ModeOf = () => "semantic", saved?: unknown) {
  const bodies = createBodies("person-a", modeOf, saved);
  const sent: unknown[] = [];
  const payloads = (rows: readonly { payload: Uint8Array }[]) =>
    rows.map(({ payload }) => shippedPayloads.decode(payload)).flatMap((each) => (each.kind === "pose" ? [each] : []));
  return {
    bodies,
    sent,
    push: (fact: Fact) => payloads(bodies.push(fact).outbox),
    flush: () => payloads(bodies.flush()),
  };
}
/** Stretches of 0.2 s up to this second. */
const upTo = (toS: number, fromS = 0) => Array.from({ length: Math.round((toS - fromS) * 5) }, (_, i) => fromS + (i + 1) / 5);

test("the twin gets ten seconds in a frame, each frame of the body once", () => {
  const { push, flush } = open();
  const told = [...upTo(25).flatMap((endS) => push(measured(endS))), ...flush()];
  expect(told.map(({ startUs: from, pose }) => [(from - startUs) / 1e6, framesOf(pose)])).toEqual([
    [0, 300],
    [10, 300],
    [20, 150],
  ]);
  expect(told[0]).toMatchObject({ person: "person-a", about: [{ device: "head", stream: "imu" }] });
});

test("what a network has completed goes instead of what is measured, and what is measured again once it has stopped", () => {
  const { bodies, push, flush } = open();
  for (const endS of upTo(2)) for (const fact of [measured(endS), completed(endS)]) push(fact);
  expect(bodies.push(measured(2.2)).body).toBeUndefined();
  expect(bodies.push(measured(3.4)).body?.model).toBeUndefined();
  const told = flush();
  expect(told.map((each) => each.model)).toEqual([undefined]);
  expect(upTo(1, 4).flatMap((endS) => push(completed(endS)))).toEqual([]);
});

test("nothing of it goes while one of its streams may be told as events alone", () => {
  let mode: ReturnType<ModeOf> = "event";
  const { bodies, push, flush } = open(() => mode);
  for (const endS of upTo(3)) push(measured(endS));
  expect(bodies.push(measured(3.2)).body).toBeDefined();
  mode = "semantic";
  for (const endS of upTo(5, 3.2)) push(measured(endS));
  expect(flush().map(({ startUs: from }) => (from - startUs) / 1e6)).toEqual([3.2]);
});

test("a body that falls silent is told soon, and one that goes on after a restart as if there had been none", () => {
  const one = open();
  for (const endS of upTo(3)) one.push(measured(endS));
  const other = open(undefined, structuredClone(one.bodies.state()));
  for (const { push } of [one, other]) for (const endS of upTo(4, 3)) push(measured(endS));
  const [told] = one.push(tick(10));
  expect(told && framesOf(told.pose)).toBe(120);
  expect(other.push(tick(10))).toEqual([told]);
});
