/** A twin, an uplink and the line between them for tests: real broker, real client, real database; time moves only while something is awaited. */

import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectTcp, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import type { BeatEvent, OutboxItem } from "../../device-drivers/contract/event.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { createPacker } from "../../gateway/semantic/policy.ts";
import { openConnection } from "../../gateway/sync/connection.ts";
import type { OutboxSource } from "../../gateway/sync/outbox-source.ts";
import { createUplink, type Uplink, type UplinkOptions, uplinkTopics, uplinkWill } from "../../gateway/sync/uplink.ts";
import { enrol, type GatewayEnrolment, loadGatewayEnrolment, loadTwinEnrolment } from "../../gateway/twin/enrol.ts";
import { startTwin, type Twin } from "../../gateway/twin/twin.ts";

const stepMs = 10;
const patienceMs = 100_000;

/** When the first of the beats is. */
export const baseUs = 1_699_999_980_000_000;

export const beatAt = (i: number): BeatEvent => {
  return { kind: "beat", device: "strap", stream: "ecg", timeUs: baseUs + i * 800_000, label: "N", confidence: 1 };
};

/** `count` beats of person-a behind the first `from`, a beat a frame. */
export const beatItems = (from: number, count: number): OutboxItem[] =>
  Array.from({ length: count }, (_, i) => {
    const packer = createPacker({ person: "person-a", flushS: 60 });
    return [...packer.push(beatAt(from + i)), ...packer.flush()];
  }).flat();

/** Lets time pass until `isDone`; gives up after 100 s of the machine's time. */
export async function until(clock: VirtualClock, isDone: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (!(await isDone())) {
    if (Date.now() > endMs) throw new Error(`waited in vain: ${what}`);
    clock.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A TCP line that can be cut, or swallow everything while it looks alive. */
export interface Line {
  readonly port: number;
  mode: "open" | "swallow" | "cut";
  /** Bytes towards the twin that went through. */
  readonly passed: number;
  close(): Promise<void>;
}

export async function openLine(target: () => number): Promise<Line> {
  const sockets = new Set<Socket>();
  let mode: Line["mode"] = "open";
  let passed = 0;
  const server = createServer((near) => {
    if (mode === "cut") return near.destroy();
    const far = connectTcp(target(), "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on("data", (bytes) => {
      if (mode !== "open") return;
      passed += bytes.length;
      far.write(bytes);
    });
    far.on("data", (bytes) => {
      if (mode === "open") near.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    get mode() {
      return mode;
    },
    set mode(next) {
      mode = next;
      if (next === "cut") for (const socket of sockets) socket.destroy();
    },
    get passed() {
      return passed;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export interface Harness {
  readonly clock: VirtualClock;
  readonly dir: string;
  readonly line: Line;
  readonly twin: Twin;
  readonly gateway: GatewayEnrolment;
  startTwin(): Promise<void>;
  stopTwin(): Promise<void>;
  openUplink(outbox: OutboxSource, more?: Partial<UplinkOptions>): Uplink;
  /** For `openUplink`: the line of a gateway with its account at this broker. */
  lineTo(url: string, gateway: string, password: string): Pick<UplinkOptions, "open">;
  /** Asks the twin's REST as `role` of home-a; `home` another one. */
  ask(path: string, init?: RequestInit & { token?: string }): Promise<{ status: number; body: Record<string, unknown> }>;
  close(): Promise<void>;
}

/** Homes home-a and home-b are enrolled; tokens are admin-a, patient-a and admin-b. `database`: a PostgreSQL for the twin; `broker`: one elsewhere, with the `stream` behind it. */
export async function createHarness({
  database,
  broker,
  stream,
  streamReplicas,
}: {
  readonly database?: string;
  readonly broker?: string;
  readonly stream?: string;
  readonly streamReplicas?: number;
} = {}): Promise<Harness> {
  const dir = mkdtempSync(join(tmpdir(), "hearth-twin-"));
  const clock = virtualClock(1_700_000_000_000_000);
  const log = createLog({ level: "silent" });
  for (const gateway of ["home-a", "home-b"]) await enrol({ gateway, gatewayDir: join(dir, gateway), twinDir: join(dir, "twin") });
  const gateway = loadGatewayEnrolment("home-a", join(dir, "home-a"));
  const tokens = [
    { token: "admin-a", gateway: "home-a", role: "admin" as const },
    { token: "patient-a", gateway: "home-a", role: "patient" as const },
    { token: "admin-b", gateway: "home-b", role: "admin" as const },
    ...["home-a", "home-b"].map((gateway) => ({ token: "admin-both", gateway, role: "admin" as const })),
  ];
  const uplinks: Uplink[] = [];
  let running: Twin | undefined;
  let lastPort = 0;
  const twin = () => {
    if (running === undefined) throw new Error("the twin is not running");
    return running;
  };
  const start = async () => {
    running = await startTwin({
      dir: join(dir, "data"),
      ...(database === undefined ? {} : { database }),
      ...(broker === undefined ? {} : { broker }),
      ...(stream === undefined ? {} : { stream }),
      ...(streamReplicas === undefined ? {} : { streamReplicas }),
      httpPort: 0,
      mqttPort: 0,
      ...loadTwinEnrolment(join(dir, "twin")),
      tokens,
      clock,
      log,
    });
    lastPort = broker === undefined ? running.ports.mqtt : Number(new URL(broker).port);
  };
  await start();
  const line = await openLine(() => lastPort);
  const stop = async () => {
    await running?.close();
    running = undefined;
  };
  const lineTo: Harness["lineTo"] = (url, name, password) => ({
    open: (handlers) => {
      const { subscribe, alsoSubscribe } = uplinkTopics(name);
      const account = { url, clientId: name, username: name, password };
      return openConnection({ ...account, subscribe, alsoSubscribe, will: uplinkWill(name), clock, random: () => 0.5, log }, handlers);
    },
  });
  return {
    clock,
    dir,
    line,
    lineTo,
    gateway,
    get twin() {
      return twin();
    },
    startTwin: start,
    stopTwin: stop,
    openUplink(outbox, more = {}) {
      const uplink = createUplink({
        gateway: "home-a",
        outbox,
        sign: gateway.sign,
        twinPublicKey: gateway.twinPublicKey,
        clock,
        nowUs: () => clock.wallUs(),
        log,
        ...lineTo(`mqtt://127.0.0.1:${line.port}`, "home-a", gateway.password),
        ...more,
      });
      uplinks.push(uplink);
      return uplink;
    },
    async ask(path, { token = "admin-a", ...init } = {}) {
      const answer = await fetch(`http://127.0.0.1:${twin().ports.http}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, ...init.headers },
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    async close() {
      // Closing waits for timers of the clock at most for a second of its time.
      let isClosed = false;
      const closing = Promise.all(uplinks.map((uplink) => uplink.close())).finally(() => {
        isClosed = true;
      });
      await until(clock, () => isClosed, "uplinks close");
      await closing;
      await line.close();
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
