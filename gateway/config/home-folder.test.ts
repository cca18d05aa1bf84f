import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  claimPort,
  hasConfig,
  lockHome,
  namedSecret,
  openHome,
  prepareDemo,
  readPorts,
  roleTokens,
  writePorts,
  writePrivate,
} from "./home-folder.ts";

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "hearth-home-")), "home");
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

const modeOf = (file: string) => statSync(file).mode & 0o777;

describe("a home", () => {
  test("is a folder that only its owner opens, even if it stood open before", () => {
    mkdirSync(folder, { mode: 0o755 });
    const home = openHome(folder);
    expect(modeOf(folder)).toBe(0o700);
    expect(hasConfig(home)).toBe(false);
    writeFileSync(home.configFile, "version: 1");
    expect(hasConfig(home)).toBe(true);
  });

  test("that cannot be made is an operator's error that names HEARTH_HOME", () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "file"), "");
    expect(() => openHome(join(folder, "file", "home"))).toThrow(
      expect.objectContaining({ code: "home.unusable", message: expect.stringContaining("HEARTH_HOME") }),
    );
  });

  test("keeps its tokens: four, different, 0600, the same at the next start", () => {
    const home = openHome(folder);
    const tokens = roleTokens(home);
    expect(new Set(Object.values(tokens)).size).toBe(4);
    expect(Object.keys(JSON.parse(readFileSync(home.tokensFile, "utf8"))).sort()).toEqual(["admin", "caregiver", "integrator", "patient"]);
    expect(modeOf(home.tokensFile)).toBe(0o600);
    expect(roleTokens(home)).toEqual(tokens);
  });

  test("knows the secrets that its file names", () => {
    const home = openHome(folder);
    expect(namedSecret(home, "twin")).toBeUndefined();
    writePrivate(home.secretsFile, '{"twin":"abc","other":7}');
    expect([namedSecret(home, "twin"), namedSecret(home, "other")]).toEqual(["abc", undefined]);
  });

  test("tells the ports in use under the contract's names", () => {
    const home = openHome(folder);
    expect(readPorts(home)).toBeUndefined();
    writePorts(home, { http: 1, mqtt: 2, twin: 3, twin_mqtt: 4 });
    expect(JSON.parse(readFileSync(home.portsFile, "utf8"))).toEqual({ http: 1, mqtt: 2, twin: 3, twin_mqtt: 4 });
    expect(readPorts(home)?.twin_mqtt).toBe(4);
  });

  test("has one gateway at a time, and a dead one's lock is taken over", () => {
    const home = openHome(folder);
    const release = lockHome(home, process.pid);
    expect(() => lockHome(home, process.pid + 1)).toThrow(expect.objectContaining({ code: "home.in_use" }));
    release();
    writeFileSync(join(folder, "hearth.pid"), "2147483646\n");
    lockHome(home, process.pid)();
  });

  test("the lock of a dead one is taken over where another program has its number now", () => {
    const home = openHome(folder);
    const file = join(folder, "hearth.pid");
    lockHome(home, process.ppid);
    expect(() => lockHome(home, process.pid)).toThrow(expect.objectContaining({ code: "home.in_use" }));
    writeFileSync(file, readFileSync(file, "utf8").replace(/\d+\n$/, "1\n"));
    lockHome(home, process.pid)();
  });
});

describe("the demo's folder", () => {
  test("is empty at each start, the last one kept as demo.previous", () => {
    const home = openHome(folder);
    for (const turn of ["one", "two", "three"]) {
      const demo = prepareDemo(home, { keep: false });
      expect(() => readFileSync(join(demo, "turn"))).toThrow();
      writeFileSync(join(demo, "turn"), turn);
    }
    expect(readFileSync(join(`${home.demoFolder}.previous`, "turn"), "utf8")).toBe("two");
  });

  test("goes on with --keep", () => {
    const home = openHome(folder);
    writeFileSync(join(prepareDemo(home, { keep: true }), "turn"), "one");
    expect(readFileSync(join(prepareDemo(home, { keep: true }), "turn"), "utf8")).toBe("one");
  });
});

describe("ports", () => {
  test("a busy port is refused by name, or in the demo replaced by a free one", async () => {
    const server = createServer();
    const busy = await new Promise<number>((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
    );
    await expect(claimPort(busy, "127.0.0.1", { name: "mqtt", fallback: false })).rejects.toMatchObject({
      code: "home.port_busy",
      message: expect.stringMatching(new RegExp(`${busy} \\(mqtt\\)`)),
    });
    const other = await claimPort(busy, "127.0.0.1", { name: "mqtt", fallback: true });
    expect(other).not.toBe(busy);
    expect(other).toBeGreaterThan(0);
    await new Promise((resolve) => server.close(resolve));
    expect(await claimPort(busy, "127.0.0.1", { name: "mqtt", fallback: false })).toBe(busy);
  });

  test("a free port is told once, and is none that a connection could be given before the door opens", async () => {
    const told: number[] = [];
    for (let i = 0; i < 20; i++) told.push(await claimPort(0, "127.0.0.1", { name: "http", fallback: false }));
    expect(new Set(told).size).toBe(told.length);
    for (const port of told) expect(port).toBeLessThan(32_768);
  });

  test("a free port is one that can be listened on", async () => {
    const first = await claimPort(0, "127.0.0.1", { name: "http", fallback: false });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(first + 1, "127.0.0.1", resolve));
    expect(await claimPort(0, "127.0.0.1", { name: "http", fallback: false })).not.toBe(first + 1);
    await new Promise((resolve) => server.close(resolve));
  });
});
