/** Takes samples over HTTP the way they come over MQTT: the same accounts, driver, journal and bounds. Only what a driver cannot use is answered at once and not kept. */

import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Chunk, Driver, DriverInstance } from "../../device-drivers/contract/driver.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Refusal } from "../../device-drivers/contract/refusal.ts";
import type { GatewayStamps } from "../../device-drivers/contract/sample-block.ts";
import { helpWords } from "../alert/device-help.ts";
import { causeWords } from "../alert/device-words.ts";
import { isAllowed } from "../ingest/acl.ts";
import type { Credentials } from "../ingest/credentials.ts";
import type { DriverOf } from "../ingest/load-drivers.ts";
import { createRate, defaultRates } from "../ingest/pressure.ts";
import type { Receiver } from "../ingest/receive.ts";
import { parseDeviceTopic } from "../ingest/topic.ts";
import type { Registry } from "../people/registry.ts";
import type { StreamMessage, StreamsIn, StreamTaken } from "./streams-in-port.ts";

interface StreamsInParts {
  readonly site: string;
  readonly clock: Clock;
  readonly stamps: () => GatewayStamps;
  readonly registry: Pick<Registry, "device">;
  readonly credentials: Pick<Credentials, "verify">;
  readonly driverOf: DriverOf;
  readonly receiver: Pick<Receiver, "publish" | "presence" | "setPresence" | "descriptor" | "arrivals">;
  /** Resolves while the journal can take more. */
  readonly room: () => Promise<void>;
  /** Tells the device's card what was refused. */
  readonly onRefused: (device: string, refusals: readonly Refusal[]) => void;
}

/** Without a connection nobody says good-bye: so long after its last message a device is silent. */
const silentMs = 60_000;
/** Says only that samples are there already, or that their descriptor is still to come: both are kept as over MQTT. */
const isTakenAs = { again: "driver.duplicate_batch", early: new Set<string>(["driver.no_descriptor", "driver.other_stream"]) };

