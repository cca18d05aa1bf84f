/** Thread shell of store-core: one request in, one reply out, in order. Holds no logic. */

import { randomBytes } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { trimMemorySoon } from "../runtime/trim-memory.ts";
import { answer, type StoreRequest, toWire } from "./store-call.ts";
import { openStoreCore } from "./store-core.ts";

const port = parentPort;
if (port !== null) {
  try {
    const core = openStoreCore({ ...workerData, epochBytes: () => randomBytes(8) });
    port.postMessage({ id: 0, value: core.opened });
    trimMemorySoon();
    port.on("message", (request: StoreRequest) => {
      port.postMessage(answer(core, request));
      if (request.method === "close") port.close();
    });
  } catch (error) {
    port.postMessage({ id: 0, error: toWire(error) });
  }
}
