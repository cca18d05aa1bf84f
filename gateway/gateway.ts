/** The composition root: every part, in the order in which the house starts, and what it is wired to. Concrete adapters are seen here and in `compose/` alone. */

import { join } from "node:path";
import { systemClock } from "../device-drivers/contract/clock.ts";
import { createWords, type Words } from "./alert/notifier.ts";
import { openBridges, tellBridges } from "./bridges/open-bridges.ts";
import { openAlerting } from "./compose/alerting.ts";
import { openOutward } from "./compose/outward.ts";
import type { GatewayOptions, House, River } from "./compose/parts.ts";
import { openRiver } from "./compose/river.ts";
import { startTimers } from "./compose/timers.ts";
import { shippedKinds } from "./config/kinds.ts";
import { type Kept, openKept } from "./disk/open-kept.ts";
import { startModels } from "./inference/load-models.ts";
import { type Credentials, openCredentials } from "./ingest/credentials.ts";
import { type Inlets, openInlets } from "./ingest/open-inlets.ts";
import { type Lan, openLan } from "./lan/open-lan.ts";
import { gatewayPerson } from "./people/registry.ts";
import { createSignals } from "./pipeline/signals.ts";
import { createRefusals, type Refusals } from "./runtime/refusals.ts";
import { startWhole } from "./runtime/start-whole.ts";
import { createWallQuality } from "./runtime/wall-clock.ts";
import { createSetup } from "./setup/create-setup.ts";
import { openPeople } from "./setup/open-people.ts";
import type { Setup } from "./setup/setup-port.ts";
import { type Sync, startSync } from "./sync/start-sync.ts";
import { createDeviceViews, type DeviceViews } from "./view/device-views.ts";
import { createGatewayMetrics, type GatewayMetrics } from "./view/gateway-metrics.ts";
import { createView, streamsOf } from "./view/gateway-view.ts";
import { healthOf } from "./view/health.ts";
import { heartbeatOf } from "./view/heartbeat.ts";
import { createStreamsIn } from "./view/streams-in.ts";
import type { GatewayView } from "./view/view-port.ts";

export interface Gateway extends Pick<Kept, "store"> {
  readonly view: GatewayView;
  readonly words: Words;
  /** Where doors outside it put what they refuse. */
  readonly refusals: Pick<Refusals, "note">;
  readonly credentials: Credentials;
  readonly mqttPort: number;
  /** Records that recovery fed again. */
  readonly recovered: number;
  /** For a twin of this home: what stands for people there, and what they are called here. */
  readonly twinNames: House["outward"]["twinNames"];
  /** Called whenever these names have changed. */
  onTwinNames(fn: () => void): void;
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
    const base = { options, config, kinds, clock, log, opened, signals };
    const kept = await openKept({ ...base, ...config.journal, dataDir, repairs, ...(files === undefined ? {} : { files }), ...signals });
    const refusals = createRefusals({ clock, nowUs: kept.nowUs, log });
    const people = await openPeople({ ...base, ...kept });
    const models = await startModels({ clock, timeouts: true, log, ...options.models });
    opened.defer(() => models.host.close());
    const alerting = openAlerting({ ...base, ...kept, ...people, models, refusals });
    const outward = await openOutward({ ...base, ...kept, ...people, ...alerting });
    const house = { ...base, ...kept, ...people, ...alerting, models, refusals, outward };
    // What still goes to the twin when the river closes goes with its last rows.
    const afterRiver = opened.use(new AsyncDisposableStack());
    const river = await openRiver(house);
    const inlets = await openHouseInlets({ ...house, ...river });
    const lan = await openLan({ ...house, ...inlets, set: alerting.alertService.set }, options.lan);
    const answer = (device: string, bytes: Uint8Array) => river.receiver.answer(inlets.broker, device, bytes);
    const deviceViews = createDeviceViews({ ...house, ...river, answer });
    const words = createWords(people.registry, kept.nowUs, alerting.liveState.lastSampleUs);
    const sync = await openSync({ ...house, deviceViews, afterRiver });
    const setup = createSetup({ ...house, ...river, ...inlets, ...lan, inlets, publish: deviceViews.publish });
    const { view, metrics } = openView({ ...house, ...river, ...inlets, ...lan, deviceViews, sync, setup });
    openHouseBridges({ ...house, ...inlets, words, view });
    // A device whose account was revoked is worn by nobody.
    inlets.credentials.onRevoke((user) => {
      if (inlets.credentials.has(user) || people.registry.wearing(user, kept.nowUs()) === undefined) return;
      setup.wear(user, undefined, "", gatewayPerson).catch(signals.storeRefused.tell);
    });
    startTimers({ ...house, ...river, deviceViews, view, metrics });
    return {
      ...{ store: kept.store, view, words, refusals, credentials: inlets.credentials, mqttPort: inlets.broker.port },
      ...{ recovered: river.recovered, killModelHost: () => models.host.kill() },
      ...{ twinNames: outward.twinNames, onTwinNames: people.registry.onPeople },
      idle: () => models.host.idle(),
      close: () => opened.disposeAsync(),
    };
  });
}

