/** A process's debugger, for what only the process itself can say of its memory. */

import type { ChildProcess } from "node:child_process";

export interface Inspector {
  /** Heap and buffers in use after a forced collection, MB. */
  liveHeapMb(): Promise<number>;
  close(): void;
}

const memory = "(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())";

/** The address is what Node prints to stderr under `--inspect`. */
export async function openInspector(child: ChildProcess): Promise<Inspector> {
  const socket = new WebSocket(await addressOf(child));
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("the debugger did not open")), { once: true });
  });
  const waiting = new Map<number, (result: { readonly result?: { readonly value?: unknown } }) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: { result?: { value?: unknown } } };
    if (id !== undefined) waiting.get(id)?.(result ?? {});
  });
  let lastId = 0;
  const call = (method: string, params: object = {}) =>
    new Promise<{ readonly result?: { readonly value?: unknown } }>((resolve) => {
      const id = ++lastId;
      waiting.set(id, (result) => {
        waiting.delete(id);
        resolve(result);
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  return {
    async liveHeapMb() {
      await call("HeapProfiler.collectGarbage");
      const { result } = await call("Runtime.evaluate", { expression: memory });
      return Number(result?.value) / 2 ** 20;
    },
    close: () => socket.close(),
  };
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const onData = (bytes: Buffer) => {
      said += bytes.toString();
      const [, url] = /Debugger listening on (ws:\S+)/.exec(said) ?? [];
      if (url === undefined) return;
      child.stderr?.off("data", onData);
      resolve(url);
    };
    child.stderr?.on("data", onData);
  });
}
