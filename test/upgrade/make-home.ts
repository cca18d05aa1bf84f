/**
 * Makes the home that the upgrade test unpacks: `node test/upgrade/make-home.ts testdata/COMMIT.home`. Two persons wear three devices; the first life ends cleanly, so that
 * there is a snapshot, the second by SIGKILL with the line to the twin cut, so that recovery has records to feed and the outbox rows to send.
 */

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../firmware-sim/excerpts/recording-source.ts";
import { openMqttLink } from "../../firmware-sim/link/mqtt.ts";
import { numberSource } from "../../firmware-sim/signal/number-source.ts";
import type { SignalSource } from "../../firmware-sim/signal/signal-source.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";
import { heartOf } from "../crash/hearts.ts";
import { until } from "../crash/home-inside.ts";
import { openHomeProcess, site } from "../crash/home-process.ts";
import { ownOutbox, packHome } from "./packed-home.ts";
import { whatIsLeft } from "./what-is-left.ts";

const worn = { strap: "person-a", clip: "person-b", oximeter: "person-b" };
/** Made anew at each start, or of no use to another machine. */
const notKept = /(^|\/)(hearth\.pid|twin\.pid|ports\.json|reserve|[^/]*-shm)$/;

const [to] = process.argv.slice(2);
if (to === undefined) throw new Error("node test/upgrade/make-home.ts FILE");
const root = mkdtempSync(join(tmpdir(), "hearth-upgrade-"));
const folder = join(root, "home");
const home = await openHomeProcess({ devices: worn, flushS: 2, folder });
let isStill = false;
const wearables: { stop(): void }[] = [];

function wear(device: string, sources: readonly SignalSource[], bootId: string) {
  const clock = systemClock();
  const password = home.passwords[device] ?? "";
  const link = openMqttLink({
    ...{ url: home.mqttUrl, site, device, password, clock, qos: 1 },
    random: () => 0.5,
    pauseMs: { first: 100, longest: 300 },
  });
  const wearable = startWearable({ sources: [...sources], link, clock, bootId });
  wearables.push({
    stop() {
      wearable.stop();
      void link.close();
    },
  });
}

type Alerts = { alerts: Pick<AlertRecord, "id" | "rule" | "state" | "count">[] };
const alertsOf = async (rule: string) => (await home.get<Alerts>("/api/v1/alerts?limit=200")).alerts.filter((a) => a.rule.startsWith(rule));
const depth = async () => (await home.get<{ outbox: { depth: Record<string, number> } }>("/api/v1/outbox")).outbox.depth;

try {
  await home.startTwin();
  home.start();
  await home.untilReady();
  const bidmc = await loadExcerpt("bidmc-23");
  const pleth = recordingSource(bidmc, { placement: "finger", stream: "ppg", channels: [{ lead: "PLETH", id: "ppg", kind: "ppg" }] });
  const numbers = numberSource({ stream: "oxi", numbers: [{ kind: "spo2", unit: "%", at: (i) => 96 + (i % 2) }] });
  wear("strap", [await heartOf("strap", () => false)], "00000000000000aa");
  wear("clip", [await heartOf("clip", () => isStill), pleth], "00000000000000bb");
  wear("oximeter", [numbers], "00000000000000cc");

  await until(async () => (await alertsOf("rhythm.vt")).length > 0, "a run is told");
  const [run] = await alertsOf("rhythm.vt");
  const before = run?.count ?? 0;
  await home.ask(`/api/v1/alerts/${run?.id}/acknowledge`, { by: "Person B" });
  await until(async () => ((await depth()).alert ?? 1) === 0, "the twin has the alert");
  if ((await home.end("SIGTERM")) !== 0) throw new Error("the first life did not end cleanly");

  home.relay.cut();
  home.start();
  await home.untilReady();
  isStill = true;
  await until(async () => (await alertsOf("rhythm.asystole")).length > 0, "a heart that stands still is told");
  await until(async () => (await alertsOf("rhythm.vt")).reduce((sum, { count }) => sum + count, 0) > before, "the next run is told");
  await until(async () => ((await depth()).semantic ?? 0) > 0, "events wait for the twin");
  await home.end("SIGKILL");
  await home.endTwin("kill");

  const read = join(root, "read");
  cpSync(folder, read, { recursive: true });
  ownOutbox(read);
  const had = { ...(await whatIsLeft(read)), passwords: home.passwords };
  if (had.stripsDue.length === 0) throw new Error("no strip is due");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (f) => statSync(join(folder, f)).isFile() && !notKept.test(f),
  );
  for (const file of files) if (readFileSync(join(folder, file)).includes(root)) throw new Error(`${file} names a folder of this machine`);
  writeFileSync(to, packHome(new Map(files.map((file) => [file, readFileSync(join(folder, file))])), had));
} finally {
  for (const wearable of wearables) wearable.stop();
  await home.close();
  rmSync(root, { recursive: true, force: true });
}
