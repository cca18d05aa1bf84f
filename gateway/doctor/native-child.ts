/** Child of `hearth doctor`: loads the one native part that it is told and lets it work once. Ends with 0, or with the reason on stderr, or as the part ends it. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NativePart } from "./natives.ts";

const attempts: Readonly<Record<NativePart, () => Promise<void>>> = {
  async database() {
    const { openDatabase } = await import("../store/database.ts");
    const db = openDatabase(":memory:");
    db.prepare("SELECT 1").get();
    db.close();
  },

  async models() {
    const { InferenceSession, Tensor } = await import("../../models/onnx-runtime.ts");
    const { modelRegistry } = await import("../../models/index.ts");
    for (const { load } of Object.values(modelRegistry)) {
      const { folder } = await load();
      const session = await InferenceSession.create(readFileSync(new URL("model.onnx", folder)), { intraOpNumThreads: 1 });
      const feeds = session.inputMetadata.map((input) => {
        if (!input.isTensor) throw new Error(`input ${input.name} is no tensor`);
        const shape = input.shape.map((size) => (typeof size === "number" && size > 0 ? size : 1));
        return [input.name, new Tensor("float32", new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)] as const;
      });
      await session.run(Object.fromEntries(feeds));
      await session.release();
    }
  },

  async serial() {
    await import("../../device-drivers/link/serial.ts");
  },

  async page() {
    const { createPages } = await import("../web/bundle.ts");
    await createPages()("/app.js");
  },

  async terminal() {
    const { openPtyPort } = await import("../../firmware-sim/link/pty.ts");
    const folder = mkdtempSync(join(tmpdir(), "hearth-doctor-"));
    try {
      openPtyPort(join(folder, "port")).unplug();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

await attempts[process.argv[2] as NativePart]();
process.exit(0);
