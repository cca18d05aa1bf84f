import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bodyClip } from "./body-clip.ts";
import { readBvh } from "./bvh.ts";
import { motionFilesBelow, readMotionFile } from "./motion-file.ts";
import { textLines } from "./text-lines.ts";

const walkPath = fileURLToPath(new URL("testdata/cmu-02_01.bvh", import.meta.url));
const walk = readFileSync(walkPath, "utf8");
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-motion-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const codeOf = (path: string) =>
  readMotionFile(path).then(
    () => "read",
    ({ code, kind, message }) => `${code} ${kind} ${message.includes(path)}`,
  );

test("a packed recording is the same body as a plain one, and as its text read at once", async () => {
  const plain = await readMotionFile(walkPath);
  expect(await readMotionFile(file("packed.bvh.gz", gzipSync(walk)))).toEqual(plain);
  expect(await readMotionFile(file("windows.bvh", walk.replaceAll("\n", "\r\n")))).toEqual(plain);
  expect(plain).toEqual(bodyClip(readBvh(walk)));
});

describe("refused with a code and the file's name is one", () => {
  const lines = walk.split("\n");
  const firstFrame = lines.findIndex((line) => line.startsWith("Frame Time")) + 1;
  const withFrame = (frame: string) => [...lines.slice(0, firstFrame), frame, ...lines.slice(firstFrame + 1)].join("\n");
  const packed = gzipSync(walk);
  test.each([
    ["that breaks off", "cut.bvh", walk.slice(0, walk.length / 2), "recording.bvh operator true"],
    ["that breaks off while it is packed", "cut.bvh.gz", packed.subarray(0, packed.length / 2), "recording.damaged world true"],
    ["whose bytes were changed", "bits.bvh.gz", packed.map((byte, at) => (at === 900 ? byte ^ 255 : byte)), "recording.damaged world true"],
    ["with what is no number", "nan.bvh", withFrame((lines[firstFrame] ?? "").replace(/\S+/, "NaN")), "recording.bvh operator true"],
    ["with an infinite number", "inf.bvh", withFrame((lines[firstFrame] ?? "").replace(/\S+/, "1e999")), "recording.bvh operator true"],
    ["with other joints", "joints.bvh", walk.replace("LeftForeArm", "Tail"), "recording.skeleton operator true"],
    [
      "that promises more frames than an hour has",
      "long.bvh",
      walk.replace(/Frames:\s*\d+/, "Frames: 432001"),
      "recording.bvh operator true",
    ],
    ["that is empty", "empty.bvh", "", "recording.bvh operator true"],
    ["that is no text", "noise.bvh", Uint8Array.from({ length: 4000 }, (_, i) => (i * 7919) % 251), "recording.bvh operator true"],
    ["of one line without an end", "line.bvh", "x".repeat((1 << 20) + 200_000), "recording.too_large operator true"],
    ["whose packed line never ends", "line.bvh.gz", gzipSync(Buffer.alloc(64 << 20, "7")), "recording.too_large operator true"],
  ])("%s", async (_, name, bytes, says) => {
    expect(await codeOf(file(name, bytes))).toBe(says);
  });

  test("that is not there, or a folder", async () => {
    expect(await codeOf(join(folder, "nowhere.bvh"))).toBe("recording.not_found operator true");
    expect(await codeOf(folder)).toBe("recording.not_found operator true");
  });

  test("that unpacks to more than is read, of which no more than the bound is unpacked", async () => {
    const bomb = file("bomb.bvh.gz", gzipSync(Buffer.alloc(8 << 20, "a line\n")));
    let characters = 0;
    const read = async () => {
      for await (const lines of textLines(bomb, 1 << 20)) for (const line of lines) characters += line.length + 1;
    };
    await expect(read()).rejects.toMatchObject({ code: "recording.too_large", kind: "operator" });
    expect(characters).toBeLessThanOrEqual(1 << 20);
  });
});

test("recordings of a folder are found below it, by their names", async () => {
  file("notes.txt", "none");
  const names = (await motionFilesBelow(folder)).map((path) => path.slice(folder.length + 1));
  expect(names).toContain("packed.bvh.gz");
  expect(names).toContain("windows.bvh");
  expect(names).not.toContain("notes.txt");
  expect(await motionFilesBelow(join(folder, "nowhere"))).toEqual([]);
});
