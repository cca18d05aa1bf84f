/** Speaks wire.ts without a runtime: y = 2x + 1; dies as by a native fault on the value 666, and while loading a model named "deadly". */

import type { ToChild, ToHost } from "../wire.ts";

const say = (message: ToHost) => process.send?.(message);
const die = () => process.kill(process.pid, "SIGKILL");

process.on("message", (message: ToChild) => {
  if (message.kind === "load") {
    for (const { model } of message.models) {
      say({ kind: "loading", model });
      if (model === "deadly") return die();
    }
    return say({ kind: "ready", refused: {} });
  }
  for (const { serial, tensors } of message.calls) {
    const x = tensors.x?.data ?? new Float32Array();
    if (x[0] === 666) return die();
    if (x[0] === 13) continue;
    say({ kind: "answer", serial, outputs: { y: x.map((value) => 2 * value + 1) }, tookUs: 10 });
  }
});
process.on("disconnect", () => process.exit(0));
