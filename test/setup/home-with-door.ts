/** A home made by hearth.yaml's words whose gateway runs in the test's own process behind its HTTP door; ended and started again as often as a test wants. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { openAccess } from "../../gateway/access/access.ts";
import { createApp } from "../../gateway/api/http.ts";
import { parseConfig } from "../../gateway/config/load.ts";
import { sampleConfig } from "../../gateway/config/sample.ts";
import type { Config } from "../../gateway/config/schema.ts";
import { type Gateway, startGateway } from "../../gateway/gateway.ts";
import { createLog } from "../../gateway/runtime/log.ts";

export const site = "home";

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & {
    readonly account?: { readonly url: string; readonly user: string; readonly password: string };
  };
}

export interface HomeWithDoor {
  readonly gateway: Gateway;
  readonly logged: readonly string[];
  /** Starts, or ends and starts again with what hearth.yaml says now. */
  start(home: Partial<Pick<Config, "people" | "devices">>): Promise<void>;
  ask(path: string, method?: string, body?: object, role?: "admin" | "caregiver"): Promise<Answer>;
  close(): Promise<void>;
}

export async function openHomeWithDoor(): Promise<HomeWithDoor> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-setup-"));
  const logged: string[] = [];
  let gateway: Gateway | undefined;
  const running = () => {
    if (gateway === undefined) throw new Error("the home was not started");
    return gateway;
  };
  return {
    logged,
    get gateway() {
      return running();
    },
    async start(home) {
      await gateway?.close();
      gateway = await startGateway({
        config: parseConfig(sampleConfig({ gateway: { id: site }, ...home }), { file: "hearth.yaml", env: {} }),
        ...{ mqttPort: 0, dataDir: folder, mode: "real", version: "0.0.0-test", ports: () => ({}) },
        log: createLog({ level: "info", write: (line) => logged.push(line) }),
      });
    },
    async ask(path, method = "GET", body, role = "admin") {
      const { view, words } = running();
      const tokens = (["admin", "caregiver"] as const).map((each) => ({ role: each, token: `the-${each}s` }));
      const app = createApp({
        ...{ view, access: openAccess({ clock: systemClock(), given: tokens }), host: "127.0.0.1", log: createLog({ level: "silent" }) },
        alertText: (alert) => words.alert(alert),
      });
      const answer = await app.request(`/api/v1/${path}`, {
        method,
        headers: { authorization: `Bearer the-${role}s`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: await answer.json() };
    },
    async close() {
      await gateway?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
