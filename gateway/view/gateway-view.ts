/** The GatewayView: answers pages, REST and the CLI out of the parts. It asks and translates; it decides nothing. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { ModelHost } from "../inference/inference-port.ts";
import type { Registry } from "../people/registry.ts";
import type { OutboxFigures, Store } from "../store/store-port.ts";
import type { StreamTiming } from "../stream/clock/stream-timing.ts";
import type { StripView } from "../strips/strip-view.ts";
import type { LiveState } from "./live-state.ts";
import type { DemoAction, DeviceFinding, DeviceView, GatewayView, StatusView } from "./view-port.ts";

export interface Demo {
  readonly notice: string;
  actions(): DemoAction[];
  act(id: string, upload?: { name: string; bytes: Uint8Array }[]): Promise<void>;
}

export interface ViewParts {
  readonly gateway: string;
  readonly version: string;
  readonly mode: "real" | "demo";
  readonly ports: () => Readonly<Record<string, number>>;
  readonly nowUs: () => number;
  readonly startedUs: number;
  readonly registry: Registry;
  readonly store: Pick<Store, "alerts" | "coverage" | "outboxFigures" | "flush" | "figures">;
  readonly liveState: LiveState;
  readonly host: Pick<ModelHost, "models">;
  readonly openAlerts: () => readonly AlertRecord[];
  readonly act: GatewayView["act"];
  readonly assigned: (device: string, person: string | undefined, placement: string) => Promise<void>;
  /** Every rule that may alert for this person, watched or not. */
  readonly ruleIds: (person: string) => readonly string[];
  readonly deviceState: (device: string) => string;
  /** Newest bytes of a device, whether anybody wears it or not and whatever became of them. */
  readonly arrivedUs: (device: string) => number | undefined;
  readonly timings: () => readonly StreamTiming[];
  readonly findings: (device: string) => DeviceFinding[];
  readonly counters: (device: string) => Readonly<Record<string, number>>;
  readonly uplink: () => StatusView["uplink"];
  readonly meter: () => { bytesRaw: number; bytesSent: number };
  readonly health: () => StatusView["health"];
  readonly repairs: () => readonly string[];
  readonly carers: readonly string[];
  readonly strip: (person: string, fromUs: number, toUs: number) => Promise<StripView>;
  readonly metrics: () => string;
  readonly demo?: () => Demo | undefined;
}

/** Quality of a number that is older than this is unknown, whatever it was. */
const staleUs = 10_000_000;

export function createView(parts: ViewParts): GatewayView {
  const { registry, liveState, store } = parts;

  const requirePerson = (id: string) => {
    if (registry.person(id) === undefined)
      throw new GatewayError("registry.unknown", "operator", `There is no person "${id}" in this home.`);
  };

  const device = (id: string): DeviceView => {
    const known = registry.device(id);
    const wearing = registry.wearing(id, parts.nowUs());
    const lastSampleUs = liveState.lastSampleUs(id);
    const lastUsableUs = liveState.lastUsableUs(id);
    const lastBytesUs = parts.arrivedUs(id);
    return {
      id,
      title: known?.title ?? id,
      driver: known?.driver ?? "unknown",
      link: known?.link ?? "mqtt",
      ...(wearing === undefined ? {} : { person: wearing.person, placement: wearing.placement }),
      state: parts.deviceState(id),
      ...(lastSampleUs === undefined ? {} : { lastSampleUs }),
      ...(lastUsableUs === undefined ? {} : { lastUsableUs }),
      ...(lastBytesUs === undefined ? {} : { lastBytesUs }),
      findings: parts.findings(id),
      counters: parts.counters(id),
    };
  };

  const status = (): StatusView => {
    const { bytesRaw, bytesSent } = parts.meter();
    const onset = liveState.onsetToAlertS;
    const notice = parts.demo?.()?.notice;
    return {
      gateway: parts.gateway,
      version: parts.version,
      mode: parts.mode,
      timeUs: parts.nowUs(),
      uptimeS: (parts.nowUs() - parts.startedUs) / 1e6,
      people: registry.people().length,
      devices: registry.devices().length,
      openAlerts: parts.openAlerts().length,
      uplink: parts.uplink(),
      meter: {
        bytesRaw,
        bytesSent,
        ...(bytesSent > 0 && bytesRaw > 0 ? { ratio: bytesRaw / bytesSent } : {}),
        ...(onset === undefined ? {} : { onsetToAlertS: onset }),
      },
      health: parts.health(),
      repairs: parts.repairs(),
      carers: parts.carers,
      ...(notice === undefined ? {} : { notice }),
      ports: parts.ports(),
    };
  };

  return {
    status,
    people: () =>
      registry.people().map(({ id, name }) => {
        const now = liveState.person(id);
        const age = now.heartRateAtUs === undefined ? undefined : (parts.nowUs() - now.heartRateAtUs) / 1e6;
        const devices = registry.devices().filter((each) => registry.wearing(each.id, parts.nowUs())?.person === id);
        const newest = Math.max(0, ...devices.map((each) => liveState.lastSampleUs(each.id) ?? 0));
        return {
          id,
          name,
          ...(now.heartRateBpm === undefined || age === undefined ? {} : { heartRateBpm: now.heartRateBpm, heartRateAgeS: age }),
          quality: parts.nowUs() - newest > staleUs ? ("unknown" as const) : now.quality,
          devices: devices.map((each) => each.id),
          vitals: now.vitals.filter((vital) => devices.some((each) => each.id === vital.device)),
          openAlerts: parts.openAlerts().filter(({ person }) => person === id).length,
          watchedS: { ...Object.fromEntries(parts.ruleIds(id).map((rule) => [rule, 0])), ...now.watchedS },
        };
      }),
    devices: () => registry.devices().map(({ id }) => device(id)),
    streams() {
      const timings = parts.timings();
      return liveState.streams().map((view) => {
        const timing = timings.find(({ device, stream }) => device === view.device && stream === view.stream);
        return timing === undefined ? view : { ...view, timing };
      });
    },
    models: () => parts.host.models(),
    wearings: async () => [...registry.wearings()],
    async assign(id, person, placement) {
      await parts.assigned(id, person, placement);
      liveState.publish({ kind: "device", device: device(id) });
    },
    alerts: (query) => store.alerts(query),
    isStored: (alert) => !store.figures().heldAlerts.includes(alert),
    act: parts.act,
    outbox: (): Promise<OutboxFigures> => store.outboxFigures(),
    async strip(person, fromUs, toUs) {
      requirePerson(person);
      return parts.strip(person, fromUs, toUs);
    },
    async coverage(person, fromUs, toUs) {
      requirePerson(person);
      // What a full disk refuses is not in it yet; what is there is told all the same.
      await store.flush().catch(() => {});
      return store.coverage(person, fromUs, toUs);
    },
    live: (listener) => liveState.live(listener),
    metrics: parts.metrics,
    demoActions: () => parts.demo?.()?.actions() ?? [],
    async demoAct(id, upload) {
      const demo = parts.demo?.();
      if (demo === undefined) throw new GatewayError("demo.off", "operator", "This is not a demo.");
      await demo.act(id, upload);
      liveState.publish({ kind: "status", status: status() });
    },
  };
}
