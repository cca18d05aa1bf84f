/** The composition root: builds every part, in the order in which they start, and ends them, after a start that failed as well. The only file that sees concrete adapters. */

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type Clock, createStamper, systemClock } from "../device-drivers/contract/clock.ts";
import type { AlertRecord } from "../device-drivers/contract/event.ts";
import { limitsFor } from "./alert/missing-data.ts";
import { createWords, type Words } from "./alert/notifier.ts";
import { createAlertService } from "./alert/service.ts";
import { createHomeMqttBridge, type HomeMqttBridge } from "./bridges/home-mqtt.ts";
import type { Config } from "./config/schema.ts";
import { createKeeping, type Keeping } from "./disk/keeping.ts";
import { createNotKept } from "./disk/not-kept.ts";
import { type ModelsOptions, startModels } from "./inference/load-models.ts";
import { type Credentials, openCredentials } from "./ingest/credentials.ts";
import { loadDrivers } from "./ingest/load-drivers.ts";
import { type Inlets, openInlets } from "./ingest/open-inlets.ts";
import { createReceiver } from "./ingest/receive.ts";
import { openJournal } from "./journal/journal.ts";
import { keepWithin } from "./journal/retention.ts";
import { profileOf } from "./people/profile.ts";
import { gatewayPerson, openRegistry } from "./people/registry.ts";
import { createAnalysisFaults } from "./pipeline/analysis-faults.ts";
import { createPipeline } from "./pipeline/pipeline.ts";
import type { LostStretch } from "./pipeline/recovery.ts";
import { notLongerThan, storedWithinMs } from "./runtime/bounded-wait.ts";
import type { FilePort } from "./runtime/file-port.ts";
import type { Log } from "./runtime/log.ts";
import { createReserve } from "./runtime/reserve.ts";
import { createWallQuality } from "./runtime/wall-clock.ts";
import { openStore } from "./store/store.ts";
import { blocksBetween, createStripFiller } from "./strips/fill-strips.ts";
import { type Sync, startSync, type TwinLink } from "./sync/start-sync.ts";
import { createFacade } from "./view/facade.ts";
import type { Demo } from "./view/gateway-view.ts";
import { createLiveState } from "./view/live-state.ts";
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
  /** Other packages, or another child to compute in. */
  readonly models?: Pick<ModelsOptions, "instead" | "childUrl" | "registry">;
}

