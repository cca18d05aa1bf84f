// A process with a thread that holds 20 MB, until it is told to end.
import { isMainThread, Worker } from "node:worker_threads";

if (isMainThread) {
  new Worker(new URL(import.meta.url));
  process.stderr.write("a line of its own\n");
  process.on("message", () => process.exit(0));
} else {
  globalThis.held = new Array(2_500_000).fill(0.5);
  setInterval(() => {}, 1000);
}
