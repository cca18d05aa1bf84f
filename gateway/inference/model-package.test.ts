import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { startModelHost } from "./model-host.ts";
import { openModelPackage, openModelPackages, type PackageSource } from "./model-package.ts";
import { readOnnx } from "./onnx-file.ts";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));
const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
const fixture = (name: string) => readFile(new URL(`./testdata/${name}.onnx`, import.meta.url));

async function writePackage(
  change: { manifest?: object; path?: string; model?: Uint8Array } = {},
): Promise<PackageSource & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "package-"));
  folders.push(path);
  const model = await fixture("affine");
  const manifest = JSON.stringify({
    id: "affine",
    version: "1.2.0",
    files: [{ path: change.path ?? "model.onnx", precision: "fp32", bytes: model.length, sha256: sha256(model) }],
    runtime: { opset: 13, ops: ["Mul", "Add"] },
    metrics: [{ task: "none" }],
    ...change.manifest,
  });
  await writeFile(join(path, "model.onnx"), change.model ?? model);
  await writeFile(join(path, "manifest.json"), manifest);
  return { id: "affine", folder: pathToFileURL(`${path}/`), manifestSha256: sha256(manifest), timeoutMs: 1000, path };
}

test("a whole package opens with its version, hash and precision", async () => {
  const model = await openModelPackage(await writePackage());
  expect(model).toMatchObject({ id: "affine", version: "1.2.0", precision: "fp32", timeoutMs: 1000, metrics: [{ task: "none" }] });
  expect(model.sha256).toBe(sha256(model.bytes as Uint8Array));
});

test("one changed bit anywhere in model or manifest is refused", async () => {
  const source = await writePackage();
  for (const name of ["model.onnx", "manifest.json"]) {
    const whole = await readFile(join(source.path, name));
    for (const at of [0, whole.length >> 1, whole.length - 1]) {
      const damaged = Uint8Array.from(whole);
      damaged[at] = (damaged[at] as number) ^ 1;
      await writeFile(join(source.path, name), damaged);
      await expect(openModelPackage(source)).rejects.toMatchObject({ code: "model.hash_mismatch", kind: "operator" });
    }
    await writeFile(join(source.path, name), whole);
  }
  await expect(openModelPackage(source)).resolves.toBeDefined();
});

test("what the manifest does not allow is refused before loading, each with its code", async () => {
  const refusals: [Parameters<typeof writePackage>[0], string][] = [
    [{ manifest: { runtime: { ops: ["Mul"] } } }, "model.op_not_allowed"],
    [{ manifest: { id: "other" } }, "model.bad_manifest"],
    [{ manifest: { files: [] } }, "model.bad_manifest"],
    [{ manifest: { files: "all" } }, "model.bad_manifest"],
    [{ manifest: { runtime: {} } }, "model.bad_manifest"],
    [{ path: "../model.onnx" }, "model.bad_manifest"],
    [{ path: "absent.onnx" }, "model.missing"],
    [{ manifest: { files: Array.from({ length: 17 }, () => ({ path: "model.onnx", sha256: "0" })) } }, "model.size"],
  ];
  for (const [change, code] of refusals) await expect(openModelPackage(await writePackage(change))).rejects.toMatchObject({ code });
  const model = await fixture("affine");
  const longer = { path: "model.onnx", bytes: model.length + 1, sha256: sha256(model) };
  await expect(openModelPackage(await writePackage({ manifest: { files: [longer] } }))).rejects.toMatchObject({ code: "model.size" });
  const junk = new TextEncoder().encode("not a model at all");
  const junkEntry = { path: "model.onnx", bytes: junk.length, sha256: sha256(junk) };
  await expect(openModelPackage(await writePackage({ model: junk, manifest: { files: [junkEntry] } }))).rejects.toMatchObject({
    code: "model.bad_file",
  });
});

