/** Wires the view and the gatewayMetrics to the parts: what the house shows of itself. */

import type { AlertService } from "../alert/service.ts";
import type { Config } from "../config/schema.ts";
import type { Keeping } from "../disk/keeping.ts";
import type { NotKept } from "../disk/not-kept.ts";
import type { Models } from "../inference/load-models.ts";
import type { Broker } from "../ingest/broker-port.ts";
import type { DriverOf } from "../ingest/load-drivers.ts";
import type { Receiver } from "../ingest/receive.ts";
import type { Journal } from "../journal/journal-port.ts";
import { profileOf } from "../people/profile.ts";
import type { Registry } from "../people/registry.ts";
import type { AnalysisFaults } from "../pipeline/analysis-faults.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { LostStretch } from "../pipeline/recovery.ts";
import { createRules } from "../rules/index.ts";
import type { Log } from "../runtime/log.ts";
import type { HeartbeatPayload } from "../semantic/payloads/heartbeat.ts";
import type { Store } from "../store/store-port.ts";
import { homeStrip } from "../strips/strip-view.ts";
import type { Sync } from "../sync/start-sync.ts";
import { createDeviceFindings } from "./device-findings.ts";
import { createGatewayMetrics, type GatewayMetrics } from "./gateway-metrics.ts";
import { createView, type Demo } from "./gateway-view.ts";
import type { LiveState } from "./live-state.ts";
import type { GatewayView, StatusView } from "./view-port.ts";

export interface FacadeParts {
  readonly options: {
    readonly config: Pick<Config, "gateway" | "alerts">;
    readonly version: string;
    readonly mode: StatusView["mode"];
    readonly log: Pick<Log, "lostCount">;
    readonly ports: () => Readonly<Record<string, number>>;
    readonly demo?: () => Demo | undefined;
    readonly besides?: () => StatusView["health"];
  };
  readonly analysisFaults: AnalysisFaults;
  readonly nowUs: () => number;
  readonly startedUs: number;
  readonly registry: Registry;
  readonly store: Store;
  readonly journal: Journal;
  readonly liveState: LiveState;
  readonly models: Models;
  readonly alertService: AlertService;
  readonly pipeline: Pipeline;
  readonly receiver: Receiver;
  readonly driverOf: DriverOf;
  /** What this start could not read of the persons' records. */
  readonly lost: readonly LostStretch[];
  /** As StatusView has them. */
  readonly repairs: () => readonly string[];
  readonly keeping: Pick<Keeping, "stage" | "freeBytes">;
  readonly notKept: Pick<NotKept, "count">;
  readonly broker: () => Broker | undefined;
  readonly sync: () => Sync | undefined;
}

export interface Facade {
  readonly view: GatewayView;
  readonly gatewayMetrics: GatewayMetrics;
  /** Says of each device whether its data can be read; called every second. */
  watchDecoding(): void;
  /** A device came, went or fell silent: the page is told. */
  presence(device: string): void;
  heartbeat(): Omit<HeartbeatPayload, "kind">;
  /** The device whose ECG this person wears now. */
  ecgDeviceOf(person: string): string | undefined;
}

/** How long after the start a lost stretch keeps the house from being called well. */
const lostShownUs = 3_600_000_000;

function sayLost(lost: readonly LostStretch[]): string {
  const at = (timeUs: number) => new Date(timeUs / 1000).toISOString();
  return `the journal has lost ${lost.map(({ fromUs, toUs }) => `${at(fromUs)} to ${at(toUs)}`).join(", ")}`;
}

