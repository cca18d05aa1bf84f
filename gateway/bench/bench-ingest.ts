/** `bench ingest`: blocks a second through guard, accounts, ACL and the sealed journal, beside a bare broker held for the same commit. Measures, never tunes. */

import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aedes } from "aedes";
import { createStamper, systemClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { startBroker } from "../ingest/broker.ts";
import { openCredentials } from "../ingest/credentials.ts";
import { openJournal } from "../journal/journal.ts";
import type { Journal } from "../journal/journal-port.ts";
import { siblingUrl } from "../runtime/spawn.ts";
import type { LoadOrder } from "./publisher-child.ts";

const CONNECTIONS = 20;
const WINDOW = 256;
const WARM_UP_MS = 1000;
/** A batch of 250 samples in Hearth Stream 1 (devices.md §10). Its content does not matter here: nothing decodes it. */
const PAYLOAD_BYTES = 575;
/** The broker's rate limit is for wearables; the load is far beyond one. */
const OPEN_RATES = { packetsPerS: 1e6, bytesPerS: 1e9, burstS: 1 };
const HOLD_MS = 20;

/** A target under load: its port, how many blocks it has acknowledged so far, and its end. */
interface Target {
  readonly port: number;
  blockCount(): number;
  close(): Promise<void>;
}

interface IngestFigures {
  readonly qos0_per_s: number;
  readonly qos1_per_s: number;
  readonly mb_per_s: number;
  readonly bare_qos0_per_s: number;
  readonly bare_qos1_per_s: number;
  readonly qos0_of_bare: number;
  readonly qos1_of_bare: number;
}

interface IngestBench {
  readonly name: "ingest";
  readonly figures: IngestFigures;
  readonly limits: Readonly<Partial<Record<keyof IngestFigures, number>>>;
}

interface IngestBenchOptions {
  /** Length of each of the measured runs, after one second to warm up. */
  readonly seconds: number;
  /** Opens the journal in an empty folder; the real one by default. */
  readonly journalFactory?: (dir: string) => Promise<Journal>;
}

/** Runs the bare broker and the whole intake twice each in turn (A B B A), so that a busy machine disturbs both alike. Writes below the system's temporary folder. */
export async function benchIngest(options: IngestBenchOptions): Promise<IngestBench> {
  const whole = { 0: [] as number[], 1: [] as number[] };
  const bare = { 0: [] as number[], 1: [] as number[] };
  for (const qos of [0, 1] as const) {
    for (const [start, perSecond] of [
      [startBare, bare],
      [startWhole, whole],
      [startWhole, whole],
      [startBare, bare],
    ] as const) {
      perSecond[qos].push(await measure(() => start(options), qos, options.seconds));
    }
  }
  const mean = (values: readonly number[]) => Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
  const [qos0, qos1, bare0, bare1] = [mean(whole[0]), mean(whole[1]), mean(bare[0]), mean(bare[1])];
  const ratio = (value: number, of: number) => Math.round((100 * value) / of) / 100;
  return {
    name: "ingest",
    figures: {
      qos0_per_s: qos0,
      qos1_per_s: qos1,
      mb_per_s: Math.round((qos0 * PAYLOAD_BYTES) / 1e5) / 10,
      bare_qos0_per_s: bare0,
      bare_qos1_per_s: bare1,
      qos0_of_bare: ratio(qos0, bare0),
      qos1_of_bare: ratio(qos1, bare1),
    },
    limits: { qos0_per_s: 40_000, qos1_per_s: 20_000, qos0_of_bare: 0.6, qos1_of_bare: 0.6 },
  };
}

const secretOf = (i: number) => `secret-of-device-${i}`;
const userOf = (i: number) => `strap-${i}`;

/** Guard, accounts, ACL, sealed journal with fsync: what `hearth run` does before a device is assigned. */
async function startWhole({ journalFactory }: IngestBenchOptions): Promise<Target> {
  const dir = await mkdtemp(join(tmpdir(), "hearth-bench-"));
  const clock = systemClock();
  const openReal = () =>
    openJournal({ dir: join(dir, "journal"), keysDir: join(dir, "keys"), clock, bootId: randomBytes(8).toString("hex") });
  const journal = await (journalFactory?.(dir) ?? openReal());
  const credentials = await openCredentials({ clock });
  for (let i = 0; i < CONNECTIONS; i++) await credentials.issue({ user: userOf(i), role: "device", site: "home" }, secretOf(i));
  const stamp = createStamper(clock);
  let storedCount = 0;
  const broker = await startBroker({
    port: 0,
    host: "127.0.0.1",
    credentials,
    clock,
    rates: OPEN_RATES,
    journalRoom: () => journal.room(),
    onPublish(_publisher, { device, channel, payload }, done) {
      journal.offer("unassigned", { link: "mqtt", device, channel, bytes: payload, stamps: stamp() }, (error) => {
        if (error === undefined) storedCount++;
        done(error);
      });
    },
  });
  return {
    port: broker.port,
    blockCount: () => storedCount,
    async close() {
      await broker.close();
      await journal.close();
      await rm(dir, { recursive: true });
    },
  };
}

/** aedes alone, with the same 20 ms between a packet and its acknowledgement, and nothing written. */
async function startBare(): Promise<Target> {
  let held: (() => void)[] = [];
  let count = 0;
  const aedes = await Aedes.createBroker({
    concurrency: 2000,
    authorizePublish(_client, _packet, callback) {
      held.push(() => callback(null));
      if (held.length === 1) setTimeout(release, HOLD_MS);
    },
  });
  const release = () => {
    const due = held;
    held = [];
    count += due.length;
    for (const answer of due) answer();
  };
  const server = createServer({ noDelay: true }, (socket) => void aedes.handle(socket));
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  return {
    port,
    blockCount: () => count,
    async close() {
      await new Promise<void>((resolve) => aedes.close(resolve));
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Blocks a second in the steady state. @throws GatewayError `bench.publisher_failed` */
async function measure(start: () => Promise<Target>, qos: 0 | 1, seconds: number): Promise<number> {
  const target = await start();
  const child = fork(siblingUrl(import.meta.url, "publisher-child"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  try {
    const ready = Promise.withResolvers<void>();
    const failed = new Promise<never>((_resolve, reject) => {
      const fail = (why: string) => reject(new GatewayError("bench.publisher_failed", "bug", why));
      child.on("message", (message: { ready?: true; error?: string }) =>
        message.ready ? ready.resolve() : fail(message.error ?? "unknown"),
      );
      child.once("exit", (code) => fail(`the publisher ended with ${code}`));
    });
    const connections = Array.from({ length: CONNECTIONS }, (_, i) => ({
      user: userOf(i),
      password: secretOf(i),
      topic: `hearth/v1/home/${userOf(i)}/ecg/raw`,
    }));
    const order: LoadOrder = {
      port: target.port,
      qos,
      window: WINDOW,
      payload: randomBytes(PAYLOAD_BYTES).toString("base64"),
      connections,
    };
    child.send(order);
    const wait = (ms: number) => Promise.race([failed, new Promise((resolve) => setTimeout(resolve, ms))]);
    await Promise.race([failed, ready.promise]);
    await wait(WARM_UP_MS);
    const [from, fromMs] = [target.blockCount(), performance.now()];
    await wait(seconds * 1000);
    const perSecond = (target.blockCount() - from) / ((performance.now() - fromMs) / 1000);
    failed.catch(() => undefined);
    return perSecond;
  } finally {
    child.removeAllListeners();
    child.kill("SIGKILL");
    await target.close();
  }
}
