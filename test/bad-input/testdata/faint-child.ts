/** Speaks inference/wire.ts without a runtime: every window is a normal beat, but about one in three ends the process, the same ones in every life. */

import type { ToChild, ToHost } from "../../../gateway/inference/wire.ts";

const say = (message: ToHost) => process.send?.(message);

process.on("message", (message: ToChild) => {
  if (message.kind === "load") {
    for (const { model } of message.models) say({ kind: "loading", model });
    return say({ kind: "ready", refused: {} });
  }
  for (const { serial, tensors } of message.calls) {
    const sum = Object.values(tensors).reduce((all, { data }) => data.reduce((a, b) => a + b, all), 0);
    if (Math.floor(Math.abs(sum) * 1000) % 3 === 0) return process.kill(process.pid, "SIGKILL");
    say({ kind: "answer", serial, outputs: { logits: Float32Array.of(9, 0, 0, 0) }, tookUs: 10 });
  }
});
process.on("disconnect", () => process.exit(0));
