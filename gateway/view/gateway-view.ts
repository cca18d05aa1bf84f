/** The GatewayView: answers pages, REST and the CLI out of the parts. It asks and translates; it decides nothing. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { AlertService } from "../alert/service.ts";
import type { Config } from "../config/schema.ts";
import type { ModelHost } from "../inference/inference-port.ts";
import type { DriverOf } from "../ingest/load-drivers.ts";
import type { Receiver } from "../ingest/receive.ts";
import type { Journal } from "../journal/journal-port.ts";
import { profileOf } from "../people/profile.ts";
import type { Registry } from "../people/registry.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { createRules } from "../rules/index.ts";
import type { Refusals } from "../runtime/refusals.ts";
import type { Setup } from "../setup/setup-port.ts";
import type { OutboxFigures, Store } from "../store/store-port.ts";
import { alertStrip, homeStrip } from "../strips/strip-view.ts";
import type { Sync } from "../sync/start-sync.ts";
import { createDeviceProbe } from "./device-probe.ts";
import type { DeviceViews } from "./device-views.ts";
import { heartRateView } from "./heart-rate-view.ts";
import type { LiveState } from "./live-state.ts";
import type { DemoAction, GatewayView, StatusView, StreamView } from "./view-port.ts";

export interface Demo {
  readonly notice: string;
  actions(): DemoAction[];
  act(id: string, upload?: { name: string; bytes: Uint8Array }[]): Promise<void>;
}

interface ViewParts {
  readonly options: {
    readonly config: Pick<Config, "gateway" | "alerts">;
    readonly version: string;
    readonly mode: StatusView["mode"];
    readonly ports: () => Readonly<Record<string, number>>;
    readonly demo?: () => Demo | undefined;
  };
  readonly nowUs: () => number;
  readonly startedUs: number;
  readonly registry: Registry;
  readonly store: Store;
  readonly journal: Journal;
  readonly liveState: LiveState;
  readonly host: Pick<ModelHost, "models">;
  readonly alertService: AlertService;
  readonly pipeline: Pick<Pipeline, "timings">;
  readonly clock: Pick<Clock, "after">;
  readonly receiver: Pick<Receiver, "rawBytes" | "watch">;
  readonly streamsIn: GatewayView["streamsIn"];
  readonly driverOf: DriverOf;
  readonly devices: Pick<DeviceViews, "all" | "one">;
  /** Undefined in a home without a twin. */
  readonly sync: Sync | undefined;
  readonly setup: Setup;
  readonly outward: Pick<GatewayView, "consent">;
  readonly health: () => StatusView["health"];
  /** As StatusView has them. */
  readonly repairs: () => readonly string[];
  readonly refusals: Pick<Refusals, "recent">;
  readonly reach: GatewayView["reach"];
  readonly metrics: () => string;
}

/** Quality of a number that is older than this is unknown, whatever it was. */
const staleUs = 10_000_000;

/** Every stream that the house knows, with how its time stands. */
export function streamsOf({ liveState, pipeline }: Pick<ViewParts, "liveState" | "pipeline">): StreamView[] {
  const timings = pipeline.timings();
  return liveState.streams().map((view) => {
    const timing = timings.find(({ device, stream }) => device === view.device && stream === view.stream);
    return timing === undefined ? view : { ...view, timing };
  });
}

