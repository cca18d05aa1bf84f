import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { keptPort } from "../fakes/kept-port.ts";
import { openHomes } from "../support/homes.ts";
import { hasNats } from "../support/nats.ts";
import { postgresBin } from "../support/postgres.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = join(root, "deploy", "fleet");
const homes = openHomes();
const state = join(homes.folder, "fleet");
const poll = <Value>(look: () => Value) => expect.poll(look, { timeout: 120_000, interval: 200 });

let ports: Record<"nats" | "mqtt" | "routes" | "http", number[]> & { database: number };
let made: string;
beforeAll(async () => {
  const three = async () => [await keptPort(), await keptPort(), await keptPort()];
  ports = { database: await keptPort(), nats: await three(), mqtt: await three(), routes: await three(), http: await three() };
  const make = [join(files, "make.ts"), "--state", state, "--name", "localhost", "--ports", JSON.stringify(ports)];
  // The database's own user passes through.
  chmodSync(homes.folder, 0o711);
  made = execFileSync(process.execPath, make, { encoding: "utf8" });
}, 60_000);
afterAll(homes.close, 120_000);

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      { image: string; command?: string[]; volumes?: string[]; depends_on?: Record<string, unknown>; environment?: Record<string, string> }
    >
  >;
  readonly volumes: Readonly<Record<string, unknown>>;
}

describe("the files of a fleet", () => {
  const compose = parse(readFileSync(join(files, "compose.yaml"), "utf8"), { merge: true }) as Compose;

  test("compose starts three nodes, two workers and a database, and mounts nothing but what was made and volumes of its own", () => {
    expect(Object.keys(compose.services)).toEqual(["database", "nats-1", "nats-2", "nats-3", "worker-1", "worker-2"]);
    for (const [name, { image, volumes = [], command = [], depends_on: needed = {} }] of Object.entries(compose.services)) {
      expect(image, name).toMatch(/^(hearth|docker\.io\/library\/[a-z]+:[\w.-]+)$/);
      for (const other of Object.keys(needed)) expect(compose.services).toHaveProperty(other);
      for (const [from = "", to = ""] of volumes.map((each) => each.split(":"))) {
        if (from.startsWith("./state")) expect(existsSync(join(state, from.slice("./state".length))), `${name} ${from}`).toBe(true);
        else expect(compose.volumes).toHaveProperty(from);
        for (const path of command.filter((each) => each.startsWith(`${to}/`) && to.startsWith("/fleet")))
          expect(existsSync(join(state, path.slice("/fleet".length))), path).toBe(true);
      }
    }
    const { environment = {} } = compose.services["worker-1"] ?? {};
    for (const [name, path] of Object.entries(environment))
      if (path.startsWith("/fleet")) expect(existsSync(join(state, path.slice("/fleet".length))), name).toBe(true);
  });

  test.skipIf(spawnSync("docker", ["compose", "version"], { stdio: "ignore" }).status !== 0)("docker compose reads them", () => {
    const read = ["compose", "--env-file", join(state, "compose.env"), "-f", join(files, "compose.yaml"), "config", "-q"];
    expect(spawnSync("docker", read, { encoding: "utf8" }).stderr).toBe("");
  });

  test("what is secret is read by its owner alone, made once, and no node of the cluster is given a key of the twin's", () => {
    const secret = readdirSync(state, { recursive: true, withFileTypes: true }).filter(
      (file) => file.isFile() && !/^(ca|server)\.pem$/.test(file.name),
    );
    expect(secret.length).toBeGreaterThan(8);
    for (const file of secret) expect(statSync(join(file.parentPath, file.name)).mode & 0o077, file.name).toBe(0);
    const seeds = readdirSync(join(state, "accounts")).map((name) => readFileSync(join(state, "accounts", name), "utf8"));
    const nodes = readdirSync(join(state, "nats")).map((name) => readFileSync(join(state, "nats", name), "utf8"));
    expect([seeds.length, nodes.length]).toEqual([3, 3]);
    for (const seed of seeds) for (const node of nodes) expect(node).not.toContain(seed);
    const again = execFileSync(process.execPath, [join(files, "make.ts"), "--state", state], { encoding: "utf8" });
    expect(again).toContain("nothing was changed");
    expect(readdirSync(join(state, "accounts")).map((name) => readFileSync(join(state, "accounts", name), "utf8"))).toEqual(seeds);
    expect(execFileSync("git", ["check-ignore", join(files, "state", "ca.key")], { cwd: root, encoding: "utf8" })).toContain("state");
  });

  test("what make.ts says to type next is there", () => {
    for (const [, path = ""] of made.matchAll(/ (deploy\/[\w/.-]+)/g)) expect(existsSync(join(root, path)), path).toBe(true);
  });
});

