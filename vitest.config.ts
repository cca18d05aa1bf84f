/** Two kinds of tests: `unit` beside the code, in parallel; `system` in test/, one file at a time, because they start whole gateways. */

import { defineConfig } from "vitest/config";

const folders = ["device-drivers", "models", "gateway", "firmware-sim"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: folders.map((folder) => `${folder}/**/*.test.ts`),
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "system",
          include: ["test/**/*.test.ts"],
          exclude: ["test/node_modules/**"],
          testTimeout: 180_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
