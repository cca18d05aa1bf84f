import { beforeAll, expect, test } from "vitest";
import { virtualClock } from "../device-drivers/contract/clock.ts";
import type { SampleBlock } from "../device-drivers/contract/sample-block.ts";
import { hearthStream } from "../device-drivers/hearth-stream/driver.ts";
import type { BodyClip } from "../gateway/recordings/body-clip.ts";
import { type MotionPlacement, placements } from "../models/signal/body.ts";
import { angleBetweenRad, type Quaternion } from "../models/signal/quaternion.ts";
import { loadWalk } from "./excerpts/body-clip.ts";
import { type BodyFaultName, setFault, wearBody } from "./worn-body.ts";

let walk: BodyClip;
beforeAll(async () => {
  walk = await loadWalk();
});

/** What the house decodes of each sensor while one of them has a fault from the tenth second on. */
function play(
  name: BodyFaultName | undefined,
  placement: string,
  { seconds = 20, worn = placements }: { seconds?: number; worn?: readonly MotionPlacement[] } = {},
) {
  const clock = virtualClock();
  const heard = new Map<string, { turns: Quaternion[]; samples: number; lastUs: number; gaps: number }>();
  const sensors = worn.map((each) => {
    const driver = hearthStream.create({}, each);
    const own = { turns: [] as Quaternion[], samples: 0, lastUs: 0, gaps: 0, next: 0 };
    heard.set(each, own);
    const take = (channel: string, bytes: Uint8Array) => {
      const stamps = { timeUs: clock.wallUs(), monotonicUs: clock.monotonicUs(), wallUs: clock.wallUs(), wallQuality: "fake" } as const;
      for (const block of driver.push({ link: "mqtt", device: each, channel, bytes, stamps }) as SampleBlock[]) {
        if (block.firstIndex > own.next) own.gaps++;
        own.next = block.firstIndex + block.count;
        own.samples += block.count;
        own.lastUs = block.deviceTimeUs + (block.count * 1e6) / block.descriptor.rateHz;
        own.turns[block.firstIndex] = [0, 1, 2, 3].map((part) => (block.channels[part]?.[0] ?? 0) / 16_384) as unknown as Quaternion;
      }
    };
    return {
      placement: each,
      link: {
        declare: (s: string, meta: Uint8Array) => take(`${s}/meta`, meta),
        send: (s: string, _: number, b: Uint8Array) => take(`${s}/raw`, b),
      },
    };
  });
  const body = wearBody(walk, sensors, clock);
  clock.advance(10_000);
  if (name !== undefined) expect(setFault(body, name, placement)).toBe(true);
  clock.advance((seconds - 10) * 1000);
  return { heard: (at: string) => heard.get(at)!, body };
}

/** Degrees between a sensor's newest common batch and the same of a body without a fault. */
function apart(name: BodyFaultName, placement: string, at = placement): number {
  const worn = ["left-shank", "right-shank", "head"] as const;
  const [faulty, sound] = [play(name, placement, { worn }).heard(at), play(undefined, at, { worn }).heard(at)];
  const last = [...sound.turns.keys()].findLast((i) => faulty.turns[i] !== undefined && sound.turns[i] !== undefined) ?? 0;
  return (angleBetweenRad(faulty.turns[last]!, sound.turns[last]!) * 180) / Math.PI;
}

test("a heading drifts, iron and a slipped strap turn a sensor by what is usual, and no other", () => {
  expect(apart("drift", "left-shank")).toBeCloseTo(3.3, 0);
  expect(apart("magnetic", "left-shank")).toBeCloseTo(40, 0);
  expect(apart("mount", "left-shank")).toBeCloseTo(40, 0);
  expect(apart("drift", "left-shank", "right-shank")).toBeLessThan(0.5);
});

test("swapped sensors tell each other's limb, under their own names", () => {
  expect(apart("swap", "left-shank")).toBeGreaterThan(10);
  expect(apart("swap", "left-shank", "right-shank")).toBeGreaterThan(10);
  expect(apart("swap", "left-shank", "head")).toBeLessThan(0.5);
});

test("a sensor that is pulled out sends nothing more, and lost packets are holes", () => {
  expect(play("drop", "head", { worn: ["head"] }).heard("head").samples).toBe(600);
  const lossy = play("loss", "head", { worn: ["head"] }).heard("head");
  expect(lossy.gaps).toBeGreaterThan(5);
  expect(lossy.samples / (20 * 60)).toBeGreaterThan(0.6);
  expect(lossy.samples / (20 * 60)).toBeLessThan(0.9);
});

test("a clock that is fast measures sooner, and its time runs ahead by as much", () => {
  const { heard } = play("clock", "head", { seconds: 260, worn: ["pelvis", "head"] });
  const aheadS = (heard("head").lastUs - heard("pelvis").lastUs) / 1e6;
  expect(Math.abs(aheadS - 250 * 150e-6)).toBeLessThan(1.01 / 60);
  expect(heard("head").samples - heard("pelvis").samples).toBeGreaterThan(0);
});

test("what is ended is as it was, and where nobody wears a sensor nothing is set", () => {
  const { body } = play(undefined, "head", { seconds: 10 });
  for (const name of ["drop", "drift", "magnetic", "mount", "swap", "loss", "clock"] as const) {
    const before = structuredClone(body.map(({ motion, wearable }) => ({ ...motion, driftSinceS: 0, ...wearable.faults })));
    setFault(body, name, "left-forearm");
    expect(body.map(({ motion, wearable }) => ({ ...motion, driftSinceS: 0, ...wearable.faults }))).not.toEqual(before);
    setFault(body, name, "left-forearm", 0);
    expect(body.map(({ motion, wearable }) => ({ ...motion, driftSinceS: 0, ...wearable.faults }))).toEqual(before);
  }
  expect(setFault(body, "drop", "tail")).toBe(false);
});
