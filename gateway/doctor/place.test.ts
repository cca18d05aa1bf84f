import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkPlace } from "./place.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-place-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const freePorts = "version: 1\nports: { http: 0, mqtt: 0, twin: 0, twinMqtt: 0 }\njournal: { maxBytes: 67108864 }\n";
const checkNamed = async (at: string, name: string, isRunning = false) =>
  (await checkPlace(at, isRunning)).find((check) => check.name === name);

test("a home that is there and right has nothing to tell", async () => {
  writeFileSync(join(folder, "hearth.yaml"), freePorts);
  expect((await checkPlace(folder, false)).filter(({ state }) => state !== "ok")).toEqual([]);
});

test("a home that is not there yet is not made by looking", async () => {
  const at = join(folder, "deep", "home");
  expect(await checkNamed(at, "home")).toMatchObject({ state: "ok", says: `${at} will be made` });
  expect(existsSync(join(folder, "deep"))).toBe(false);
});

test("a file in the home's way is told", async () => {
  writeFileSync(join(folder, "file"), "");
  expect(await checkNamed(join(folder, "file", "home"), "home")).toMatchObject({
    state: "bad",
    says: expect.stringContaining("is no folder"),
  });
});

test("a home that others may look into is told", async () => {
  chmodSync(folder, 0o755);
  expect(await checkNamed(folder, "home")).toMatchObject({ state: "warning", says: expect.stringContaining("Others may look into") });
});

test("a wrong hearth.yaml is told with its line", async () => {
  writeFileSync(join(folder, "hearth.yaml"), "version: 1\nports: { http: many }\n");
  expect(await checkNamed(folder, "settings")).toMatchObject({ state: "bad", says: expect.stringMatching(/hearth\.yaml.*2/) });
});

test("a journal that is larger than the disk's room is told", async () => {
  writeFileSync(join(folder, "hearth.yaml"), freePorts.replace("67108864", "9000000000000000"));
  expect(await checkNamed(folder, "disk")).toMatchObject({ state: "warning", says: expect.stringContaining("journal.maxBytes") });
});

test("a busy port is told by name, unless it is this home's own Hearth that has it", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const home = join(folder, "home");
  mkdirSync(home, { mode: 0o700 });
  writeFileSync(join(home, "hearth.yaml"), freePorts.replace("mqtt: 0", `mqtt: ${port}`));
  expect(await checkNamed(home, "ports")).toMatchObject({ state: "bad", says: expect.stringContaining(`Port ${port} (mqtt)`) });
  expect(await checkNamed(home, "ports", true)).toMatchObject({ state: "ok" });
  server.close();
});
