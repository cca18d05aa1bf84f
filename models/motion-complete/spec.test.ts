import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AskedWindow } from "../../device-drivers/contract/result.ts";
import { modelRegistry } from "../index.ts";
import { InferenceSession, Tensor as OrtTensor } from "../onnx-runtime.ts";
import { placements, quaternionAt, segments } from "../signal/body.ts";
import { aboutAxis, angleBetweenRad, multiply, type Quaternion } from "../signal/quaternion.ts";
import { asideEach, channels, eachSensor, frames, type MotionMemory, motionFeatures, newest } from "./features.ts";
import { motionComplete } from "./spec.ts";

type Row = (number | null)[];
interface GoldenCase {
  name: string;
  memory: "fresh" | "continue";
  context: { rateHz: number; fromUs: number; placements: Record<string, Row[]>; masked: string[] };
  features: { x: number[]; aside: number[] };
  outputs: Record<"fp32" | "int8", { pose: number[]; told: number[] }>;
}

const bytesOf = (name: string) => readFileSync(new URL(name, motionComplete.folder));
const manifest = JSON.parse(bytesOf("manifest.json").toString());
const golden: { cases: GoldenCase[] } = JSON.parse(bytesOf("golden.json").toString());
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const samplesOf = (rows: readonly Row[]) => rows.map((row) => Float32Array.from(row, (value) => value ?? Number.NaN));
const window: AskedWindow = { pass: "final", about: [{ device: "pelvis", stream: "imu" }], timeUs: 2e6, knownUs: 2e6, fromUs: 0 };
const degrees = (rad: number) => (rad * 180) / Math.PI;

const shown = ({ context }: GoldenCase) => ({
  ...context,
  placements: Object.fromEntries(Object.entries(context.placements).map(([name, rows]) => [name, samplesOf(rows)])),
});

/** Features of every case, the memory going on where the case says so. */
function allFeatures() {
  let memory = motionComplete.initialMemory();
  return golden.cases.map((each) => {
    if (each.memory === "fresh") memory = motionComplete.initialMemory();
    return { each, ...motionFeatures(shown(each), memory) };
  });
}

function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);
}

const read = ({ pose, told }: { pose: ArrayLike<number>; told: ArrayLike<number> }) => {
  const outcome = motionComplete.read({ pose: Float32Array.from(pose), told: Float32Array.from(told) }, window);
  if (outcome.kind !== "pose") throw new Error("no pose");
  return outcome;
};

describe("the package of motion-complete", () => {
  it("has the manifest that the registry trusts, and files with the hashes and sizes that the manifest states", () => {
    expect(modelRegistry["motion-complete"]?.manifestSha256).toBe(sha256(bytesOf("manifest.json")));
    for (const file of manifest.files) {
      expect(sha256(bytesOf(file.path)), file.path).toBe(file.sha256);
      expect(bytesOf(file.path).length).toBe(file.bytes);
    }
  });

  it("has learnt from nobody by whom it is judged", () => {
    expect(manifest.trainedOn.length).toBeGreaterThan(50);
    expect(manifest.trainedOn.filter((name: string) => /bvh|deepmimic-format\/0?[123567]_|basketball_\d|\/walking_/.test(name))).toEqual(
      [],
    );
  });

  it("makes of each raw window what Python made, with sensors silent, gone and none at all", () => {
    expect(golden.cases.length).toBeGreaterThanOrEqual(16);
    for (const { each, x, aside } of allFeatures()) {
      expect(largestGap(x, each.features.x), each.name).toBeLessThanOrEqual(2e-5);
      expect(largestGap(aside, each.features.aside), each.name).toBeLessThanOrEqual(2e-5);
    }
  });

  it.each([
    ["model.fp32.onnx", "fp32", 1e-3],
    ["model.onnx", "int8", 0.05],
  ] as const)("gives with %s what Python was given, and turns within a degree of it", async (file, precision, most) => {
    const session = await InferenceSession.create(bytesOf(file), {
      intraOpNumThreads: 1,
      executionMode: "sequential",
      logSeverityLevel: 3,
    });
    for (const { each, x, aside } of allFeatures()) {
      const { pose, told } = await session.run({
        x: new OrtTensor("float32", x, [1, channels, frames]),
        aside: new OrtTensor("float32", aside, [1, newest, asideEach]),
      });
      const theirs = each.outputs[precision];
      expect(largestGap(pose?.data as Float32Array, theirs.pose), each.name).toBeLessThanOrEqual(most);
      const [a, b] = [read({ pose: pose?.data as Float32Array, told: told?.data as Float32Array }), read(theirs)];
      expect(a.states).toEqual(b.states);
      for (let i = 0; i < newest * segments.length; i++)
        expect(degrees(angleBetweenRad(quaternionAt(a.rotations, i), quaternionAt(b.rotations, i))), each.name).toBeLessThan(
          precision === "fp32" ? 0.5 : 8,
        );
    }
    await session.release();
  });

  it("lays the segments that bear a sensor where the sensor says", () => {
    const all = golden.cases.find(({ name }) => name.startsWith("all six:"));
    if (all === undefined) throw new Error("no such case");
    const { rotations, states } = read(all.outputs.int8);
    expect([...new Set(states)]).toEqual([1]);
    for (const placement of placements) {
      const at = segments.indexOf(placement);
      const rows = shown(all).placements[placement] ?? [];
      const own = [0, 1, 2, 3].map((i) => rows[i]?.[frames - 1] ?? 0) as unknown as Quaternion;
      expect(degrees(angleBetweenRad(quaternionAt(rotations, (newest - 1) * segments.length + at), own)), placement).toBeLessThan(0.1);
    }
  });

  it("calls the limb of a silent sensor completed, and knows nothing of the others beside one sensor alone", () => {
    const states = (start: string) => {
      const found = golden.cases.find(({ name }) => name.startsWith(start));
      return [...read(found?.outputs.int8 ?? { pose: [], told: [] }).states.slice(-segments.length)];
    };
    expect(segments.filter((_, i) => states("the left shank silent still")[i] === 2)).toEqual(["left-thigh", "left-shank", "left-foot"]);
    expect(segments.filter((_, i) => states("one sensor alone")[i] !== 0)).toEqual(["right-forearm"]);
    expect(states("nothing but noughts").every((state) => state === 0)).toBe(true);
  });
});

