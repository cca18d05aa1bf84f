import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DiskFault, faultyFiles, recordedFiles } from "../../test/support/faulty-files.ts";
import { systemFiles } from "./file-port.ts";
import { writePrivateFile, writePrivateFileLater } from "./private-file.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-private-"));
  path = join(folder, "a");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ["at once", writePrivateFile, "sync"],
  ["later", writePrivateFileLater, "datasync"],
] as const)("a private file written %s", (_when, write, sync) => {
  test("is on disk before it has its name, and its name before it counts as written", async () => {
    const { files, calls } = recordedFiles(folder);
    await write(path, "whole", files);
    expect(calls).toEqual([
      "remove a.new",
      "create a.new",
      "write a.new 0+5",
      `${sync} a.new`,
      "close a.new",
      "rename a.new a",
      "sync folder .",
    ]);
    expect(readFileSync(path, "utf8")).toBe("whole");
    expect(readdirSync(folder)).toEqual(["a"]);
  });

  test("is its owner's alone, even over one that others could read, and whatever a crash left beside it", async () => {
    writeFileSync(path, "old", { mode: 0o644 });
    writeFileSync(`${path}.new`, "longer than what comes", { mode: 0o644 });
    await write(path, Uint8Array.of(104, 105));
    expect(readFileSync(path, "utf8")).toBe("hi");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test.each(["create", "write", "sync", "rename"] as const)(
    "that the disk refuses at %s leaves the old one and nothing beside it",
    async (at) => {
      writeFileSync(path, "old");
      const fault: DiskFault = { code: "ENOSPC", at, partialBytes: 2 };
      const { files, calls } = recordedFiles(folder, faultyFiles(fault));
      await expect((async () => write(path, "whole", files))()).rejects.toMatchObject({ code: "ENOSPC" });
      expect(readFileSync(path, "utf8")).toBe("old");
      expect(existsSync(`${path}.new`)).toBe(false);
      const count = (call: string) => calls.filter((each) => each.startsWith(call)).length;
      expect(count("close")).toBe(at === "create" ? 0 : 1);
      fault.code = undefined;
      await write(path, "whole", files);
      expect(readFileSync(path, "utf8")).toBe("whole");
    },
  );

  test("may say something about itself", async () => {
    await write(path, (fd) => `descriptor ${typeof fd}`);
    expect(readFileSync(path, "utf8")).toBe("descriptor number");
  });
});

test("a short write goes on where it stopped, with every part in its place", () => {
  const files = systemFiles();
  const fd = files.create(path);
  files.write(fd, [Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)], 0);
  files.write(fd, [Uint8Array.of(9)], 1);
  files.close(fd);
  expect([...readFileSync(path)]).toEqual([1, 9, 3]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(() => files.create(path)).toThrow(expect.objectContaining({ code: "EEXIST" }));
  expect([...files.readStart(path, 2)]).toEqual([1, 9]);
  expect(files.list(join(folder, "nowhere"))).toEqual([]);
});
