/** A home whose gateway runs in the test's own process, so that its clock and its disk can be played with; started and ended as often as a test wants. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, systemClock } from "../../device-drivers/contract/clock.ts";
import { parseConfig } from "../../gateway/config/load.ts";
import { sampleConfig } from "../../gateway/config/sample.ts";
import { type Gateway, startGateway } from "../../gateway/gateway.ts";
import { openCredentials } from "../../gateway/ingest/credentials.ts";
import type { FilePort } from "../../gateway/runtime/file-port.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { enrol, loadGatewayEnrolment, loadTwinEnrolment } from "../../gateway/twin/enrol.ts";
import { startTwin, type Twin } from "../../gateway/twin/twin.ts";
import { keptPort } from "../fakes/kept-port.ts";
import { wornHome } from "../fakes/worn-home.ts";
import { site } from "./home-process.ts";

export const worn = { strap: "person-a", clip: "person-b" } as const;
export const people = ["person-a", "person-b"] as const;
export const flushS = 2;
export const twinToken = "a-caregivers-token-at-the-twin";

export interface HomeInside {
  readonly folder: string;
  readonly twinFolder: string;
  readonly mqttUrl: string;
  readonly passwords: Readonly<Record<string, string>>;
  /** Lines of the log since the home was opened. */
  readonly logged: readonly string[];
  /** What was told to people. */
  readonly printed: readonly string[];
  start(more?: { clock?: Clock; files?: FilePort }): Promise<Gateway>;
  end(): Promise<void>;
  /** The twin listens on one port in all its lives. */
  startTwin(more?: { clock?: Clock }): Promise<Twin>;
  endTwin(): Promise<void>;
  close(): Promise<void>;
}

/** `profile`: what the rules know about each person. */
export async function openHomeInside({ profile = {} }: { readonly profile?: Readonly<Record<string, number>> } = {}): Promise<HomeInside> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-inside-"));
  const twinFolder = join(folder, "twin");
  const credentials = await openCredentials({ path: join(folder, "accounts.json"), clock: systemClock() });
  const passwords: Record<string, string> = {};
  for (const user of Object.keys(worn)) passwords[user] = await credentials.issue({ user, role: "device", site });
  const { people: persons, devices } = wornHome(worn);
  const text = sampleConfig({ people: persons.map((person) => ({ ...person, profile })), devices });
  const config = parseConfig(text, { file: "hearth.yaml", env: { HEARTH__TWIN__FLUSHS: String(flushS) } });
  await enrol({ gateway: site, gatewayDir: join(folder, "twin-link"), twinDir: join(folder, "enrolment") });
  const mqttPort = await keptPort();
  const twinPort = await keptPort();
  const logged: string[] = [];
  const printed: string[] = [];
  let gateway: Gateway | undefined;
  let twin: Twin | undefined;

  const self: HomeInside = {
    ...{ folder, twinFolder, passwords, logged, printed },
    mqttUrl: `mqtt://127.0.0.1:${mqttPort}`,
    async start(more = {}) {
      gateway = await startGateway({
        ...{ config, mqttPort, ...more },
        dataDir: folder,
        mode: "real",
        version: "0.0.0-test",
        log: createLog({ level: "info", write: (line) => logged.push(line) }),
        ports: () => ({}),
        twin: { ...loadGatewayEnrolment(site, join(folder, "twin-link")), url: `mqtt://127.0.0.1:${twinPort}` },
        print: (line) => printed.push(line),
      });
      return gateway;
    },
    async end() {
      await gateway?.close();
      gateway = undefined;
    },
    async startTwin({ clock = systemClock() } = {}) {
      twin = await startTwin({
        ...{ dir: twinFolder, httpPort: 0, mqttPort: twinPort },
        ...loadTwinEnrolment(join(folder, "enrolment")),
        tokens: [{ token: twinToken, gateway: site, role: "caregiver" }],
        clock,
        log: createLog({ level: "silent" }),
      });
      return twin;
    },
    async endTwin() {
      await twin?.close();
      twin = undefined;
    },
    async close() {
      await self.end();
      await self.endTwin();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return self;
}

/** Waits for something to be seen, generously. */
export async function until(isDone: () => boolean | Promise<boolean>, what: string, limitMs = 120_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await isDone())) {
    if (performance.now() > endMs) throw new Error(`waited in vain: ${what}`);
    await sleep(50);
  }
}

/** The machine's clock with a wall that can be moved. */
export function clockWithWall(): { readonly clock: Clock; moveWall(byUs: number): void } {
  const system = systemClock();
  let offsetUs = 0;
  return {
    clock: { ...system, wallUs: () => system.wallUs() + offsetUs },
    moveWall(byUs) {
      offsetUs += byUs;
    },
  };
}