export function createStreamsIn(parts: StreamsInParts): StreamsIn {
  const { site, clock, registry, credentials, driverOf, receiver } = parts;
  const rates = new Map<string, ReturnType<typeof createRate>>();
  /** Ends the wait for a device's silence. */
  const silent = new Map<string, () => void>();
  /** Beside the river's own: what is wrong with a message is known before it is taken. */
  const decoders = new Map<string, { readonly driver: Driver; readonly options: unknown; readonly looker: Looker }>();

  const topicOf = ({ device, stream, leaf }: StreamMessage): string => {
    const topic = `hearth/v1/${site}/${device}/${stream}/${leaf}`;
    if (parseDeviceTopic(topic) === undefined)
      throw refused("bad_topic", "Names of devices and streams have a–z, 0–9 and dash, at most 32, and are no word of the house itself.");
    const link = registry.device(device)?.link ?? "mqtt";
    if (link !== "mqtt") throw refused("other_link", `This device comes over ${link}; add one that comes over MQTT for what is sent here.`);
    return topic;
  };

  const spend = (device: string, sizeBytes: number) => {
    const rate = rates.get(device) ?? createRate(clock, defaultRates);
    rates.set(device, rate);
    if (rate.spend(1, sizeBytes) > 0) throw refused("too_fast", "This device sends more than it may; wait a few seconds.");
  };

  /** A device that was removed and added anew may have another driver under its old name. */
  const lookerFor = (device: string, { driver, options }: NonNullable<ReturnType<DriverOf>>): Looker => {
    const known = decoders.get(device);
    if (known?.driver === driver && isDeepStrictEqual(known.options, options)) return known.looker;
    const looker = lookerOf(driver.create(options, device));
    decoders.set(device, { driver, options, looker });
    return looker;
  };

  const look = async ({ device, stream, leaf }: StreamMessage, chunk: Chunk): Promise<StreamTaken> => {
    const found = driverOf(device);
    if (found === undefined) return { already: false };
    const decoder = lookerFor(device, found);
    const channel = `${stream}/meta`;
    const descriptor = leaf === "raw" ? await receiver.descriptor(device, channel) : undefined;
    if (descriptor !== undefined) decoder.push({ ...chunk, channel, bytes: descriptor });
    const refusals = decoder.push(chunk);
    const [bad] = refusals.filter(({ code }) => code !== isTakenAs.again && !isTakenAs.early.has(code));
    if (bad !== undefined) {
      // The river sees nothing of it, so that it stays on the card for a minute only.
      parts.onRefused(
        device,
        refusals.map((refusal) => ({ ...refusal, isTaken: true })),
      );
      throw notUsable(bad);
    }
    const wants = decoder.wants(stream);
    return { already: refusals.some(({ code }) => code === isTakenAs.again), ...(wants === undefined ? {} : { wantsDescriptor: wants }) };
  };

  const seen = (device: string) => {
    if (receiver.presence(device) !== "online") receiver.setPresence(device, "online");
    silent.get(device)?.();
    const countWith = (receiver.arrivals(device)?.count ?? 0) + 1;
    silent.set(
      device,
      clock.after(silentMs, () => {
        silent.delete(device);
        // What has come since came another way, whose own connection says how it is.
        if ((receiver.arrivals(device)?.count ?? 0) <= countWith) receiver.setPresence(device, "silent");
      }),
    );
  };

  return {
    async identify(user, password, address) {
      const verdict = await credentials.verify(user, Buffer.from(password), address);
      if (verdict === "busy") throw refused("busy", "Too many passwords are being checked; try again in a few seconds.");
      if (verdict === "wrong") throw refused("wrong_password", "This account or its password is not known here.");
      return { account: user, maySend: (device) => isAllowed(verdict, "publish", `hearth/v1/${site}/${device}/x/raw`) };
    },
    async send(sender, message) {
      const { device, stream, leaf, bytes } = message;
      const topic = topicOf(message);
      if (!sender.maySend(device)) throw refused("forbidden_topic", "This account may not send as this device.");
      spend(device, bytes.length);
      const taken = await look(message, { link: "mqtt", device, channel: `${stream}/${leaf}`, bytes, stamps: parts.stamps() });
      // A batch that came before goes to the journal as over MQTT: whether that one was stored is not known here, and the river counts it once.
      await parts.room();
      seen(device);
      const publisher = { user: sender.account, role: "device" as const, site, clientId: sender.account, address: "" };
      await new Promise<void>((resolve, reject) =>
        receiver.publish(publisher, { device, channel: `${stream}/${leaf}`, topic, payload: bytes, qos: 1 }, (error) =>
          error === undefined ? resolve() : reject(error),
        ),
      );
      return taken;
    },
  };
}

/** What a driver of the profile asks for on `cmd/meta`. */
const request = /"stream":"([a-z0-9-]+)","m":"([0-9a-f]+)"/;

interface Looker {
  /** What of it became no samples. */
  push(chunk: Chunk): readonly Refusal[];
  /** Hash of the descriptor that a stream waits for. */
  wants(stream: string): string | undefined;
}

function lookerOf(driver: DriverInstance): Looker {
  const wanted = new Map<string, string>();
  return {
    push(chunk) {
      const blocks = driver.push(chunk);
      if (blocks.length > 0) wanted.delete(chunk.channel.split("/")[0] ?? "");
      for (const { bytes } of driver.takeReplies?.() ?? []) {
        const [, of, hash] = request.exec(new TextDecoder().decode(bytes)) ?? [];
        if (of !== undefined && hash !== undefined) wanted.set(of, hash);
      }
      return (driver.takeRefused?.() ?? []).filter(({ isTaken }) => isTaken !== true);
    },
    wants: (stream) => wanted.get(stream),
  };
}

function notUsable({ code, stream, field, fault }: Refusal): GatewayError {
  const of = { code, stream, ...(field === undefined ? {} : { field }), ...(fault === undefined ? {} : { fault }) };
  const sentence = causeWords(of);
  const help = helpWords(of);
  return new GatewayError(
    code,
    "operator",
    `${sentence}${help === "" ? "" : `; ${help}`}.`,
    field === undefined ? {} : { fields: { field } },
  );
}

function refused(code: string, message: string): GatewayError {
  return new GatewayError(`ingest.${code}`, "operator", message);
}
