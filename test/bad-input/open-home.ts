/** A whole home in the test's process – gateway, page door, twin – in which one person's wearable plays a real recording while others misbehave. */

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../../device-drivers/contract/clock.ts";
import { loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../firmware-sim/excerpts/recording-source.ts";
import { openMqttLink } from "../../firmware-sim/link/mqtt.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";
import { openAccess } from "../../gateway/access/access.ts";
import { startHttp } from "../../gateway/api/http.ts";
import type { GatewayOptions } from "../../gateway/compose/parts.ts";
import { parseConfig } from "../../gateway/config/load.ts";
import { sampleConfig } from "../../gateway/config/sample.ts";
import { type Gateway, startGateway } from "../../gateway/gateway.ts";
import { openCredentials } from "../../gateway/ingest/credentials.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { enrol, loadGatewayEnrolment, loadTwinEnrolment } from "../../gateway/twin/enrol.ts";
import { startTwin, type Twin } from "../../gateway/twin/twin.ts";
import { until } from "../crash/home-inside.ts";
import { wornHome } from "../fakes/worn-home.ts";

export const site = "home";
/** A second gateway that the twin knows: what it says about this home is forged. */
export const neighbour = "neighbour";
const worn = { strap: "person-a", clip: "person-b" } as const;
const loopback = "127.0.0.1";

export interface BadInputHome {
  readonly folder: string;
  readonly gateway: Gateway;
  readonly twin: Twin;
  readonly mqttPort: number;
  readonly passwords: Readonly<Record<string, string>>;
  readonly logged: readonly string[];
  /** Value of one line of /metrics ("hearth_x{a=\"b\"}"), 0 while it is not there. */
  metric(line: string): Promise<number>;
  twinMetric(line: string): Promise<number>;
  /** The good wearable goes on: nothing lost, never reconnected, new batches acknowledged, no gap seen. Rejects otherwise. */
  undisturbed(): Promise<void>;
  close(): Promise<void>;
}

export type HomeOptions = Pick<GatewayOptions, "models"> & { readonly clock?: Clock };

export async function openBadInputHome({ models, clock = systemClock() }: HomeOptions = {}): Promise<BadInputHome> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-bad-input-"));
  const credentials = await openCredentials({ path: join(folder, "accounts.json"), clock: systemClock() });
  const passwords: Record<string, string> = {};
  for (const user of [...Object.keys(worn), "stranger"]) passwords[user] = await credentials.issue({ user, role: "device", site });
  const text = sampleConfig(wornHome(worn));
  const config = parseConfig(text, { file: "hearth.yaml", env: {} });
  for (const gateway of [site, neighbour])
    await enrol({ gateway, gatewayDir: join(folder, "link", gateway), twinDir: join(folder, "enrolment") });
  const logged: string[] = [];
  const log = createLog({ level: "info", write: (line) => logged.push(line) });
  const silent = createLog({ level: "silent" });
  const twin = await startTwin({
    ...{ dir: join(folder, "twin"), httpPort: 0, mqttPort: 0, tokens: [], clock: systemClock(), log: silent },
    ...loadTwinEnrolment(join(folder, "enrolment")),
  });
  const gateway = await startGateway({
    ...{ config, log, clock, dataDir: folder, mode: "real", version: "0.0.0-test", mqttPort: 0, ports: () => ({}) },
    ...(models === undefined ? {} : { models }),
    twin: { ...loadGatewayEnrolment(site, join(folder, "link", site)), url: `mqtt://${loopback}:${twin.ports.mqtt}` },
  });
  const door = await startHttp({
    view: gateway.view,
    access: openAccess({ clock: systemClock() }),
    log: silent,
    alertText: gateway.words.alert,
    host: loopback,
    port: 0,
  });
  const read = async (port: number, line: string) => {
    const lines = (await (await fetch(`http://${loopback}:${port}/metrics`)).text()).split("\n");
    return Number(lines.find((each) => each.startsWith(`${line} `))?.slice(line.length + 1) ?? 0);
  };
  const metric = (line: string) => read(door.port, line);

  const bidmc = await loadExcerpt("bidmc-23");
  const link = openMqttLink({
    ...{
      url: `mqtt://${loopback}:${gateway.mqttPort}`,
      site,
      device: "clip",
      password: passwords.clip ?? "",
      qos: 1,
      clock: systemClock(),
    },
    random: () => 0.5,
  });
  const wearable = startWearable({
    sources: [recordingSource(bidmc, { placement: "finger", stream: "ecg", channels: [{ lead: "II", id: "ecg", kind: "ecg" }] })],
    ...{ link, clock: systemClock(), bootId: randomBytes(8).toString("hex") },
  });
  await until(() => link.counters.acked > 4, "the good wearable is acknowledged");

  return {
    ...{ folder, gateway, twin, passwords, logged, metric },
    mqttPort: gateway.mqttPort,
    twinMetric: (line) => read(twin.ports.http, line),
    async undisturbed() {
      const sample = 'hearth_stream_samples_total{device="clip",stream="ecg"}';
      const [acked, samples] = [link.counters.acked, await metric(sample)];
      await until(() => link.counters.acked >= acked + 4, "more of the good wearable is acknowledged");
      await until(async () => (await metric(sample)) > samples, "its samples arrive");
      const seen = {
        connects: link.counters.connects,
        dropped: link.counters.dropped,
        gapS: await metric('hearth_gap_seconds_total{device="clip",stream="ecg"}'),
      };
      if (seen.connects !== 1 || seen.dropped !== 0 || seen.gapS !== 0)
        throw new Error(`the good wearable was disturbed: ${JSON.stringify(seen)}`);
    },
    async close() {
      wearable.stop();
      await link.close();
      await door.close();
      await gateway.close();
      await twin.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
