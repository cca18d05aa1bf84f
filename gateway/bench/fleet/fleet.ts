/** A fleet for a measurement: homes in one process, workers, and where there are any a stream and a database, each in its own. */

import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { siblingUrl } from "../../runtime/spawn.ts";
import type { HomesFigures, HomesOrder } from "./homes-child.ts";
import { treeOf } from "./process-tree.ts";
import { type Database, type Stream, startDatabase, startStream } from "./servers.ts";
import { enrolHomes, startWorkerProcess, type WorkerProcess } from "./workers.ts";

export interface Fleet {
  readonly workers: readonly WorkerProcess[];
  readonly database?: Database;
  readonly stream?: Stream;
  /** CPU so far, ms. */
  cpu(): Promise<{ readonly workers: number; readonly database: number; readonly stream: number; readonly all: number }>;
  /** Of the first worker, MB. */
  workerMb(): Promise<number>;
  ask(order: HomesOrder): Promise<HomesFigures>;
  /** Asks until `isDone` is true of the figures. */
  until(isDone: (figures: HomesFigures) => boolean, limitMs: number): Promise<HomesFigures>;
  /** Of the twin's state on disk. */
  storedBytes(): Promise<number>;
  close(): Promise<void>;
}

export interface FleetOptions {
  readonly homes: number;
  /** With a stream 1 and more share it; without one worker has its own broker. */
  readonly workers: number;
  readonly withDatabase: boolean;
  readonly withStream: boolean;
  readonly heartbeatMs?: number;
  /** More of `hearth.yaml` for the workers, as environment variables. */
  readonly settings?: Readonly<Record<string, string>>;
}

export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-fleet-"));
  const closers: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const each of closers.splice(0).reverse()) await each();
  };
  try {
    return { ...(await openParts(options, folder, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openParts(options: FleetOptions, folder: string, closers: (() => Promise<void> | void)[]): Promise<Omit<Fleet, "close">> {
  const enrolment = enrolHomes(join(folder, "enrolment"), options.homes);
  const database = options.withDatabase ? await startDatabase() : undefined;
  if (database !== undefined) closers.push(database.close);
  const passwords = new Map(enrolment.accounts.map(({ gateway, password }) => [gateway, password]));
  const stream = options.withStream ? await startStream(join(folder, "stream"), passwords) : undefined;
  if (stream !== undefined) closers.push(stream.close);
  const settings = {
    ...(database && { HEARTH__TWIN__DATABASE: database.url }),
    ...(stream && { HEARTH__TWIN__BROKER: stream.mqttUrl("twin:pw-twin@"), HEARTH__TWIN__STREAM: stream.url }),
    ...options.settings,
  };
  const workers: WorkerProcess[] = [];
  for (let i = 0; i < options.workers; i++) {
    const worker = await startWorkerProcess(join(folder, `worker-${i}`), enrolment.folder, settings);
    workers.push(worker);
    closers.push(worker.close);
  }
  const url = stream?.mqttUrl("") ?? `mqtt://127.0.0.1:${workers[0]?.mqttPort}`;
  const homes = await openHomes({ urls: [url], ...enrolment, heartbeatMs: options.heartbeatMs ?? 60_000 });
  closers.push(homes.close);
  return {
    workers,
    ...(database && { database }),
    ...(stream && { stream }),
    ...homes,
    async cpu() {
      const of = async (pids: readonly (number | undefined)[]) =>
        (await Promise.all(pids.map(async (pid) => (pid === undefined ? 0 : (await treeOf(pid)).cpuMs)))).reduce(
          (sum, each) => sum + each,
          0,
        );
      const spent = {
        workers: await of(workers.map(({ pid }) => pid)),
        database: await of([database?.pid]),
        stream: await of([stream?.pid]),
      };
      return { ...spent, all: spent.workers + spent.database + spent.stream };
    },
    workerMb: async () => (await treeOf(workers[0]?.pid ?? 0)).residentMb,
    async storedBytes() {
      if (database !== undefined) {
        database.sql("CHECKPOINT");
        return Number(database.sql("SELECT pg_database_size('postgres')"));
      }
      const file = join(folder, "worker-0", "twin", "twin.db");
      return statSync(file).size + (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0);
    },
  };
}

async function openHomes(start: Omit<Extract<HomesOrder, { kind: "homes" }>, "kind">) {
  const child = fork(siblingUrl(import.meta.url, "homes-child"), { stdio: ["ignore", "inherit", "inherit", "ipc"], execArgv: [] });
  const ask = (order: HomesOrder) => askChild(child, order);
  await ask({
    kind: "homes",
    urls: start.urls,
    twinPublicKeyPem: start.twinPublicKeyPem,
    accounts: start.accounts,
    heartbeatMs: start.heartbeatMs,
  });
  return {
    ask,
    async until(isDone: (figures: HomesFigures) => boolean, limitMs: number): Promise<HomesFigures> {
      for (const endMs = performance.now() + limitMs; ; await sleep(250)) {
        const figures = await ask({ kind: "figures" });
        if (isDone(figures)) return figures;
        if (performance.now() > endMs) throw new Error(`the homes did not come so far in ${limitMs} ms: ${JSON.stringify(figures)}`);
      }
    },
    close: () => void child.kill("SIGKILL"),
  };
}

/** One order at a time. */
function askChild(child: ChildProcess, order: HomesOrder): Promise<HomesFigures> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null) => reject(new Error(`the homes' process ended with ${code}`));
    child.once("exit", gone);
    child.once("message", (figures: HomesFigures) => {
      child.off("exit", gone);
      resolve(figures);
    });
    child.send(order);
  });
}
