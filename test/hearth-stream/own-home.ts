/** A home with one person and one strap, whose page, REST and broker are open: what somebody has who has just called `init`. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { parseConfig } from "../../gateway/config/load.ts";
import { sampleConfig } from "../../gateway/config/sample.ts";
import { type Gateway, startGateway } from "../../gateway/gateway.ts";
import { openCredentials } from "../../gateway/ingest/credentials.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import type { LiveMessage } from "../../gateway/view/view-port.ts";
import { wornHome } from "../fakes/worn-home.ts";

export const site = "home";
export const device = "chest-strap";

type Samples = Extract<LiveMessage, { kind: "samples" }>;

interface OwnHome {
  readonly gateway: Gateway;
  readonly folder: string;
  readonly password: string;
  /** What the page has been sent of this stream so far, oldest first. */
  trace(stream: string): readonly Samples[];
  close(): Promise<void>;
}

/** `env`: settings as the environment gives them. */
export async function openOwnHome(env: Readonly<Record<string, string>> = {}): Promise<OwnHome> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-own-"));
  const clock = systemClock();
  const credentials = await openCredentials({ path: join(folder, "accounts.json"), clock });
  const password = await credentials.issue({ user: device, role: "device", site });
  const config = parseConfig(sampleConfig(wornHome({ [device]: "person-a" })), { file: "hearth.yaml", env });
  const log = createLog({ level: "silent" });
  const gateway = await startGateway({ config, log, dataDir: folder, mode: "real", version: "0.0.0-test", mqttPort: 0, ports: () => ({}) });
  const shown: Samples[] = [];
  gateway.view.live((message) => {
    if (message.kind === "samples") shown.push(message);
  });
  return {
    ...{ gateway, folder, password },
    trace: (stream) => shown.filter((each) => each.device === device && each.stream === stream),
    async close() {
      await gateway.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
