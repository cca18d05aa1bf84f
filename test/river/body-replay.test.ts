import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { SegmentState, segmentCount } from "../../device-drivers/contract/pose.ts";
import { type Models, startModels } from "../../gateway/inference/load-models.ts";
import { atRate, type BodyClip } from "../../gateway/recordings/body-clip.ts";
import { readMotionFile } from "../../gateway/recordings/motion-file.ts";
import { type MotionOptions, motionSource } from "../../gateway/replay/motion-source.ts";
import { writeOutputs } from "../../gateway/replay/outputs.ts";
import { replaySource } from "../../gateway/replay/replay-record.ts";
import { twinBody } from "../../gateway/replay/twin-body.ts";
import { decodeFrames } from "../../gateway/twin/decode.ts";
import { type MotionPlacement, placements, quaternionAt, segments } from "../../models/signal/body.ts";
import { angleBetweenRad } from "../../models/signal/quaternion.ts";

const walkPath = fileURLToPath(new URL("../../gateway/recordings/testdata/cmu-02_01.bvh", import.meta.url));
let folder: string;
let models: Models;
let walk: BodyClip;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hearth-body-"));
  models = await startModels({ clock: virtualClock(), timeouts: false });
  walk = await readMotionFile(walkPath);
});
afterAll(async () => {
  await models.host.close();
  rmSync(folder, { recursive: true, force: true });
});

let runs = 0;
async function replay(options: MotionOptions = {}) {
  const dir = join(folder, String(++runs));
  const replayed = await replaySource(motionSource("walk", walk, options), models, { semantic: "semantic" });
  await writeOutputs(dir, replayed);
  return { replayed, bvh: join(dir, "walk_twin.bvh"), dir };
}

/** Degrees between a segment of the twin's body and of the recording, over the frames that both have. */
function apart(twins: BodyClip, placement: MotionPlacement): number {
  const truth = atRate(walk, 30);
  const segment = segments.indexOf(placement);
  const frames = Math.min(twins.frames, truth.frames);
  let worst = 0;
  for (let frame = 0; frame < frames; frame++) {
    const [a, b] = [twins, truth].map(({ rotations }) => quaternionAt(rotations, frame * segmentCount + segment));
    worst = Math.max(worst, (angleBetweenRad(a!, b!) * 180) / Math.PI);
  }
  return worst;
}

describe("a motion recording", () => {
  test("comes back from the twin as the body that it was, frame by frame, and the same on every run", async () => {
    const [first, second] = [await replay(), await replay()];
    const twins = await readMotionFile(first.bvh);
    expect(Math.abs(twins.frames - atRate(walk, 30).frames)).toBeLessThanOrEqual(7);
    for (const placement of placements) expect(apart(twins, placement)).toBeLessThan(3);
    expect(readFileSync(second.bvh)).toEqual(readFileSync(first.bvh));
    expect(readFileSync(join(second.dir, "walk.sem"))).toEqual(readFileSync(join(first.dir, "walk.sem")));
    expect(first.replayed.summary).toMatchObject({ record: "walk", alerts: {}, seconds: 2.867 });
  });

  test("with one sensor is that segment alone: nothing is told of any other", async () => {
    const { replayed, bvh } = await replay({ placements: ["left-shank"] });
    const body = twinBody(decodeFrames(replayed.sent.sem), replayed.endUs);
    const told = new Set(
      [...(body?.states ?? [])].flatMap((state, at) => (state === SegmentState.unknown ? [] : [segments[at % segmentCount]])),
    );
    expect([...told]).toEqual(["left-shank"]);
    expect(apart(await readMotionFile(bvh), "left-shank")).toBeLessThan(3);
  });

  test("can be played in part", async () => {
    const { replayed, bvh } = await replay({ fromS: 1, toS: 2 });
    expect(replayed.summary).toMatchObject({ seconds: 1 });
    expect((await readMotionFile(bvh)).frames).toBeLessThanOrEqual(30);
  });
});

/** The part of three.js that is used, so that checking types needs no package of its own. */
interface Skeleton {
  readonly bones: readonly {
    readonly name: string;
    readonly parent: { readonly name: string } | null;
    readonly position: { length(): number };
  }[];
}
interface Loader {
  parse(text: string): { skeleton: Skeleton; clip: { duration: number; tracks: readonly { name: string; values: Float32Array }[] } };
}

const loaderModule = "three/examples/jsm/loaders/BVHLoader.js";
const three = (await import(loaderModule).catch(() => undefined)) as { BVHLoader: new () => Loader } | undefined;

test.skipIf(three === undefined)(
  "another program reads the twin's body with its joints, bones and turns (needs `npm ci --prefix test`)",
  async () => {
    const { bvh } = await replay();
    const own = await readMotionFile(bvh);
    const { skeleton, clip } = new three!.BVHLoader().parse(readFileSync(bvh, "utf8"));
    const bone = (name: string) => skeleton.bones.find((each) => each.name === name);
    expect(bone("LeftForeArm")?.parent?.name).toBe("LeftArm");
    expect(bone("LeftLeg")?.position.length()).toBeCloseTo(0.428 / (0.0254 / 0.45), 2);
    expect(clip.duration).toBeCloseTo((own.frames - 1) / 30, 2);
    const hips = clip.tracks.find(({ name }) => name === "Hips.quaternion");
    for (let frame = 0; frame < own.frames; frame++) {
      const [x = 0, y = 0, z = 0, w = 0] = hips?.values.slice(frame * 4, frame * 4 + 4) ?? [];
      expect(angleBetweenRad([w, x, y, z], quaternionAt(own.rotations, frame * segmentCount))).toBeLessThan(1e-3);
    }
  },
);
