/** Thread shell of journal-core: takes requests in order, answers each once. Holds no logic. */

import { randomBytes } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import { trimMemorySoon } from "../runtime/trim-memory.ts";
import { openJournalCore } from "./journal-core.ts";
import type { WorkerReply, WorkerRequest } from "./worker-backend.ts";

const port = parentPort;
if (port !== null) {
  const reply = (message: WorkerReply) => port.postMessage(message);
  const failed = (id: number, error: unknown) => {
    const { code, kind, message } = toGatewayError(error);
    reply({ id, kind: "error", code, fault: kind, message });
  };
  try {
    const core = openJournalCore({ ...workerData, randomBytes });
    reply({ id: 0, kind: "opened", value: core.opened });
    trimMemorySoon();
    let order: Promise<void> = Promise.resolve();
    port.on("message", (request: WorkerRequest) => {
      order = order.then(async () => {
        try {
          if (request.kind === "commit") reply({ id: request.id, kind: "committed", value: await core.commit(request.request) });
          else if (request.kind === "forget") core.forget(request.lane);
          else if (request.kind === "dropBefore") core.dropBefore(request.lane, request.day);
          else if (request.kind === "dropDecided") reply({ id: request.id, kind: "dropped", bytes: core.dropDecided(request.request) });
          else core.close();
          if (request.kind !== "commit" && request.kind !== "dropDecided") reply({ id: request.id, kind: "done" });
          if (request.kind === "close") port.close();
        } catch (error) {
          failed(request.id, error);
        }
      });
    });
  } catch (error) {
    failed(0, error);
  }
}
