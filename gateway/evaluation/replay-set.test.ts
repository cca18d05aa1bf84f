import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { startModels } from "../inference/load-models.ts";
import { annotation, formatAnnotations } from "../recordings/annotations.ts";
import { replaySet } from "./replay-set.ts";

test("a reference that counts time at a rate of its own is read in the record's samples", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hearth-set-"));
  const path = join(folder, "made");
  writeFileSync(`${path}.hea`, "made 1 250 500\nmade.dat 16 200/mV 16 0 0 0 0 II\n");
  writeFileSync(`${path}.dat`, new Uint8Array(1000));
  writeFileSync(
    `${path}.atr`,
    formatAnnotations([annotation(0, '"', { aux: "## time resolution: 1000" }), annotation(400, "N"), annotation(1202, "V")]),
  );
  const models = await startModels({ clock: virtualClock(), timeouts: false });
  try {
    const record = { id: "mitdb/made", name: "made", set: "mitdb", path, files: new Set(["hea", "dat", "atr"]) };
    const { scored, skipped } = await replaySet([record], { models, onProgress: () => {} });
    expect(skipped).toEqual([]);
    expect(scored[0]?.reference.map(({ sample, symbol }) => [sample, symbol])).toEqual([
      [100, "N"],
      [301, "V"],
    ]);
  } finally {
    await models.host.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
