/** `hearth simulate DEVICE`: a virtual strap, finger clip or the motion sensors of a body that play a real recording into a running home, over MQTT with each device's own account. */

import { randomBytes } from "node:crypto";
import { type Clock, systemClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { loadWalk, walkOrigin } from "../../firmware-sim/excerpts/body-clip.ts";
import { type ExcerptName, loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../firmware-sim/excerpts/recording-source.ts";
import { type MqttLink, openMqttLink } from "../../firmware-sim/link/mqtt.ts";
import { startWearable, type Wearable } from "../../firmware-sim/wearable.ts";
import { type BodyFaultName, bodyFaults, setFault, wearBody } from "../../firmware-sim/worn-body.ts";
import { untilStopped } from "../app.ts";
import { environment } from "../config/load.ts";
import { isMotionFile, readMotionFile } from "../recordings/motion-file.ts";
import { placementsOf } from "../replay/motion-source.ts";
import { askGateway } from "./running-gateway.ts";

interface SimulateOptions {
  readonly add: boolean;
  readonly newPassword: boolean;
  readonly person?: string;
  readonly record: string;
  readonly sensors?: string;
  readonly fault: readonly string[];
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

/** Ends with Ctrl-C. Throws `use.recording`, `use.fault`, `use.sensors`, `recording.*`, `simulate.no_password`, `simulate.unknown_device` (operator) and what the gateway refuses. */
export async function simulate(device: string, options: SimulateOptions): Promise<void> {
  const { record } = options;
  if (isBody(record)) return simulateBody(device, options);
  if (options.sensors !== undefined || options.fault.length > 0)
    throw new GatewayError("use.fault", "operator", "--sensors and --fault are for a body: --record cmu-02_01, or a BVH file.");
  if (!isRecording(record))
    throw new GatewayError(
      "use.recording",
      "operator",
      `There is no recording "${record}"; there are ${Object.keys(recordings).join(", ")}, ${walkName}, and any BVH file.`,
    );
  const clock = systemClock();
  const link = await openDevice(device, { ...options, placement: recordings[record][0]?.placement ?? "chest", clock });
  const excerpt = await loadExcerpt(record);
  const sources = recordings[record].map(({ stream, placement, ...channel }) =>
    recordingSource(excerpt, { stream, placement, channels: [channel] }),
  );
  const wearable = startWearable({ sources, link, clock, bootId: randomBytes(8).toString("hex") });
  await playUntilStopped([{ device, link, wearable }], excerpt.origin, clock);
}

/** Each sensor is the device DEVICE-PLACEMENT; all of them play one clip at one time. */
async function simulateBody(device: string, options: SimulateOptions): Promise<void> {
  const { record, sensors } = options;
  const placements = placementsOf(sensors);
  const faults = options.fault.map(faultOf);
  const clip = record === walkName ? await loadWalk() : await readMotionFile(record);
  if (clip.frames < 2) throw new GatewayError("recording.no_samples", "operator", `${record}: a body that moves has two frames at least.`);
  const clock = systemClock();
  const opened: { device: string; placement: (typeof placements)[number]; link: MqttLink }[] = [];
  for (const placement of placements) {
    const own = `${device}-${placement}`;
    opened.push({ device: own, placement, link: await openDevice(own, { ...options, placement, clock }) });
  }
  const body = wearBody(clip, opened, clock);
  for (const { name, placement, amount } of faults)
    if (!setFault(body, name, placement, amount))
      throw new GatewayError("use.fault", "operator", `--fault: no sensor is worn at "${placement}".`);
  const worn = opened.map((each, at) => ({ ...each, wearable: body[at]?.wearable as Wearable }));
  await playUntilStopped(worn, record === walkName ? walkOrigin : record, clock);
}

interface Played {
  readonly device: string;
  readonly link: MqttLink;
  readonly wearable: Wearable;
}

async function playUntilStopped(played: readonly Played[], origin: string, clock: Clock): Promise<void> {
  const [only] = played;
  const named = (device: string, line: string) => (played.length === 1 ? line : `${device}: ${line}`);
  const tell = () => played.map(({ device, link, wearable }) => named(device, statusLine(link, wearable)));
  const stopped = untilStopped({ outlivesTerminal: false });
  say(`${played.map(({ device }) => device).join(", ")} ${only === played.at(-1) ? "plays" : "play"} ${origin}. Ctrl-C ends it.`);
  const stopStatus = clock.every(statusEveryMs, () => tell().forEach(say));
  await stopped;
  stopStatus();
  for (const { wearable } of played) wearable.stop();
  const last = tell();
  await Promise.all(played.map(({ link }) => link.close()));
  for (const line of last) say(`${line} It has ended.`);
}

const walkName = "cmu-02_01";

function isBody(record: string): boolean {
  return record === walkName || isMotionFile(record);
}

/** "drift=30@left-shank", "swap@left-forearm". Throws `use.fault`. */
function faultOf(text: string): { name: BodyFaultName; placement: string; amount?: number } {
  const [, name = "", amount, placement = ""] = /^([a-z]+)(?:=(-?[\d.]+))?@([a-z-]+)$/.exec(text) ?? [];
  if (Object.hasOwn(bodyFaults, name) && (amount === undefined || Number.isFinite(Number(amount))))
    return { name: name as BodyFaultName, placement, ...(amount === undefined ? {} : { amount: Number(amount) }) };
  const known = Object.entries(bodyFaults).map(([each, fault]) => ("unit" in fault ? `${each} (${fault.unit}, ${fault.usual})` : each));
  throw new GatewayError("use.fault", "operator", `--fault ${text}: KIND[=AMOUNT]@PLACEMENT would be accepted, with ${known.join(", ")}.`);
}

async function openDevice(device: string, options: SimulateOptions & { placement: string; clock: Clock }): Promise<MqttLink> {
  const { gateway, ports } = (await askGateway("status")) as { gateway: string; ports: { mqtt: number } };
  const password = await passwordOf(device, options, options.placement);
  return openMqttLink({
    ...{ url: `mqtt://127.0.0.1:${ports.mqtt}`, site: gateway, device, password, qos: 1, clock: options.clock, random: Math.random },
    pauseMs: { first: 500, longest: 5000 },
  });
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
