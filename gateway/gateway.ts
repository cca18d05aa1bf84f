/** The composition root: every part, in the order in which the house starts, and what it is wired to. The only file that sees concrete adapters. */

import { join } from "node:path";
import { type Clock, systemClock } from "../device-drivers/contract/clock.ts";
import type { AlertRecord } from "../device-drivers/contract/event.ts";
import { limitsFor } from "./alert/missing-data.ts";
import { createWords, type Words } from "./alert/notifier.ts";
import { type AlertService, createAlertService } from "./alert/service.ts";
import { openBridges } from "./bridges/open-bridges.ts";
import { type Kinds, shippedKinds } from "./config/kinds.ts";
import type { Config } from "./config/schema.ts";
import { createKeeping, type Keeping } from "./disk/keeping.ts";
import { createNotKept, type NotKept } from "./disk/not-kept.ts";
import { type Kept, openKept } from "./disk/open-kept.ts";
import { type Models, type ModelsOptions, startModels } from "./inference/load-models.ts";
import { type Credentials, openCredentials } from "./ingest/credentials.ts";
import { type Inlets, openInlets } from "./ingest/open-inlets.ts";
import { createReceiver, type Receiver } from "./ingest/receive.ts";
import { keepWithin } from "./journal/retention.ts";
import { type HomeDoors, type Lan, openLan } from "./lan/open-lan.ts";
import { gatewayPerson } from "./people/registry.ts";
import { type AnalysisFaults, createAnalysisFaults } from "./pipeline/analysis-faults.ts";
import type { PipelineListener } from "./pipeline/listener.ts";
import { createPipeline, type Pipeline } from "./pipeline/pipeline.ts";
import type { LostStretch } from "./pipeline/recovery.ts";
import { createSignals, type Signals } from "./pipeline/signals.ts";
import { notLongerThan, storedWithinMs } from "./runtime/bounded-wait.ts";
import type { FilePort } from "./runtime/file-port.ts";
import type { Log } from "./runtime/log.ts";
import { createRefusals, type Refusals } from "./runtime/refusals.ts";
import { startWhole } from "./runtime/start-whole.ts";
import { createWallQuality } from "./runtime/wall-clock.ts";
import { createSetup } from "./setup/create-setup.ts";
import { openPeople, type People } from "./setup/open-people.ts";
import type { Setup } from "./setup/setup-port.ts";
import { blocksBetween, createStripFiller, type StripFiller } from "./strips/fill-strips.ts";
import { type Sync, startSync, type TwinLink } from "./sync/start-sync.ts";
import { createDecodingWatch } from "./view/decoding-watch.ts";
import { createDeviceViews, type DeviceViews } from "./view/device-views.ts";
import { createGatewayMetrics, type GatewayMetrics } from "./view/gateway-metrics.ts";
import { createView, type Demo, streamsOf } from "./view/gateway-view.ts";
import { healthOf } from "./view/health.ts";
import { heartbeatOf } from "./view/heartbeat.ts";
import { createLiveState, type LiveState } from "./view/live-state.ts";
import type { GatewayView, StatusView } from "./view/view-port.ts";

export interface GatewayOptions {
  readonly config: Config;
  /** Folder of journal, store, keys and accounts: the home, or the demo's part of it. */
  readonly dataDir: string;
  readonly mode: Exclude<AlertRecord["mode"], "test">;
  readonly version: string;
  readonly log: Log;
  readonly mqttPort: number;
  readonly ports: () => Readonly<Record<string, number>>;
  readonly lan?: HomeDoors;
  readonly twin?: TwinLink;
  readonly demo?: () => Demo | undefined;
  /** Parts beside the gateway that its status tells of, as its twin. */
  readonly besides?: () => StatusView["health"];
  /** Damaged files that were set aside before the gateway opened, one sentence each. */
  readonly repairs?: readonly string[];
  /** Takes one line for each message to people; the demo's terminal. */
  readonly print?: (line: string) => void;
  readonly clock?: Clock;
  /** A disk that fails on demand, for tests. */
  readonly files?: FilePort;
  /** Other lists of drivers, links, channels and bridges. */
  readonly kinds?: Kinds;
  /** Other packages, or another child to compute in. */
  readonly models?: Pick<ModelsOptions, "instead" | "childUrl" | "registry">;
}

