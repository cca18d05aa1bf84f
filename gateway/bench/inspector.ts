/** The debuggers of a process, its threads and its children, for what only they can say of their memory. */

import type { ChildProcess } from "node:child_process";

/** In the environment, so that children open one as well; each prints its address to the stderr that they share. */
export const inspectEverything = { NODE_OPTIONS: "--inspect=127.0.0.1:0" };

/** What is still in use after a forced collection, MB. */
export interface LiveMemory {
  readonly pid: number;
  /** The thread's module without folder and extension; absent for the process's own. */
  readonly thread?: string;
  /** JavaScript heap and buffers. */
  readonly heapMb: number;
}

interface Inspector {
  /** Makes every process but those of `except` collect its garbage, and their threads too. */
  collect(except?: readonly number[]): Promise<LiveMemory[]>;
  close(): void;
}

interface Reply {
  readonly result?: { readonly value?: unknown };
}
type Call = (method: string, params?: object) => Promise<Reply>;

interface Debugger {
  readonly pid: number;
  /** Its process is gone. */
  readonly isOver: boolean;
  readonly call: Call;
  readonly threads: readonly { readonly name: string; readonly call: Call }[];
  close(): void;
}

const memory = "(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())";

/** Reads what the process and its children write to stderr, and hands on all but what their debuggers say. */
export function openInspector(child: ChildProcess, onLine: (line: string) => void): Inspector {
  const opening: Promise<Debugger | undefined>[] = [];
  let said = "";
  child.stderr?.on("data", (bytes: Buffer) => {
    const lines = (said + bytes.toString()).split("\n");
    said = lines.pop() ?? "";
    for (const line of lines) {
      const [, url] = /^Debugger listening on (ws:\S+)/.exec(line) ?? [];
      if (url !== undefined) opening.push(openDebugger(url).catch(() => undefined));
      else if (!debuggerTalk.test(line)) onLine(line);
    }
  });
  const opened = async () => (await Promise.all(opening)).filter((each) => each !== undefined);
  return {
    async collect(except = []) {
      const asked = (await opened()).filter(({ pid, isOver }) => !isOver && !except.includes(pid));
      const told = asked.flatMap(({ pid, call, threads }) => [
        liveMb(call).then((heapMb) => ({ pid, heapMb })),
        ...threads.map((thread) => liveMb(thread.call).then((heapMb) => ({ pid, thread: thread.name, heapMb }))),
      ]);
      return (await Promise.all(told)).filter(({ heapMb }) => Number.isFinite(heapMb));
    },
    close() {
      const closeAll = async () => {
        for (const each of await opened()) each.close();
      };
      void closeAll();
    },
  };
}

const debuggerTalk = /^(Debugger (attached|ending)|For help, see: |Waiting for the debugger)/;

/** NaN of one that is gone before it answers. */
async function liveMb(call: Call): Promise<number> {
  await call("HeapProfiler.collectGarbage");
  const { result } = await call("Runtime.evaluate", { expression: memory });
  return Number(result?.value) / 2 ** 20;
}

async function openDebugger(url: string): Promise<Debugger> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("a debugger did not open")), { once: true });
  });
  const own = createCalls((text) => socket.send(text));
  let isOver = false;
  const threads = new Map<string, Calls & { readonly name: string }>();
  socket.addEventListener("message", ({ data }) => {
    const { method, params = {} } = JSON.parse(String(data));
    if (method === "NodeWorker.attachedToWorker") {
      const { sessionId, workerInfo } = params;
      const calls = createCalls((message) => void own.call("NodeWorker.sendMessageToWorker", { sessionId, message }));
      threads.set(sessionId, { name: moduleOf(workerInfo.url), ...calls });
    } else if (method === "NodeWorker.detachedFromWorker") {
      threads.get(params.sessionId)?.end();
      threads.delete(params.sessionId);
    } else if (method === "NodeWorker.receivedMessageFromWorker") threads.get(params.sessionId)?.hear(params.message);
    // It wants to end and waits for us to look away.
    else if (method === "NodeRuntime.waitingForDisconnect") socket.close();
    else own.hear(String(data));
  });
  socket.addEventListener("close", () => {
    isOver = true;
    for (const calls of [own, ...threads.values()]) calls.end();
  });
  await own.call("NodeRuntime.notifyWhenWaitingForDisconnect", { enabled: true });
  await own.call("NodeWorker.enable", { waitForDebuggerOnStart: false });
  const { result } = await own.call("Runtime.evaluate", { expression: "process.pid" });
  return {
    pid: Number(result?.value),
    call: own.call,
    get isOver() {
      return isOver;
    },
    get threads() {
      return [...threads.values()];
    },
    close: () => socket.close(),
  };
}

function moduleOf(url: string): string {
  return (url.split("/").at(-1) ?? url).replace(/\.[cm]?[jt]s$/, "");
}

interface Calls {
  readonly call: Call;
  readonly hear: (text: string) => void;
  /** Nobody answers any more. */
  readonly end: () => void;
}

/** Numbers what is asked and gives each answer to who asked. */
function createCalls(send: (text: string) => void): Calls {
  const waiting = new Map<number, (reply: Reply) => void>();
  let lastId = 0;
  return {
    call(method, params = {}) {
      const id = ++lastId;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        send(JSON.stringify({ id, method, params }));
      });
    },
    hear(text) {
      const { id, result } = JSON.parse(text) as { id?: number; result?: Reply };
      if (id === undefined) return;
      waiting.get(id)?.(result ?? {});
      waiting.delete(id);
    },
    end() {
      for (const resolve of waiting.values()) resolve({});
      waiting.clear();
    },
  };
}
