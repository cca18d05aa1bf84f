/** The demo's chest strap: plays the committed excerpt, or a recording that a visitor brings, as one device that restarts with each. */

import { randomBytes } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../firmware-sim/excerpts/recording-source.ts";
import type { MqttLink } from "../../firmware-sim/link/mqtt.ts";
import { startWearable, type Wearable } from "../../firmware-sim/wearable.ts";
import { NO_VALUE } from "../recordings/signal-formats.ts";
import type { WfdbRecord } from "../recordings/wfdb.ts";
import { streamsOf } from "../replay/recording-driver.ts";
import { chooseEcg } from "../stream/ecg/choose-ecg.ts";

export interface Strap {
  readonly wearable: () => Wearable;
  /** Where what is playing comes from, for the page. */
  readonly origin: () => string;
  /** Throws `recording.no_ecg` (operator). */
  play(record: WfdbRecord): void;
  replayExcerpt(): Promise<void>;
  stop(): void;
}

export async function startStrap({ clock, link }: { clock: Clock; link: MqttLink }): Promise<Strap> {
  let wearable: Wearable;
  let origin = "";
  const begin = (excerpt: Parameters<typeof recordingSource>[0], lead: string, from: string) => {
    const source = recordingSource(excerpt, { stream: "ecg", placement: "chest", channels: [{ lead, id: "ecg", kind: "ecg" }] });
    wearable?.stop();
    wearable = startWearable({ sources: [source], link, clock, bootId: randomBytes(8).toString("hex"), batchMs: 250 });
    origin = from;
  };
  const replayExcerpt = async () => {
    const excerpt = await loadExcerpt("mitdb-205");
    begin(excerpt, excerpt.channels[0]?.lead ?? "", excerpt.origin);
  };
  await replayExcerpt();
  return {
    wearable: () => wearable,
    origin: () => origin,
    play(record) {
      const { excerpt, lead } = playable(record);
      begin(excerpt, lead, `your file ${record.header.name}, lead ${lead}, played in a loop`);
    },
    replayExcerpt,
    stop: () => wearable.stop(),
  };
}

/** The channel that the pipeline would choose, as 16-bit counts. */
function playable({ header, signals }: WfdbRecord) {
  const stream = streamsOf({ header, signals, warnings: [] }, "given").find(({ descriptor }) => chooseEcg(descriptor) !== undefined);
  const channel = stream === undefined ? undefined : chooseEcg(stream.descriptor);
  const index = channel === undefined ? undefined : stream?.signals[stream.descriptor.channels.indexOf(channel)];
  const spec = index === undefined ? undefined : header.signals[index];
  if (stream === undefined || channel === undefined || spec === undefined)
    throw new GatewayError("recording.no_ecg", "operator", `${header.name}: no ECG channel among its signals.`);
  const counts = signals[index ?? 0] ?? new Int32Array();
  const samples = Int16Array.from(counts, (count) => (count === NO_VALUE || Math.abs(count) > 32767 ? -32768 : count));
  const lead = channel.lead ?? channel.id;
  const { scale, offset, unit } = channel;
  return { lead, excerpt: { rateHz: stream.descriptor.rateHz, channels: [{ lead, samples, scale, offset, unit }] } };
}
