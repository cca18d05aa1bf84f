/** What is shown of a device: who wears it, how it stands, what came of its bytes, and what keeps them from being used. */

import type { AlertCause } from "../../device-drivers/contract/event.ts";
import type { DriverOf } from "../ingest/load-drivers.ts";
import type { Receiver } from "../ingest/receive.ts";
import type { Registry } from "../people/registry.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Signals } from "../pipeline/signals.ts";
import type { Store } from "../store/store-port.ts";
import { createDeviceAnswers } from "./device-answers.ts";
import { createDeviceFindings } from "./device-findings.ts";
import type { LiveState } from "./live-state.ts";
import { createUnwornCheck } from "./unworn-check.ts";
import type { DeviceView } from "./view-port.ts";

export interface DeviceViews {
  one(id: string): DeviceView;
  all(): DeviceView[];
  /** As DeviceFindings.fault. */
  fault(id: string): AlertCause | "unknown" | undefined;
  /** Shows the device as it stands now; nothing for one that the home does not know. */
  publish(id: string): void;
  /** Takes back what devices were told that is over; call it every second. */
  look(): void;
}

interface DeviceViewsParts {
  readonly nowUs: () => number;
  readonly registry: Pick<Registry, "device" | "devices" | "wearing">;
  readonly liveState: Pick<LiveState, "streams" | "lastSampleUs" | "lastUsableUs" | "publish">;
  readonly pipeline: Pick<Pipeline, "counters" | "reception">;
  readonly receiver: Pick<Receiver, "presence" | "arrivals" | "batteryPct" | "watch">;
  readonly driverOf: DriverOf;
  readonly store: Pick<Store, "getValue">;
  /** Publishes on a device's `cmd/error`, retained. */
  readonly answer: (device: string, bytes: Uint8Array) => Promise<void>;
  readonly signals: Pick<Signals, "presence" | "refused" | "denied">;
}

const justNowUs = 2_000_000;

export function createDeviceViews(parts: DeviceViewsParts): DeviceViews {
  const { nowUs, registry, liveState, pipeline, receiver, answer, signals } = parts;
  const publish = (id: string) => {
    if (registry.device(id) !== undefined) liveState.publish({ kind: "device", device: one(id) });
  };
  const isKnown = (id: string) => registry.device(id) !== undefined;
  const answers = createDeviceAnswers({ nowUs, isKnown, send: answer, onChange: publish });
  const unworn = createUnwornCheck({ ...parts, refused: answers.refused });
  const findings = createDeviceFindings({ pipeline, liveState, answers, nowUs });

  const counters = (device: string): Record<string, number> => {
    const { discarded, ...plain } = pipeline.counters(device) ?? { discarded: {} };
    return { received: receiver.arrivals(device)?.count ?? 0, ...plain, ...discarded };
  };

  const state = (device: string) => {
    const presence = receiver.presence(device);
    const fault = findings.fault(device);
    if (presence === "online" && typeof fault === "object") return "unreadable";
    const isOff = presence === "online" && liveState.streams().some((each) => each.device === device && each.contact === "off");
    return isOff ? "lead-off" : presence;
  };

  const one = (id: string): DeviceView => {
    const known = registry.device(id);
    const wearing = registry.wearing(id, nowUs());
    const lastSampleUs = liveState.lastSampleUs(id);
    const lastUsableUs = liveState.lastUsableUs(id);
    // Newest bytes, whether anybody wears it or not and whatever became of them.
    const batteryPct = receiver.batteryPct(id);
    const lastBytesUs = receiver.arrivals(id)?.lastUs;
    return {
      id,
      title: known?.title ?? id,
      driver: known?.driver ?? "unknown",
      link: known?.link ?? "mqtt",
      ...(wearing === undefined ? {} : { person: wearing.person, placement: wearing.placement }),
      state: state(id),
      ...(lastSampleUs === undefined ? {} : { lastSampleUs }),
      ...(lastUsableUs === undefined ? {} : { lastUsableUs }),
      ...(lastBytesUs === undefined ? {} : { lastBytesUs }),
      ...(batteryPct === undefined ? {} : { batteryPct }),
      findings: findings.of(id),
      counters: counters(id),
    };
  };

  signals.presence.add(publish);
  signals.refused.add(answers.refused);
  signals.denied.add(answers.denied);
  return {
    one,
    all: () => registry.devices().map(({ id }) => one(id)),
    fault: findings.fault,
    publish,
    look() {
      for (const { id } of registry.devices()) {
        const isSending = nowUs() - (receiver.arrivals(id)?.lastUs ?? Number.NEGATIVE_INFINITY) < justNowUs;
        if (!isSending || registry.wearing(id, nowUs()) !== undefined) unworn.end(id);
        else {
          void answers.denied({ reason: "unworn", account: id });
          unworn.begin(id);
        }
      }
      answers.look((id) => typeof findings.fault(id) !== "object");
    },
  };
}