export function createFacade(parts: FacadeParts): Facade {
  const { options, nowUs, startedUs, registry, store, journal, liveState, models, alertService, pipeline, receiver, driverOf, sync } =
    parts;
  const { config } = options;
  const wearer = (device: string) => registry.wearing(device, nowUs())?.person;
  const devicesOf = (person: string) => [...new Set(registry.wearings().flatMap((each) => (each.person === person ? [each.device] : [])))];
  const counters = (device: string): Record<string, number> => {
    const { discarded, ...plain } = pipeline.counters(device) ?? { discarded: {} };
    return { received: receiver.arrivals(device)?.count ?? 0, ...plain, ...discarded };
  };
  const findings = createDeviceFindings({ pipeline, liveState, nowUs });
  const ruleIdsOf = new Map<string, readonly string[]>();
  const deviceState = (device: string) => {
    const presence = receiver.presence(device);
    const fault = findings.fault(device);
    if (presence === "online" && typeof fault === "object") return "unreadable";
    const isOff = presence === "online" && liveState.streams().some((each) => each.device === device && each.contact === "off");
    return isOff ? "lead-off" : presence;
  };
  const health = () => {
    const fault = journal.figures().failing;
    const hostParts = models.host.models().map(({ id, state, reason }) => ({
      part: `model ${id}`,
      ok: state === "ready",
      ...(reason === undefined ? {} : { detail: reason }),
    }));
    const uplink = sync()?.state();
    const { refusedCommits } = store.figures();
    return [
      { part: "store", ok: refusedCommits === 0, ...(refusedCommits === 0 ? {} : { detail: `${refusedCommits} commits held in memory` }) },
      { part: "journal", ok: fault === undefined, ...(fault === undefined ? {} : { detail: fault.code }) },
      ...(parts.lost.length > 0 && nowUs() - startedUs < lostShownUs ? [{ part: "record", ok: false, detail: sayLost(parts.lost) }] : []),
      ...hostParts,
      ...(uplink === undefined ? [] : [{ part: "uplink", ok: uplink.connected }]),
      ...(options.besides?.() ?? []),
    ];
  };

  const view = createView({
    ...{ nowUs, startedUs, registry, store, liveState, counters, health, repairs: parts.repairs, carers: alertService.carers },
    gateway: config.gateway.id,
    version: options.version,
    mode: options.mode,
    ports: options.ports,
    host: models.host,
    openAlerts: () => alertService.desk.open(),
    act: alertService.desk.act,
    async assigned(device, person, placement) {
      const before = wearer(device);
      if (before !== undefined) await pipeline.snapshot(before);
      await registry.assign(device, person, placement, nowUs());
      alertService.reassigned(device);
      if (person === undefined) alertService.missing.unwatch(device);
      else alertService.missing.watch(person, device);
    },
    arrivedUs: (device) => receiver.arrivals(device)?.lastUs,
    timings: pipeline.timings,
    findings: findings.of,
    deviceState,
    ruleIds(person) {
      const ids = ruleIdsOf.get(person) ?? createRules(profileOf(registry.person(person), config.alerts.limits)).ids;
      ruleIdsOf.set(person, ids);
      return ids;
    },
    uplink: () => sync()?.state() ?? { connected: false, depth: 0 },
    meter: () => ({ bytesRaw: receiver.rawBytes, bytesSent: sync()?.bytesSent() ?? 0 }),
    strip: (person, fromUs, toUs) => homeStrip({ journal, store, driverOf, devicesOf }, person, { fromUs, toUs }),
    metrics: () => gatewayMetrics.text(),
    demo: () => options.demo?.(),
  });
  const gatewayMetrics = createGatewayMetrics({
    ...{ journal, store },
    host: models.host,
    broker: parts.broker,
    streams: () => view.streams(),
    openAlerts: () => alertService.desk.open(),
    status: () => view.status(),
    channels: alertService.channels,
    outboxDepth: () => sync()?.depth() ?? {},
    uplinkRefusals: () => sync()?.refused() ?? {},
    keeping: parts.keeping,
    notKeptCount: () => parts.notKept.count,
    analysisFaults: parts.analysisFaults.counts,
    lostLogLines: () => options.log.lostCount ?? 0,
    driverCounters: () => registry.devices().map(({ id }) => ({ device: id, counters: counters(id) })),
  });
  alertService.onDelivered(gatewayMetrics.delivered);

  const presence = (id: string) => {
    const device = view.devices().find((each) => each.id === id);
    if (device !== undefined) liveState.publish({ kind: "device", device });
  };
  const isReadable = new Map<string, boolean>();

  return {
    view,
    gatewayMetrics,
    watchDecoding() {
      for (const { id } of registry.devices()) {
        const fault = findings.fault(id);
        if (fault === "unknown") continue;
        alertService.set("device.decoding", fault !== undefined, id, fault);
        if (isReadable.get(id) === (fault === undefined)) continue;
        isReadable.set(id, fault === undefined);
        presence(id);
      }
    },
    presence,
    ecgDeviceOf: (person) =>
      liveState.streams().find((stream) => stream.person === person && stream.channels.some(({ kind }) => kind === "ecg"))?.device,
    heartbeat: () => ({
      timeUs: nowUs(),
      uptimeS: Math.round((nowUs() - startedUs) / 1e6),
      version: options.version,
      people: registry.people().map(({ id, name }) => ({ id, name })),
      devices: view.devices().map(({ id, person, state, lastSampleUs }) => ({
        id,
        state,
        ...(person === undefined ? {} : { person }),
        ...(lastSampleUs === undefined ? {} : { lastSampleUs }),
      })),
      outboxDepth: sync()?.state().depth ?? 0,
    }),
  };
}
