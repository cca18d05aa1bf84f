/**
 * Three kinds of tests: `unit` beside the code; `system` in test/, which start whole gateways and mostly wait, so three share two cores; `alone` in test/,
 * which need a core or more to themselves, one file at a time.
 * The time-outs only end what hangs: a machine that is slow and busy needs ten times as long as a quiet one.
 */

import { defineConfig } from "vitest/config";

const folders = ["device-drivers", "models", "gateway", "firmware-sim", "flows"];

const setupFiles = ["test/fast-check-setup.ts"];

/** An emulated processor, two installs, two heap snapshots of a whole home. */
const alone = ["arm64", "bare", "memory"].map((folder) => `test/${folder}/**/*.test.ts`);
const patience = { testTimeout: 400_000, hookTimeout: 180_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          setupFiles,
          include: folders.map((folder) => `${folder}/**/*.test.ts`),
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "system",
          setupFiles,
          include: ["test/**/*.test.ts"],
          exclude: ["test/node_modules/**", ...alone],
          ...patience,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: { name: "alone", setupFiles, include: alone, ...patience, fileParallelism: false, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