export interface Gateway {
  readonly view: GatewayView;
  readonly words: Words;
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

const [tickMs, secondMs, minuteMs, retentionMs] = [250, 1000, 60_000, 600_000];

/** Rejects with what kept it from starting; nothing of it is left open or running then. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const opened = new AsyncDisposableStack();
  try {
    return await openParts(options, opened);
  } catch (thrown) {
    // What a part says while it is closed is not why the start has failed.
    await opened
      .disposeAsync()
      .catch((error: unknown) => options.log.warn({ err: error }, "a part did not close well after a failed start"));
    throw thrown;
  }
}

/** Each part puts its end on the stack as soon as it is there: the last one ends first. */
async function openParts(options: GatewayOptions, opened: AsyncDisposableStack): Promise<Gateway> {
  const { config, dataDir, log, clock = systemClock(createWallQuality()) } = options;
  const dir = (name: string) => join(dataDir, name);

  // What is kept, and what becomes of it on a full disk.
  let keeping: Keeping | undefined;
  const storeRefused = (error: unknown) => keeping?.storeRefused(error);
  const reserve = createReserve(dataDir, options.files === undefined ? {} : { files: options.files });
  const { store, ...found } = await openStore({ dir: dir("store"), clock, makeRoom: async () => void reserve.giveUp() });
  opened.defer(async () => {
    await store.flush().catch(() => {});
    const { heldAlerts } = store.figures();
    if (heldAlerts.length > 0) log.error({ alerts: heldAlerts.length }, "alerts could not be stored and go with this end");
    await store.close();
  });
  const journal = await openJournal({
    dir: dir("journal"),
    keysDir: dir("keys"),
    clock,
    bootId: randomUUID(),
    commitMs: config.journal.commitMs,
    makeRoom: async (error) => keeping?.makeRoom(error) ?? false,
    ...(options.files === undefined ? {} : { files: options.files }),
  });
  opened.defer(journal.close);
  const damaged = [...(options.repairs ?? []), ...found.damaged, ...journal.damaged];
  const onDamage = (what: string) => {
    damaged.push(what);
    log.warn({ repair: what }, "something was repaired at start");
  };
  for (const repair of new Set([...damaged, ...found.repairs, ...journal.repairs])) log.warn({ repair }, "something was repaired at start");
  const lastUs = await Promise.all((await journal.lanes()).map(async (lane) => (await journal.last(lane))?.timeUs ?? 0));
  const stamps = createStamper(clock, Math.max(await store.newestTimeUs(), ...lastUs));
  const nowUs = () => stamps().timeUs;
  const startedUs = nowUs();

  // Who lives here, what they wear, what is believed about it.
  const registry = await openRegistry(store);
  const declared = config.devices.map((device) => ({ ...device, title: device.title ?? device.id, link: device.link.kind }));
  await registry.declare(config.people, declared, startedUs);
  await registry.wornBy(startedUs);
  const driverOf = await loadDrivers(config.devices);
  const models = await startModels({ clock, timeouts: true, log, ...options.models });
  opened.defer(() => models.host.close());

  // Who is told.
  const liveState = createLiveState(startedUs);
  const print = options.print === undefined ? {} : { print: options.print };
  const alertService = createAlertService({
    config,
    clock,
    nowUs,
    log,
    mode: options.mode,
    store,
    registry,
    show: liveState.alerts,
    ...print,
    onStoreError: storeRefused,
    onChanges: (changes) =>
      homeMqtt?.alerts(
        changes.map(({ alert }) => alert),
        alertService.desk.open(),
      ),
  });

  opened.defer(alertService.close);

  const notKept = createNotKept({ commit: (commit, urgent) => void store.commit(commit, urgent).catch(storeRefused) });
  keeping = createKeeping({
    ...{ clock, log, reserve, journal, store, notKept },
    journalDir: dir("journal"),
    people: () => registry.people().map(({ id }) => id),
    set: alertService.set,
  });
  opened.defer(() => keeping?.close());

  const analysisFaults = createAnalysisFaults({ clock, log });
  // A model that was refused, or a part that fails, leaves its rules as blind as a host that is down.
  const watchAnalysis = () => {
    const isOff = models.host.models().some(({ state }) => state === "down" || state === "refused");
    const cause = analysisFaults.cause();
    alertService.set("analysis.off", isOff || cause !== undefined, undefined, cause);
  };

  // The river.
  const strips = createStripFiller({ journal, store, driverOf }, await store.stripsDue());
  // Both open after recovery, which already decides.
  let inlets: Inlets | undefined;
  let homeMqtt: HomeMqttBridge | undefined;
  let sync: Sync | undefined;
  opened.defer(() => sync?.close());
  const commit: typeof store.commit = (row, urgent) => {
    const stored = store.commit(row, urgent);
    return urgent === true ? notLongerThan(clock, storedWithinMs, stored) : stored;
  };
  const pipeline = createPipeline({
    journal,
    store: { ...store, commit },
    driverOf,
    blocks: (person, device, span) => blocksBetween({ journal, store, driverOf }, person, device, span),
    personOf: (device, atUs) => registry.wearing(device, atUs)?.person,
    person: (id) => ({
      profile: profileOf(registry.person(id), config.alerts.limits),
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
    nowUs,
    listener: {
      onAlert(changes) {
        alertService.desk.stored(changes);
        sync?.wake();
      },
      onEvents(person, events) {
        liveState.events(person, events);
        homeMqtt?.events(person, events);
      },
      onSettled(person, { input, watching }) {
        liveState.fact(person, input, watching);
        if (input.kind === "quality" && input.level !== "bad" && input.contact !== "off")
          alertService.missing.usable(input.device, input.stream, input.timeUs);
      },
      onStripsDue: (due) => strips.add(due),
      onStoreError: storeRefused,
      onNotKept: notKept.note,
      onKept: notKept.over,
      onFault(error) {
        if (analysisFaults.note(error)) watchAnalysis();
        else log.error({ code: error.code, err: error }, "a record could not be analysed and was passed over");
      },
      onReply(device, channel, bytes) {
        if (inlets !== undefined) receiver.reply(inlets.broker, device, channel, bytes);
      },
    },
  });
  const receiver = createReceiver({ site: config.gateway.id, stamps, pipeline, store, onPresence: (device) => facade.presence(device) });
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
    notKept.tell();
  });

  // The inlets, last.
  const credentials = await openCredentials({ path: dir("accounts.json"), clock, onRepair: onDamage });
  const facade = createFacade({
    ...{ options, nowUs, startedUs, registry, store, journal, liveState, models, alertService, pipeline, receiver, driverOf, lost },
    ...{ keeping, notKept, analysisFaults },
    repairs: () => damaged.map((what) => what.replaceAll(`${dataDir}/`, "")),
    broker: () => inlets?.broker,
    sync: () => sync,
  });
  opened.defer(() => facade.gatewayMetrics.close());
  inlets = await openInlets({
    ...{ config, clock, log, stamps, credentials, receiver, driverOf },
    mqttPort: options.mqttPort,
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
  // A device whose account was revoked is worn by nobody.
  credentials.onRevoke((user) => {
    if (credentials.has(user) || !registry.devices().some(({ id }) => id === user)) return;
    facade.view.assign(user, undefined, "", { role: "admin", name: gatewayPerson }).catch(storeRefused);
  });
  // The reserve is some megabytes to write: the first samples don't wait for it.
  void keeping.begin();
  const words = createWords(registry, nowUs, liveState.lastSampleUs);
  homeMqtt = createHomeMqttBridge({
    ...{ site: config.gateway.id, broker: inlets.broker, nowUs },
    deviceOf: (person) => facade.ecgDeviceOf(person),
    title: (alert) => words.alert(alert).title,
  });
  opened.defer(homeMqtt.close);
  homeMqtt.alerts(alertService.desk.open(), alertService.desk.open());
  if (options.twin !== undefined)
    sync = await startSync({
      ...{ twin: options.twin, clock, log, nowUs, store },
      gateway: config.gateway.id,
      heartbeat: facade.heartbeat,
      onDown: (isDown) => alertService.set("uplink.down", isDown),
    });

  alertService.set("storage.damaged", damaged.length > 0);

  watchAnalysis();
  for (const stop of [
    models.host.onState(() => {
      watchAnalysis();
      liveState.publish({ kind: "status", status: facade.view.status() });
    }),
    clock.every(tickMs, () => pipeline.advance(nowUs())),
    clock.every(secondMs, () => {
      strips.fill(nowUs()).catch(storeRefused);
      facade.watchDecoding();
      liveState.publish({ kind: "status", status: facade.view.status() });
    }),
    clock.every(retentionMs, () => {
      // What a state needs to be brought up to date is not dropped: the state goes first.
      const drop = (lane: string, day: string) => pipeline.snapshot(lane).then(() => journal.dropBefore(lane, day));
      keepWithin(dir("journal"), config.journal.maxBytes, drop).then(
        (days) => days.length > 0 && log.info({ days: days.length }, "the oldest days of the journal were dropped"),
        storeRefused,
      );
    }),
    clock.every(minuteMs, () => {
      watchAnalysis();
      alertService.set("gateway.lag", facade.gatewayMetrics.lagP99Ms() > 100);
      alertService.set("gateway.clock", Math.abs(clock.wallUs() - nowUs()) > minuteMs * 1000);
      if (stamps.putRight()) {
        log.warn({}, "the clock has been put right, and all times with it");
        pipeline.axisMoved();
        liveState.axisMoved(nowUs());
        registry.wornBy(nowUs()).catch(storeRefused);
        alertService.axisMoved();
      }
    }),
  ])
    opened.defer(stop);

  return {
    view: facade.view,
    words,
    credentials,
    mqttPort: inlets.broker.port,
    recovered,
    killModelHost: () => models.host.kill(),
    idle: () => models.host.idle(),
    close: () => opened.disposeAsync(),
  };
}