/** An answer of the worker's HTTPS, believed by the fleet's own authority. */
function read(worker: number, path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const { admin } = homes.readJson("fleet/twin", "tokens.json");
  const url = `https://localhost:${ports.http[worker]}${path}`;
  request(url, { ca: readFileSync(join(state, "ca.pem")), headers: { authorization: `Bearer ${admin}` } }, (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
    answer.once("end", () => resolve(text));
  })
    .once("error", reject)
    .end();
  return promise;
}
interface FleetAnswer {
  readonly stream: { readonly waiting: number; readonly unsettled: number } | null;
  readonly gateways: readonly { readonly id: string; readonly connected: boolean; readonly heard_at: string | null }[];
}
const fleet = async (worker = 0) => JSON.parse(await read(worker, "/api/v1/fleet")) as FleetAnswer;

// Elections among three servers on a busy machine take up to a minute: `npm run test:servers` alone waits for them.
test.runIf(process.env.HEARTH_TEST_SERVERS === "1" && hasNats && postgresBin !== undefined)(
  "a home joins a fleet over TLS: its frames arrive and are acknowledged, its password opens no other gateway's topics, and revoked it is out of all nodes",
  { timeout: 900_000 },
  async () => {
    const running = homes.run([join(files, "run.ts"), "--state", state]);
    await poll(running.said).toContain("The fleet runs.");
    for (const home of ["home-a", "home-b"]) {
      expect((await homes.hearth("fleet/twin", "twin", "claim", home)).error).toBe("");
      await homes.hearth(home, "init");
      expect((await homes.hearth(home, "twin", "join", `${home}.claim`)).error).toBe("");
    }
    const gateway = homes.start("home-a", "run");
    await poll(gateway.said).toContain("#code=");
    await poll(() => homes.ask("home-a", "status")).toMatchObject({ uplink: { connected: true, last_ack_at: expect.any(String) } });
    await poll(() => fleet(0)).toMatchObject({
      stream: { waiting: 0, unsettled: 0 },
      gateways: [
        { id: "home-a", connected: true, heard_at: expect.any(String) },
        { id: "home-b", connected: false, heard_at: null },
      ],
    });

    const password = readFileSync(join(homes.folder, "home-b", "twin-link", "password"), "utf8");
    const connect = (node: number) =>
      mqtt.connect(`mqtts://localhost:${ports.mqtt[node]}`, {
        ...{ username: "home-b", password, clientId: `home-b-${node}`, reconnectPeriod: 0, protocolVersion: 4 },
        ca: readFileSync(join(state, "ca.pem")),
      });
    const opened = async (client: MqttClient) =>
      new Promise<boolean>((resolve) =>
        client
          .once("connect", () => resolve(true))
          .once("close", () => resolve(false))
          .on("error", () => {}),
      );
    const other = connect(1);
    expect(await opened(other)).toBe(true);
    for (const topic of ["hearth/v1/home-a/ack", "hearth/v1/+/up/#", "$MQTT/sub/#", "#"])
      await expect(other.subscribeAsync(topic, { qos: 1 }), topic).rejects.toThrow();
    const stillThere = other.connected ? other : connect(1);
    if (stillThere !== other) expect(await opened(stillThere)).toBe(true);
    stillThere.publish("hearth/v1/home-a/up/status", "not home-a's", { qos: 0 });
    stillThere.publish("hearth/v1/home-b/up/status", "home-b's own, and no frame", { qos: 0 });
    const refused = async () => (await Promise.all([0, 1].map((worker) => read(worker, "/metrics")))).join("\n");
    await poll(refused).toContain('hearth_twin_refused{reason="malformed"} 1');
    expect((await refused()).match(/hearth_twin_refused\{[^}]*\} \d+/g)).toEqual(['hearth_twin_refused{reason="malformed"} 1']);

    const out = new Promise<void>((resolve) => stillThere.once("close", () => resolve()));
    for (const home of ["home-a", "home-b"]) expect((await homes.hearth("fleet/twin", "twin", "revoke", home)).error).toBe("");
    await out;
    for (const node of [0, 1, 2]) expect(await opened(connect(node)), `node ${node}`).toBe(false);
    await poll(() => homes.ask("home-a", "status")).toMatchObject({ uplink: { connected: false } });
    await gateway.stop();
    expect((await homes.hearth("fleet/twin", "twin", "claim", "home-a")).error).toBe("");
    expect((await homes.hearth("home-a", "twin", "join", "home-a.claim")).error).toBe("");
    await poll(homes.start("home-a", "run").said).toContain("#code=");
    await poll(() => fleet(1)).toMatchObject({ gateways: [{ id: "home-a", connected: true }] });
    await homes.close();
    expect(running.child.exitCode).toBe(0);
  },
);