export function createView(parts: ViewParts): GatewayView {
  const { options, registry, liveState, store, journal, alertService, driverOf, devices, nowUs, sync } = parts;
  const { config } = options;
  const openAlerts = () => alertService.desk.open();
  const devicesOf = (person: string) => [...new Set(registry.wearings().flatMap((each) => (each.person === person ? [each.device] : [])))];
  const ruleIdsByProfile = new Map<string, readonly string[]>();
  /** Every rule that may alert for this person, watched or not. */
  const ruleIds = (person: string) => {
    const profile = profileOf(registry.person(person), config.alerts.limits);
    const key = Object.keys(profile)
      .filter((name) => profile[name] !== undefined)
      .join();
    const ids = ruleIdsByProfile.get(key) ?? createRules(profile).ids;
    ruleIdsByProfile.set(key, ids);
    return ids;
  };

  const requirePerson = (id: string) => {
    if (registry.person(id) === undefined)
      throw new GatewayError("registry.unknown", "operator", `There is no person "${id}" in this home.`);
  };

  const status = (): StatusView => {
    const { rawBytes: bytesRaw } = parts.receiver;
    const bytesSent = sync?.bytesSent() ?? 0;
    const onset = liveState.onsetToAlertS;
    const notice = options.demo?.()?.notice;
    return {
      gateway: config.gateway.id,
      version: options.version,
      mode: options.mode,
      timeUs: nowUs(),
      uptimeS: (nowUs() - parts.startedUs) / 1e6,
      people: registry.people().length,
      devices: registry.devices().length,
      openAlerts: openAlerts().length,
      uplink: sync?.state() ?? { connected: false, depth: 0 },
      meter: {
        bytesRaw,
        bytesSent,
        ...(bytesSent > 0 && bytesRaw > 0 ? { ratio: bytesRaw / bytesSent } : {}),
        ...(onset === undefined ? {} : { onsetToAlertS: onset }),
      },
      health: parts.health(),
      repairs: parts.repairs(),
      refusals: parts.refusals.recent(),
      carers: alertService.carers,
      ...(notice === undefined ? {} : { notice }),
      ports: options.ports(),
    };
  };

  return {
    status,
    people: () =>
      registry.people().map(({ id, name }) => {
        const now = liveState.person(id);
        const worn = registry.devices().filter((each) => registry.wearing(each.id, nowUs())?.person === id);
        const newest = Math.max(0, ...worn.map((each) => liveState.lastSampleUs(each.id) ?? 0));
        return {
          id,
          name,
          ...heartRateView(now.heartRate, (device) => worn.some((each) => each.id === device), nowUs()),
          quality: nowUs() - newest > staleUs ? ("unknown" as const) : now.quality,
          devices: worn.map((each) => each.id),
          presence: alertService.presence.of(id),
          help: alertService.help.state(id),
          vitals: now.vitals.filter((vital) => worn.some((each) => each.id === vital.device)),
          learning: now.learning,
          ...(now.movement === undefined || nowUs() - now.movement.timeUs > staleUs ? {} : { movement: now.movement }),
          openAlerts: openAlerts().filter(({ person }) => person === id).length,
          watchedS: { ...Object.fromEntries(ruleIds(id).map((rule) => [rule, 0])), ...now.watchedS },
        };
      }),
    devices: devices.all,
    streams: () => streamsOf(parts),
    models: () => parts.host.models(),
    probe: createDeviceProbe({ ...parts, device: devices.one }),
    wearings: async () => [...registry.wearings()],
    setup: parts.setup,
    alerts: (query) => store.alerts(query),
    // One that is held is known while the disk does not answer, too.
    alert: async (id) => alertService.core.held().find((alert) => alert.id === id) ?? store.alert(id),
    isStored: (alert) => !store.figures().heldAlerts.includes(alert),
    act: alertService.desk.act,
    ...{
      outside: alertService.outside,
      help: alertService.help,
      presence: alertService.presence,
      streamsIn: parts.streamsIn,
      consent: parts.outward.consent,
    },
    reach: parts.reach,
    outbox: (): Promise<OutboxFigures> => store.outboxFigures(),
    async strip(person, fromUs, toUs) {
      requirePerson(person);
      return homeStrip({ journal, store, driverOf, devicesOf }, person, { fromUs, toUs });
    },
    async alertStrip(id) {
      const alert = await store.alert(id);
      if (alert === undefined) throw new GatewayError("alert.unknown", "operator", "There is no alert with this id.");
      return alertStrip({ journal, store, driverOf, devicesOf }, alert);
    },
    async coverage(person, fromUs, toUs) {
      requirePerson(person);
      // What a full disk refuses is not in it yet; what is there is told all the same.
      await store.flush().catch(() => {});
      return store.coverage(person, fromUs, toUs);
    },
    live: liveState.live,
    ...{ alertsNow: liveState.alertLog.now, alertsAfter: liveState.alertLog.after },
    metrics: parts.metrics,
    demoActions: () => options.demo?.()?.actions() ?? [],
    async demoAct(id, upload) {
      const demo = options.demo?.();
      if (demo === undefined) throw new GatewayError("demo.off", "operator", "This is not a demo.");
      await demo.act(id, upload);
      liveState.publish({ kind: "status", status: status() });
    },
  };
}
