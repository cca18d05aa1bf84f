/** The demo: a whole house with virtual wearables in it that play real recordings. It writes no hearth.yaml and keeps everything under demo/. */

import { join } from "node:path";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { invitationLines } from "../access/invite.ts";
import { type App, openApp } from "../app.ts";
import { type Home, prepareDemo } from "../config/home-folder.ts";
import { environment, parseConfig } from "../config/load.ts";
import { sampleConfig } from "../config/sample.ts";
import { reachedAt } from "../runtime/home-network.ts";
import type { Demo } from "../view/gateway-view.ts";
import { createActions } from "./actions.ts";
import { devices, people } from "./persons.ts";
import { type Relay, startRelay } from "./relay.ts";
import { startSensors } from "./sensors.ts";
import { startWearables } from "./wearables.ts";

interface DemoOptions {
  readonly home: Home;
  readonly version: string;
  readonly keep: boolean;
  /** The page for a phone on the home network. */
  readonly lan: boolean;
  readonly print: (line: string) => void;
}

interface RunningDemo {
  readonly house: App;
  close(): Promise<void>;
}

const site = "demo";

export async function startDemo({ home, version, keep, lan, print }: DemoOptions): Promise<RunningDemo> {
  const clock = systemClock();
  const dataDir = prepareDemo(home, { keep });
  const sensors = await startSensors({ clock, folder: dataDir });
  let demo: Demo | undefined;
  let wire: Relay | undefined;
  const config = parseConfig(sampleConfig({ gateway: { id: site }, people, devices: devices(sensors) }), {
    file: "the demo's settings",
    env: demoEnvironment(lan),
  });
  const house = await openApp({
    ...{ home, config, dataDir, version, print },
    mode: "demo",
    portFallback: true,
    demo: () => demo,
    wire: async (twinPort) => {
      wire = await startRelay(twinPort);
      return wire.port;
    },
  });
  if (wire === undefined) throw new Error("the demo has no twin");
  const { gateway } = house;
  const accountOf = async (device: string) => gateway.credentials.issue({ user: device, role: "device", site });
  const wearables = await startWearables({ clock, url: `mqtt://127.0.0.1:${gateway.mqttPort}`, site, accountOf });
  sensors.begin();
  demo = createActions({
    ...{
      clock,
      wire,
      strap: wearables.strap,
      body: wearables.body,
      killModelHost: () => house.gateway.killModelHost(),
      origins: [...wearables.origins, sensors.origin],
    },
    folder: join(dataDir),
  });
  greet(house, { lan, print });
  const line = wire;
  return {
    house,
    async close() {
      await wearables.close();
      await sensors.close();
      await house.close();
      await line.close();
    },
  };
}

/** The demo's own wishes before the operator's: shorter frames, so that the twin's page lives. */
function demoEnvironment(lan: boolean): Readonly<Record<string, string | undefined>> {
  return { HEARTH__TWIN__FLUSHS: "10", HEARTH__LOG__LEVEL: "error", ...(lan ? { HEARTH__HTTP__HOST: "0.0.0.0" } : {}), ...environment() };
}

function greet(house: App, { lan, print }: { lan: boolean; print: (line: string) => void }): void {
  const { ports, access } = house;
  const carer = { role: "caregiver" } as const;
  const invited = { port: ports.http, addresses: lan ? reachedAt("0.0.0.0") : [], here: carer, phone: carer };
  print("Hearth demo. Not a medical device; it does not replace emergency services.");
  for (const line of invitationLines(access, invited)) print(line);
  print(`  twin   http://127.0.0.1:${ports.twin}/   MQTT ${ports.mqtt} (twin ${ports.twin_mqtt})`);
  print(
    "  In about 20 s the chest strap's recording has a fast run of beats from the lower heart chambers; its alert is printed here. In about a minute the chest patch of Person C, which learns its wearer in 45 s here, shows beats of another shape: its alert stands on the page. Ctrl-C ends everything.",
  );
}
