/** `hearth simulate DEVICE`: a virtual strap or finger clip that plays a real recording into a running home, over MQTT with that device's own account. */

import { randomBytes } from "node:crypto";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type ExcerptName, loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../firmware-sim/excerpts/recording-source.ts";
import { type MqttLink, openMqttLink } from "../../firmware-sim/link/mqtt.ts";
import { startWearable, type Wearable } from "../../firmware-sim/wearable.ts";
import { untilStopped } from "../app.ts";
import { environment } from "../config/load.ts";
import { askGateway } from "./running-gateway.ts";

interface SimulateOptions {
  readonly add: boolean;
  readonly newPassword: boolean;
  readonly person?: string;
  readonly record: string;
}

/** What each recording has for a wearable. */
const recordings: Readonly<
  Record<ExcerptName, readonly { stream: string; lead: string; id: string; kind: "ecg" | "ppg"; placement: string }[]>
> = {
  "mitdb-205": [{ stream: "ecg", lead: "MLII", id: "ecg", kind: "ecg", placement: "chest" }],
  "mitdb-230": [{ stream: "ecg", lead: "MLII", id: "ecg", kind: "ecg", placement: "chest" }],
  "bidmc-23": [
    { stream: "ecg", lead: "II", id: "ecg", kind: "ecg", placement: "finger" },
    { stream: "ppg", lead: "PLETH", id: "ppg", kind: "ppg", placement: "finger" },
  ],
};
const statusEveryMs = 5000;

/** Ends with Ctrl-C. Throws `use.recording`, `simulate.no_password`, `simulate.unknown_device` (operator) and what the gateway refuses. */
export async function simulate(device: string, options: SimulateOptions): Promise<void> {
  const { record } = options;
  if (!isRecording(record))
    throw new GatewayError(
      "use.recording",
      "operator",
      `There is no recording "${record}"; there are ${Object.keys(recordings).join(", ")}.`,
    );
  const { gateway, ports } = (await askGateway("status")) as { gateway: string; ports: { mqtt: number } };
  const password = await passwordOf(device, options, recordings[record][0]?.placement ?? "chest");
  const clock = systemClock();
  const link = openMqttLink({
    ...{ url: `mqtt://127.0.0.1:${ports.mqtt}`, site: gateway, device, password, qos: 1, clock, random: Math.random },
    pauseMs: { first: 500, longest: 5000 },
  });
  const excerpt = await loadExcerpt(record);
  const sources = recordings[record].map(({ stream, placement, ...channel }) =>
    recordingSource(excerpt, { stream, placement, channels: [channel] }),
  );
  const wearable = startWearable({ sources, link, clock, bootId: randomBytes(8).toString("hex") });
  const stopped = untilStopped({ outlivesTerminal: false });
  say(`${device} plays ${excerpt.origin}. Ctrl-C ends it.`);
  const stopStatus = clock.every(statusEveryMs, () => say(statusLine(link, wearable)));
  await stopped;
  stopStatus();
  wearable.stop();
  const last = statusLine(link, wearable);
  await link.close();
  say(`${last} It has ended.`);
}

function isRecording(name: string): name is ExcerptName {
  return Object.hasOwn(recordings, name);
}

/** Kept by nobody but its hash: it is brought, or a new one is made. */
async function passwordOf(device: string, { add, newPassword, person }: SimulateOptions, placement: string): Promise<string> {
  const { devices } = (await askGateway("devices")) as { devices: readonly { id: string; link: string }[] };
  const isKnown = devices.some(({ id }) => id === device);
  if (!isKnown && !add) {
    const says = `There is no device "${device}" in this home. 'hearth simulate ${device} --add' makes one for it (--person PERSON: worn by them).`;
    throw new GatewayError("simulate.unknown_device", "operator", says);
  }
  const made = (answer: Record<string, unknown>) => (answer.account as { password: string }).password;
  if (!isKnown) {
    const worn = person === undefined ? {} : { person, placement };
    return made(await askGateway("devices", { method: "POST", body: { id: device, title: `Simulated ${device}`.slice(0, 80), ...worn } }));
  }
  const given = environment().HEARTH_DEVICE_PASSWORD;
  if (given !== undefined && given !== "") return given;
  if (newPassword) return made(await askGateway(`devices/${encodeURIComponent(device)}/password`, { method: "POST" }));
  throw new GatewayError(
    "simulate.no_password",
    "operator",
    `The password of "${device}" is known to nobody but the device. Set HEARTH_DEVICE_PASSWORD to it, or let --new-password make another (a real ${device} is then shut out until it has that one).`,
  );
}

function statusLine({ counters, keptCount, isConnected }: MqttLink, { sampleCount }: Wearable): string {
  const sent = `${sampleCount.toLocaleString("en")} samples measured, ${counters.acked} batches taken by the gateway, ${keptCount} waiting`;
  if (isConnected) return `connected; ${sent}.`;
  return counters.connects === 0
    ? `not let in yet: is the password right, and does the gateway run? ${sent}.`
    : `not connected, trying again; ${sent}.`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