export interface Gateway extends Pick<Kept, "store"> {
  readonly view: GatewayView;
  readonly words: Words;
  /** Where doors outside it put what they refuse. */
  readonly refusals: Pick<Refusals, "note">;
  readonly credentials: Credentials;
  readonly mqttPort: number;
  /** Records that recovery fed again. */
  readonly recovered: number;
  /** Demo and tests: the model host dies as by a crash. */
  killModelHost(): void;
  /** Tests on a clock of their own: resolves once every window that was submitted has its answer. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Rejects with what kept it from starting; nothing of it is left open or running then. */
export function startGateway(options: GatewayOptions): Promise<Gateway> {
  return startWhole(options.log, async (opened) => {
    const clock = options.clock ?? systemClock(createWallQuality());
    const signals = createSignals();
    const { config, dataDir, log, files, repairs = [], kinds = shippedKinds } = options;
    const { commitMs } = config.journal;
    const base = { options, config, kinds, clock, log, opened, signals };
    const kept = await openKept({ ...base, dataDir, commitMs, repairs, ...(files === undefined ? {} : { files }), ...signals });
    const refusals = createRefusals({ nowUs: kept.nowUs, log });
    const people = await openPeople({ ...base, ...kept });
    const models = await startModels({ clock, timeouts: true, log, ...options.models });
    opened.defer(() => models.host.close());
    const alerting = openAlerting({ ...base, ...kept, ...people, models, refusals });
    const house = { ...base, ...kept, ...people, ...alerting, models, refusals };
    // What still goes to the twin when the river closes goes with its last rows.
    const afterRiver = opened.use(new AsyncDisposableStack());
    const river = await openRiver(house);
    const inlets = await openHouseInlets({ ...house, ...river });
    const lan = await openLan({ ...house, ...inlets, set: alerting.alertService.set }, options.lan);
    const answer = (device: string, bytes: Uint8Array) => river.receiver.answer(inlets.broker, device, bytes);
    const deviceViews = createDeviceViews({ ...house, ...river, answer });
    const words = createWords(people.registry, kept.nowUs, alerting.liveState.lastSampleUs);
    openHouseBridges({ ...house, ...inlets, words });
    const sync = await openSync({ ...house, deviceViews, afterRiver });
    const setup = createSetup({ ...house, ...river, ...inlets, ...lan, inlets, publish: deviceViews.publish });
    const { view, metrics } = openView({ ...house, ...river, ...inlets, ...lan, deviceViews, sync, setup });
    // A device whose account was revoked is worn by nobody.
    inlets.credentials.onRevoke((user) => {
      if (inlets.credentials.has(user) || people.registry.wearing(user, kept.nowUs()) === undefined) return;
      setup.wear(user, undefined, "", gatewayPerson).catch(signals.storeRefused.tell);
    });
    startTimers({ ...house, ...river, deviceViews, view, metrics });
    return {
      ...{ store: kept.store, view, words, refusals, credentials: inlets.credentials, mqttPort: inlets.broker.port },
      ...{ recovered: river.recovered, killModelHost: () => models.host.kill() },
      idle: () => models.host.idle(),
      close: () => opened.disposeAsync(),
    };
  });
}

interface Base {
  readonly options: GatewayOptions;
  readonly config: Config;
  readonly kinds: Kinds;
  readonly clock: Clock;
  readonly log: Log;
  /** Each part puts its end here as soon as it is there: the last one ends first. */
  readonly opened: AsyncDisposableStack;
  readonly signals: Signals;
}

interface Alerting {
  readonly liveState: LiveState;
  readonly alertService: AlertService;
  readonly notKept: NotKept;
  readonly keeping: Keeping;
  readonly analysisFaults: AnalysisFaults;
  /** Sets `analysis.off` by what is true now. */
  readonly watchAnalysis: () => void;
}

/** Who is told, and what the house says of its own disk and models. */
function openAlerting(parts: Base & Kept & People & { readonly models: Models; readonly refusals: Refusals }): Alerting {
  const { options, config, clock, log, opened, signals, store, registry, nowUs, models } = parts;
  const liveState = createLiveState(parts.startedUs);
  const alertService = createAlertService({
    ...{ clock, nowUs, store, registry, mode: options.mode, show: liveState.alerts },
    ...{ channels: config.channels, channelKinds: parts.kinds.channels },
    ...(options.print === undefined ? {} : { print: options.print }),
    onStoreError: signals.storeRefused.tell,
    onChannelFailure: (account, error) => parts.refusals.fault("channel", error, { account }),
    onChanges: signals.alertsChanged.tell,
  });
  opened.defer(alertService.close);
  const refused = signals.storeRefused.tell;
  const notKept = createNotKept({ commit: (commit, urgent) => void store.commit(commit, urgent).catch(refused) });
  const keeping = createKeeping({ ...parts, notKept, people: () => registry.people().map(({ id }) => id), set: alertService.set });
  opened.defer(keeping.close);
  signals.storeRefused.add(keeping.storeRefused);
  signals.storeRefused.add((error) => parts.refusals.fault("disk", error));
  signals.journalRefused.add(keeping.makeRoom);
  const analysisFaults = createAnalysisFaults({ clock, log });
  return {
    ...{ liveState, alertService, notKept, keeping, analysisFaults },
    // A model that was refused, or a part that fails, leaves its rules as blind as a host that is down.
    watchAnalysis() {
      const isOff = models.host.models().some(({ state }) => state === "down" || state === "refused");
      const cause = analysisFaults.cause();
      alertService.set("analysis.off", isOff || cause !== undefined, undefined, cause);
    },
  };
}

type House = Base & Kept & People & Alerting & { readonly models: Models; readonly refusals: Refusals };

interface River {
  readonly pipeline: Pipeline;
  readonly receiver: Receiver;
  readonly strips: StripFiller;
  readonly recovered: number;
  /** What this start could not read of the persons' records. */
  readonly lost: readonly LostStretch[];
}

/** Bytes become decisions here. What the last run had received and not decided is decided before it is there. */
async function openRiver(house: House): Promise<River> {
  const { config, clock, log, opened, signals, store, journal, registry, driverOf, models, liveState, alertService, nowUs } = house;
  const strips = createStripFiller({ journal, store, driverOf }, await store.stripsDue());
  const commit: typeof store.commit = (row, urgent) => {
    const stored = store.commit(row, urgent);
    return urgent === true ? notLongerThan(clock, storedWithinMs, stored) : stored;
  };
  const pipeline = createPipeline({
    ...{ journal, driverOf, nowUs, store: { ...store, commit } },
    blocks: (person, device, span) => blocksBetween({ journal, store, driverOf }, person, device, span),
    personOf: (device, atUs) => registry.wearing(device, atUs)?.person,
    person: (id) => ({
      ...house.limitsOf(id),
      models: models.specs,
      versions: models.versions,
      submit: (model, tensors, settled) => models.host.submit(model, tensors, settled, id),
      onPlaced(descriptor, placed) {
        liveState.placed(id, descriptor, placed);
        const limits = limitsFor(descriptor);
        if (limits !== undefined) alertService.missing.limits(descriptor.device, descriptor.stream, limits);
      },
    }),
    decider: () => ({ flushS: config.twin.flushS, alerts: alertService.core }),
    idle: () => models.host.idle(),
    listener: riverListener(house, strips),
  });
  const receiver = createReceiver({ ...house, site: config.gateway.id, pipeline, onPresence: signals.presence.tell });
  // What the last run left open is known before the journal goes on: its conditions end or come back there.
  await alertService.resume();
  let recovered = 0;
  const lost: LostStretch[] = [];
  for (const person of registry.people()) {
    const found = await pipeline.recover(person.id);
    recovered += found.records;
    lost.push(...found.lost);
  }
  if (lost.length > 0) log.error({ lost }, "a stretch of the record can't be read any more");
  opened.defer(async () => {
    await pipeline.close();
    house.notKept.tell();
  });
  return { pipeline, receiver, strips, recovered, lost };
}

function riverListener({ signals, log, liveState, alertService, notKept, ...house }: House, strips: StripFiller): PipelineListener {
  return {
    onAlert(changes) {
      alertService.desk.stored(changes);
      signals.riverAlerts.tell();
    },
    onEvents(person, events) {
      liveState.events(person, events);
      signals.events.tell(person, events);
    },
    onSettled(person, { input, watching }) {
      liveState.fact(person, input, watching);
      if (input.kind === "quality" && input.level !== "bad" && input.contact !== "off")
        alertService.missing.usable(input.device, input.stream, input.timeUs);
    },
    onStripsDue: (due) => strips.add(due),
    onStoreError: signals.storeRefused.tell,
    onNotKept: notKept.note,
    onKept: notKept.over,
    onFault(error) {
      if (house.analysisFaults.note(error)) house.watchAnalysis();
      else log.error({ code: error.code, err: error }, "a record could not be analysed and was passed over");
    },
    ...{ onReply: signals.reply.tell, onRefused: signals.refused.tell },
  };
}

type HouseInlets = Inlets & { readonly credentials: Credentials };

/** Accounts, the home's broker and the ports; the first samples come with them. */
async function openHouseInlets(house: House & River): Promise<HouseInlets> {
  const { options, clock, opened, signals, journal, models, receiver, alertService } = house;
  const credentials = await openCredentials({ path: join(options.dataDir, "accounts.json"), clock, onRepair: house.onDamage });
  const inlets = await openInlets({
    ...{ ...house, credentials, mqttPort: options.mqttPort, links: house.kinds.links, onDenied: signals.denied.tell },
    room: async () => void (await Promise.all([journal.room(), models.host.room()])),
    onPortLost(device, isLost) {
      receiver.setPresence(device, isLost ? "silent" : "online");
      alertService.set("device.cable", isLost, device);
    },
    onDuplicateIdentity(device) {
      alertService.set("device.identity", true, device);
      clock.after(60_000, () => alertService.set("device.identity", false, device));
    },
  });
  opened.defer(inlets.close);
  signals.reply.add((device, channel, bytes) => receiver.reply(inlets.broker, device, channel, bytes));
  // The reserve is some megabytes to write: the first samples don't wait for it.
  void house.keeping.begin();
  return { ...inlets, credentials };
}

/** What other programs of the home hear. */
function openHouseBridges(house: House & Inlets & { readonly words: Words }): void {
  const { config, kinds, opened, signals, broker, nowUs, liveState, alertService, words } = house;
  const bridges = openBridges(kinds.bridges, {
    ...{ site: config.gateway.id, broker, nowUs, settings: config.bridges ?? {}, deviceOf: liveState.ecgDeviceOf },
    title: (alert) => words.alert(alert).title,
    onFault: (account, error) => house.refusals.fault("bridge", error, { account }),
  });
  opened.defer(bridges.close);
  const open = () => alertService.desk.open();
  bridges.alerts(open(), open());
  signals.events.add(bridges.events);
  signals.alertsChanged.add((changes) =>
    bridges.alerts(
      changes.map(({ alert }) => alert),
      open(),
    ),
  );
}

/** The line to the twin, where the home has one. */
async function openSync(
  house: House & { readonly deviceViews: DeviceViews; readonly afterRiver: AsyncDisposableStack },
): Promise<Sync | undefined> {
  const { options, config, signals, alertService } = house;
  if (options.twin === undefined) return undefined;
  const sync = await startSync({
    ...{ ...house, twin: options.twin, gateway: config.gateway.id },
    heartbeat: () => heartbeatOf({ ...house, devices: house.deviceViews, version: options.version }),
    onDown: (isDown) => alertService.set("uplink.down", isDown),
  });
  house.afterRiver.defer(sync.close);
  signals.riverAlerts.add(sync.wake);
  return sync;
}

type Shown = House & River & Inlets & Lan & { readonly deviceViews: DeviceViews; readonly sync: Sync | undefined; readonly setup: Setup };

/** What pages, REST, the CLI and a scrape are answered from. */
function openView(house: Shown): { readonly view: GatewayView; readonly metrics: GatewayMetrics } {
  const { options, opened, models, alertService, deviceViews, sync } = house;
  const metrics = createGatewayMetrics({
    ...{ ...house, host: models.host },
    streams: () => streamsOf(house),
    openAlerts: () => alertService.desk.open(),
    channels: alertService.channels,
    notKeptCount: () => house.notKept.count,
    analysisFaults: house.analysisFaults.counts,
    lostLogLines: () => options.log.lostCount ?? 0,
    devices: deviceViews.all,
  });
  opened.defer(metrics.close);
  alertService.onDelivered(metrics.delivered);
  const view = createView({
    ...{ ...house, devices: deviceViews, host: models.host, metrics: metrics.text },
    health: () => healthOf({ ...house, host: models.host, uplink: () => sync?.state(), besides: () => options.besides?.() ?? [] }),
    repairs: () => house.damaged.map((what) => what.replaceAll(`${options.dataDir}/`, "")),
  });
  return { view, metrics };
}

const [tickMs, secondMs, minuteMs, retentionMs] = [250, 1000, 60_000, 600_000];

/** What time itself makes true. */
function startTimers(
  house: House & River & { readonly deviceViews: DeviceViews; readonly view: GatewayView; readonly metrics: GatewayMetrics },
): void {
  const { clock, log, opened, signals, journal, pipeline, stamps, nowUs, registry, liveState, alertService, watchAnalysis, view } = house;
  const refused = signals.storeRefused.tell;
  alertService.set("storage.damaged", house.damaged.length > 0);
  watchAnalysis();
  const watchDecoding = createDecodingWatch({ ...house, devices: house.deviceViews, set: alertService.set });
  const showStatus = () => liveState.publish({ kind: "status", status: view.status() });
  const stops = [
    house.models.host.onState(() => {
      watchAnalysis();
      showStatus();
    }),
    clock.every(tickMs, () => pipeline.advance(nowUs())),
    clock.every(secondMs, () => {
      house.strips.fill(nowUs()).catch(refused);
      watchDecoding();
      showStatus();
    }),
    clock.every(retentionMs, () => {
      // What a state needs to be brought up to date is not dropped: the state goes first.
      const drop = (lane: string, day: string) => pipeline.snapshot(lane).then(() => journal.dropBefore(lane, day));
      keepWithin(house.journalDir, house.config.journal.maxBytes, drop).then(
        (days) => days.length > 0 && log.info({ days: days.length }, "the oldest days of the journal were dropped"),
        refused,
      );
    }),
    clock.every(minuteMs, () => {
      watchAnalysis();
      alertService.set("gateway.lag", house.metrics.lagP99Ms() > 100);
      alertService.set("gateway.clock", Math.abs(clock.wallUs() - nowUs()) > minuteMs * 1000);
      if (stamps.putRight()) {
        log.warn({}, "the clock has been put right, and all times with it");
        pipeline.axisMoved();
        liveState.axisMoved(nowUs());
        registry.wornBy(nowUs()).catch(refused);
        house.limits.putRight(nowUs()).catch(refused);
        alertService.axisMoved();
      }
    }),
  ];
  for (const stop of stops) opened.defer(stop);
}