test("each of these is refused too: no version, no JSON, a file that is too large, functions, weights elsewhere", async () => {
  const of = (bytes: Uint8Array, path = "model.onnx") => ({ files: [{ path, sha256: sha256(bytes) }] });
  const model = await fixture("affine");
  const large = new Uint8Array((8 << 20) + 1);
  // A field of a protocol-buffer message: its number and kind, its length, its bytes.
  const withFunction = Uint8Array.from([...model, 0xca, 0x01, 1, 0]);
  const refusals: [Parameters<typeof writePackage>[0], string, string][] = [
    [{ manifest: { version: 7 } }, "model.bad_manifest", "no version"],
    [{ manifest: { files: [{ path: "model.onnx" }] } }, "model.bad_manifest", "path and sha256"],
    [{ manifest: { files: [{ sha256: "0" }] } }, "model.bad_manifest", "path and sha256"],
    [{ manifest: of(large), model: large }, "model.size", "8388608 are allowed"],
    [{ manifest: of(withFunction), model: withFunction }, "model.bad_file", "functions"],
  ];
  for (const [change, code, message] of refusals)
    await expect(openModelPackage(await writePackage(change))).rejects.toMatchObject({
      ...{ code, kind: "operator", message: expect.stringContaining(message), fields: { model: "affine" } },
    });
  const source = await writePackage();
  await writeFile(join(source.path, "manifest.json"), "{");
  await expect(openModelPackage({ ...source, manifestSha256: sha256("{") })).rejects.toMatchObject({ code: "model.bad_manifest" });
  const allowed = new Uint8Array(8 << 20);
  const atLimit = await writePackage({ manifest: of(allowed), model: allowed });
  await expect(openModelPackage(atLimit)).rejects.toMatchObject({ code: "model.bad_file" });
});

test("a file of 40 GB is refused by its size, before any of it is read or hashed", async () => {
  const source = await writePackage();
  for (const name of ["model.onnx", "manifest.json"]) {
    await truncate(join(source.path, name), 40 * 2 ** 30);
    await expect(openModelPackage(source)).rejects.toMatchObject({ code: "model.size", kind: "operator" });
  }
});

test("another file of the package is opened where the registry names it; without a precision it is fp32, without figures it has none", async () => {
  const model = await fixture("affine");
  const entry = { path: "small.onnx", sha256: sha256(model).toUpperCase() };
  const source = await writePackage({ manifest: { files: [{ ...entry, path: "model.onnx" }, entry], metrics: undefined } });
  await writeFile(join(source.path, "small.onnx"), model);
  const opened = await openModelPackage({ ...source, file: "small.onnx" });
  expect(opened).toMatchObject({ sha256: entry.sha256, precision: "fp32" });
  expect(opened).not.toHaveProperty("metrics");
  await expect(openModelPackage({ ...source, file: "other.onnx" })).rejects.toMatchObject({
    message: expect.stringContaining("other.onnx"),
  });
});

test("a damaged package harms only itself: the host runs without it and says why", async () => {
  const good = await writePackage();
  const bad = { ...(await writePackage()), id: "affine", manifestSha256: sha256("something else") };
  const codes: string[] = [];
  const [first, second] = await openModelPackages([good, bad], (error) => codes.push(error.code));
  expect(codes).toEqual(["model.hash_mismatch"]);
  expect(second).toMatchObject({ id: "affine", timeoutMs: 1000, refused: expect.stringContaining("model.hash_mismatch: ") });
  expect(second).not.toHaveProperty("bytes");
  const host = await startModelHost({ models: [first!, { ...second!, id: "damaged" }], clock: systemClock() });
  expect(host.models().map(({ state }) => state)).toEqual(["ready", "refused"]);
  expect(host.models()[1]?.reason).toContain("model.hash_mismatch");
  await host.close();
});

test("operators inside subgraphs are seen", async () => {
  expect([...readOnnx(await fixture("counter")).ops].sort()).toEqual(["Add", "Cast", "Identity", "Loop", "Squeeze"]);
});

test("any cut of a model file is an error or fewer operators, never a hang", async () => {
  const whole = await fixture("counter");
  for (let size = 0; size < whole.length; size++) {
    try {
      expect(readOnnx(whole.subarray(0, size)).ops.size).toBeLessThanOrEqual(5);
    } catch (error) {
      expect(error).toMatchObject({ code: "model.bad_file" });
    }
  }
});
