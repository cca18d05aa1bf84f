/**
 * Two kinds of tests: `unit` beside the code, in parallel; `system` in test/, one file at a time, because they start whole gateways.
 * The time-outs only end what hangs: a machine that is slow and busy needs ten times as long as a quiet one.
 */

import { defineConfig } from "vitest/config";

const folders = ["device-drivers", "models", "gateway", "firmware-sim", "flows"];

const setupFiles = ["test/fast-check-setup.ts"];

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
          exclude: ["test/node_modules/**"],
          testTimeout: 400_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