/** Whoever brings samples waits for journal and models. */
const roomOf = async ({ journal, models }: Pick<House, "journal" | "models">) =>
  void (await Promise.all([journal.room(), models.host.room()]));

type HouseInlets = Inlets & { readonly credentials: Credentials };

/** Accounts, the home's broker and the ports; the first samples come with them. */
async function openHouseInlets(house: House & River): Promise<HouseInlets> {
  const { options, clock, opened, signals, receiver, alertService } = house;
  const credentials = await openCredentials({ path: join(options.dataDir, "accounts.json"), clock, onRepair: house.onDamage });
  const inlets = await openInlets({
    ...{ ...house, credentials, mqttPort: options.mqttPort, links: house.kinds.links, onDenied: signals.denied.tell },
    room: () => roomOf(house),
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
function openHouseBridges(house: House & Inlets & { readonly words: Words; readonly view: GatewayView }): void {
  const { options, config, kinds, opened, signals, alertService, words, view } = house;
  const bridges = openBridges(kinds.bridges, {
    ...{ ...house, site: config.gateway.id, version: options.version, random: Math.random, settings: config.bridges ?? {} },
    house: { ...view, wearings: house.registry.wearings, missingAfterS: alertService.missing.warnS },
    deviceOf: house.liveState.ecgDeviceOf,
    ...{ title: (alert) => words.alert(alert).title, lock: (alert) => words.alert(alert).lock },
    acknowledge: (alert, name) => alertService.desk.act(alert, "acknowledge", { role: "caregiver", name }, {}),
    callForHelp: view.help.call,
    sayPresence: (person, state, untilUs, name) =>
      view.presence.say(person, untilUs === undefined ? { state } : { state, untilUs }, { role: "integrator", name }),
    onFault: (account, error) => house.refusals.fault("bridge", error, { account }),
  });
  opened.defer(bridges.close);
  tellBridges(bridges, signals, alertService.desk.open);
}

/** The line to the twin, where the home has one. */
async function openSync(
  house: House & { readonly deviceViews: DeviceViews; readonly afterRiver: AsyncDisposableStack },
): Promise<Sync | undefined> {
  const { options, config, signals, alertService, outward } = house;
  if (options.twin === undefined) return undefined;
  const sync = await startSync({
    ...{ ...house, ...outward, twin: options.twin, gateway: options.twin.gateway ?? config.gateway.id },
    heartbeat: () => heartbeatOf({ ...house, devices: house.deviceViews, version: options.version }),
    onDown: (isDown) => alertService.set("uplink.down", isDown),
    act: alertService.desk.act,
  });
  house.afterRiver.defer(sync.close);
  signals.riverAlerts.add(sync.wake);
  outward.onChange(sync.report);
  return sync;
}

type Shown = House &
  River &
  HouseInlets &
  Lan & { readonly deviceViews: DeviceViews; readonly sync: Sync | undefined; readonly setup: Setup };

/** What pages, REST, the CLI and a scrape are answered from. */
function openView(house: Shown): { readonly view: GatewayView; readonly metrics: GatewayMetrics } {
  const { options, config, opened, signals, models, alertService, deviceViews, sync } = house;
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
    streamsIn: createStreamsIn({
      ...{ ...house, site: config.gateway.id, room: () => roomOf(house) },
      onRefused: (device, refusals) => void signals.refused.tell(device, refusals),
    }),
    health: () => healthOf({ ...house, host: models.host, uplink: () => sync?.state(), besides: () => options.besides?.() ?? [] }),
    repairs: () => house.damaged.map((what) => what.replaceAll(`${options.dataDir}/`, "")),
  });
  return { view, metrics };
}
