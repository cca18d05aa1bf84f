/** A fleet's enrolment and its workers, each `hearth twin` in a process of its own as an operator starts it. */

import { spawn } from "node:child_process";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openHome, readPorts, roleTokens } from "../../config/home-folder.ts";
import { environment } from "../../config/load.ts";
import { sampleConfig } from "../../config/sample.ts";
import { hashSecret, newSecret } from "../../runtime/password.ts";
import type { HomeAccount } from "./virtual-home.ts";

interface Enrolment {
  /** As `enrol` writes it, for the twin. */
  readonly folder: string;
  readonly twinPublicKeyPem: string;
  readonly accounts: readonly HomeAccount[];
}

/** As `gateway/twin/enrol.ts` leaves it, without its care for files that are there already and for power cuts. */
export function enrolHomes(folder: string, count: number): Enrolment {
  const gateways = join(folder, "gateways");
  mkdirSync(gateways, { recursive: true, mode: 0o700 });
  const own = { mode: 0o600 };
  const twin = generateKeyPairSync("ed25519");
  writeFileSync(join(folder, "key.pem"), twin.privateKey.export({ type: "pkcs8", format: "pem" }), own);
  const accounts = Array.from({ length: count }, (_, i): HomeAccount => {
    const gateway = `home-${i}`;
    const { privateKey } = generateKeyPairSync("ed25519");
    const password = newSecret();
    mkdirSync(join(gateways, gateway), { mode: 0o700 });
    writeFileSync(join(gateways, gateway, "public.pem"), createPublicKey(privateKey).export({ type: "spki", format: "pem" }), own);
    writeFileSync(join(gateways, gateway, "password.hash"), hashSecret(password), own);
    return { gateway, password, privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
  });
  return { folder, twinPublicKeyPem: twin.publicKey.export({ type: "spki", format: "pem" }).toString(), accounts };
}

export interface WorkerProcess {
  readonly pid: number;
  readonly startMs: number;
  readonly mqttPort: number;
  /** Lines of its log. */
  readonly said: readonly string[];
  /** What its `/metrics` says of frames, by outcome, and of refusals, by reason. */
  counts(): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

/** @param settings of `hearth.yaml`, as environment variables */
export async function startWorkerProcess(
  home: string,
  enrolment: string,
  settings: Readonly<Record<string, string>>,
): Promise<WorkerProcess> {
  const opened = openHome(home);
  const tokens = roleTokens(opened);
  writeFileSync(opened.configFile, sampleConfig());
  mkdirSync(join(home, "twin"), { mode: 0o700 });
  // All workers have the same folder.
  symlinkSync(enrolment, join(home, "twin", "enrolment"));
  const env = {
    ...environment(),
    HEARTH_HOME: home,
    HEARTH__PORTS__TWIN: "0",
    HEARTH__PORTS__TWINMQTT: "0",
    HEARTH__LOG__LEVEL: "warn",
    ...settings,
  };
  const startedMs = performance.now();
  const launcher = fileURLToPath(new URL("../../cli/launcher.mjs", import.meta.url));
  const child = spawn(process.execPath, [launcher, "twin"], { env, stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  const ready = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (bytes: Buffer) => {
      for (const line of bytes.toString().split("\n").filter(Boolean)) {
        if (said.length < 10_000) said.push(line);
        if (line.startsWith("The twin runs")) ready.resolve();
      }
    });
  child.once("exit", (code) => ready.reject(new Error(`the worker ended with ${code}: ${said.slice(-5).join("\n")}`)));
  await ready.promise;
  const startMs = performance.now() - startedMs;
  const ports = readPorts(opened);
  return {
    pid: child.pid ?? 0,
    ...{ startMs, said },
    mqttPort: ports?.twin_mqtt ?? 0,
    async counts() {
      const answer = await fetch(`http://127.0.0.1:${ports?.twin}/metrics`, { headers: { authorization: `Bearer ${tokens.admin}` } });
      return Object.fromEntries(
        [...(await answer.text()).matchAll(/^hearth_twin_(?:frames|refused)\{\w+="(\w+)"\} (\d+)$/gm)].map(([, name, count]) => [
          name,
          Number(count),
        ]),
      );
    },
    async close() {
      child.kill("SIGTERM");
      await Promise.race([once(child, "exit"), sleep(20_000).then(() => child.kill("SIGKILL"))]);
    },
  };
}