describe("what the network of motion-complete is shown", () => {
  const still = (placement: string, turn: Quaternion, count = frames): [string, Float32Array[]] => [
    placement,
    [...turn, 0, 1, 0].map((value) => new Float32Array(frames).fill(value).fill(Number.NaN, count)),
  ];
  const fresh = (): MotionMemory => motionComplete.initialMemory();
  const silentFrom = (row: Float32Array, count: number) => {
    const out = new Float32Array(frames).fill(Number.NaN);
    out.set(row.subarray(0, count));
    return out;
  };

  it("is the same whichever way the wearer faces", () => {
    const bent = aboutAxis([1, 0, 0], 0.7);
    const facing = (angle: number) => {
      const about = aboutAxis([0, 1, 0], angle);
      const worn = Object.fromEntries([still("pelvis", about), still("left-shank", multiply(about, bent))]);
      return motionFeatures({ fromUs: 0, placements: worn }, fresh()).x;
    };
    expect(largestGap(facing(0), facing(2))).toBeLessThan(1e-6);
  });

  it("keeps a silent sensor where it was beside a body that turns, over windows too", () => {
    const memory = fresh();
    const first = Object.fromEntries([still("pelvis", [1, 0, 0, 0]), still("head", aboutAxis([1, 0, 0], 0.3))]);
    motionFeatures({ fromUs: 0, placements: first }, memory);
    // Ten windows on, the head silent all along, the body turned by 2 rad.
    for (let at = 1; at <= 10; at++) {
      const turned = Object.fromEntries([still("pelvis", aboutAxis([0, 1, 0], 0.2 * at))]);
      const { x } = motionFeatures({ fromUs: at * 200_000, placements: turned }, memory);
      const sixD = [0, 1, 2, 3, 4, 5].map((row) => x[(eachSensor + row) * frames + frames - 1]);
      expect(sixD[4], `window ${at}`).toBeCloseTo(Math.cos(0.3), 5);
      expect(sixD[5]).toBeCloseTo(Math.sin(0.3), 5);
      expect(x[(eachSensor + 9) * frames + frames - 1]).toBe(0);
    }
  });

  it("knows for the time of a silence what the sensor was like before, and not the frames of the silence", () => {
    const memory = fresh();
    const [up, bent] = [aboutAxis([1, 0, 0], 0.3), aboutAxis([1, 0, 0], -0.3)];
    const half: Float32Array[] = [...up, 0, 1, 0].map((value, i) =>
      new Float32Array(frames).fill(value).fill([...bent, 0, 1, 0][i] ?? 0, frames / 2),
    );
    motionFeatures({ fromUs: 0, placements: { ...Object.fromEntries([still("pelvis", [1, 0, 0, 0])]), head: half } }, memory);
    for (let at = 1; at <= 9; at++) {
      const heard = {
        ...Object.fromEntries([still("pelvis", [1, 0, 0, 0])]),
        head: half.map((row) => silentFrom(row.slice(6 * at), frames - 6 * at)),
      };
      motionFeatures({ fromUs: at * 200_000, placements: heard }, memory);
    }
    const { x } = motionFeatures({ fromUs: 2e6, placements: Object.fromEntries([still("pelvis", [1, 0, 0, 0])]) }, memory);
    const last = (row: number) => x[(eachSensor + row) * frames + frames - 1] ?? Number.NaN;
    expect(last(5)).toBeCloseTo(Math.sin(-0.3), 5);
    expect(last(17 + 4)).toBeCloseTo(Math.cos(0.3), 5);
    expect(last(17 + 5)).toBeCloseTo(0, 5);
  });

  it("forgets after a leap of more than five seconds, and after one back", () => {
    for (const fromUs of [60_000_000, -1_000_000]) {
      const memory = fresh();
      motionFeatures({ fromUs: 0, placements: Object.fromEntries([still("head", [1, 0, 0, 0])]) }, memory);
      const { x } = motionFeatures({ fromUs, placements: Object.fromEntries([still("pelvis", [1, 0, 0, 0])]) }, memory);
      expect(x[(eachSensor + 10) * frames + frames - 1]).toBe(1);
      expect([0, 1, 2, 3, 4, 5].map((row) => x[(eachSensor + row) * frames])).toEqual([0, 0, 0, 0, 0, 0]);
    }
  });
});
