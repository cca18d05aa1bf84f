/** Everything that runs at home: twin (when embedded), gateway, page; opened in this order, closed in reverse. `run` and the demo differ only in what they pass. */

import { hostname } from "node:os";
import { join } from "node:path";
import { systemClock } from "../device-drivers/contract/clock.ts";
import { toGatewayError } from "../device-drivers/contract/error.ts";
import { type Access, openAccess } from "./access/access.ts";
import { accessFile } from "./access/access-file.ts";
import { startHttp } from "./api/http.ts";
import type { GatewayOptions } from "./compose/parts.ts";
import { claimPort, type Home, homeTokens, type PortsInUse, replaceToken, tokenList, writePorts } from "./config/home-folder.ts";
import type { Config } from "./config/schema.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { createDepartures } from "./leave/departures.ts";
import { erasedHome } from "./leave/erased-home.ts";
import { carryOutLeavings } from "./leave/leave.ts";
import { configWithout } from "./leave/settings.ts";
import { homeNames, isLoopback, reachedAt } from "./runtime/home-network.ts";
import { createLog, type Log, outliveTerminal } from "./runtime/log.ts";
import { newSecret } from "./runtime/password.ts";
import { startWhole } from "./runtime/start-whole.ts";
import { trimMemorySoon } from "./runtime/trim-memory.ts";
import type { TwinLink } from "./sync/start-sync.ts";
import { enrol, loadGatewayEnrolment } from "./twin/enrol.ts";
import { endLeftBehind, keepTwin, type TwinProcess } from "./twin/twin-process.ts";
import { createPages } from "./web/bundle.ts";

interface AppOptions {
  readonly home: Home;
  readonly config: Config;
  /** Where journal, store, keys and the twin's data live. */
  readonly dataDir: string;
  readonly mode: GatewayOptions["mode"];
  readonly version: string;
  /** Busy default ports are replaced by free ones (demo) instead of refused (run). */
  readonly portFallback: boolean;
  readonly print?: (line: string) => void;
  readonly demo?: GatewayOptions["demo"];
  /** Puts something between gateway and twin; the demo's wire that can be cut. */
  readonly wire?: (twinMqttPort: number) => Promise<number>;
}

export interface App {
  /** The one that is open now: another after somebody has left. */
  readonly gateway: Gateway;
  readonly ports: PortsInUse;
  readonly access: Access;
  readonly log: Log;
  close(): Promise<void>;
}

const loopback = "127.0.0.1";

export async function openApp(options: AppOptions): Promise<App> {
  const { config, home, dataDir } = options;
  const log = createLog({ level: config.log.level });
  const repairs: string[] = [];
  const onRepair = (what: string) => void repairs.push(what.replaceAll(`${home.folder}/`, ""));
  const erased = erasedHome(options);
  const gone = carryOutLeavings(erased, onRepair);
  const access = openHouseAccess(options, log, onRepair);
  const claim = (name: keyof Config["ports"], host = loopback) =>
    claimPort(config.ports[name], host, { name, fallback: options.portFallback });
  const http = await claim("http", config.http.host);
  if (!isLoopback(config.http.host))
    log.warn({ host: config.http.host }, "the page is open to the home network in plain HTTP; its tokens can be read there");
  const mqtt = await claim("mqtt");
  const pages = createPages();
  /** The gateway's own key for its twin, of this run alone. */
  const twinKey = newSecret();
  return startWhole(log, async (opened) => {
    opened.defer(access.close);
    /** Of the house that is open. */
    let names: TwinNames = () => [];
    const twinParts = { claim, access, twinKey, names: () => names(), log, onRepair, opened };
    const twin = config.twin.embedded ? await embeddedTwin(options, twinParts) : undefined;
    const link = twin?.link ?? distantTwin(options, onRepair);
    let ports: PortsInUse = { http, mqtt, twin: twin?.ports.http ?? 0, twin_mqtt: twin?.ports.mqtt ?? 0 };
    let isOpen = false;
    const onTlsPort = (port: number) => {
      ports = { ...ports, mqtt_tls: port };
      if (isOpen) writePorts(home, ports);
    };
    const openHouse = () =>
      startWhole(log, async (inside) => {
        const gateway = await startGateway({
          ...{ config: configWithout(config, gone), dataDir, log, repairs, ports: () => ({ ...ports }) },
          besides: () => (twin === undefined ? [] : [healthOf(twin.process)]),
          mode: options.mode,
          version: options.version,
          mqttPort: mqtt,
          ...(options.mode === "real" ? { lan: { homeFolder: home.folder, pagePort: http, onTlsPort } } : {}),
          ...(link === undefined ? {} : { twin: link }),
          ...(options.print === undefined ? {} : { print: options.print }),
          ...(options.demo === undefined ? {} : { demo: options.demo }),
        });
        inside.defer(gateway.close);
        names = gateway.twinNames;
        twin?.process.tell();
        gateway.onTwinNames(() => twin?.process.tell());
        const door = await startHttp({
          ...{ view: gateway.view, log, pages, port: http, host: config.http.host },
          hosts: [...config.http.hosts, ...homeNames([hostname(), config.gateway.id])],
          access,
          alertText: (alert) => gateway.words.alert(alert),
          names: gateway.words,
          onRefused: (cause) => gateway.refusals.note({ where: "http", ...cause }),
          accounts: gateway.credentials,
          metricsFor: config.http.metrics,
          addresses: () => reachedAt(config.http.host).map((host) => `http://${host}:${http}`),
          departures,
          ...(twin === undefined ? {} : { twin: { url: `http://${loopback}:${twin.ports.http}`, token: twinKey } }),
        });
        inside.defer(door.close);
        return { gateway, close: () => inside.disposeAsync() };
      });
    const departures = createDepartures({
      ...{ home: erased, clock: systemClock(), log, store: () => house.gateway.store },
      async reopen(meanwhile) {
        await house.close();
        const left = meanwhile();
        gone.push(...left);
        for (const person of left) await access.personLeft(person);
        house = await openHouse();
      },
    });
    let house = await openHouse();
    opened.defer(() => house.close());
    opened.defer(departures.close);
    departures.watch();
    isOpen = true;
    writePorts(home, ports);
    trimMemorySoon();
    return {
      get gateway() {
        return house.gateway;
      },
      ...{ ports, access, log, close: () => opened.disposeAsync() },
    };
  });
}

type TwinNames = Gateway["twinNames"];

interface TwinParts {
  readonly claim: (name: "twin" | "twinMqtt") => Promise<number>;
  readonly access: Access;
  readonly twinKey: string;
  readonly names: TwinNames;
  readonly log: Log;
  readonly onRepair: (what: string) => void;
  /** Gets the twin's end as soon as it runs: what follows may fail. */
  readonly opened: AsyncDisposableStack;
}

interface EmbeddedTwin {
  readonly process: TwinProcess;
  readonly ports: { readonly http: number; readonly mqtt: number };
  readonly link: TwinLink;
}

async function embeddedTwin(
  options: AppOptions,
  { claim, access, twinKey, names, log, onRepair, opened }: TwinParts,
): Promise<EmbeddedTwin> {
  const { config, dataDir } = options;
  const gateway = config.gateway.id;
  const dir = join(dataDir, "twin");
  const gatewayDir = join(dataDir, "twin-link");
  const enrolmentDir = join(dir, "enrolment");
  for (const repair of await enrol({ gateway, gatewayDir, twinDir: enrolmentDir })) onRepair(repair);
  await endLeftBehind(dir);
  const ports = { http: await claim("twin"), mqtt: await claim("twinMqtt") };
  const start = {
    ...{ dir, enrolmentDir },
    ...(config.twin.database === undefined ? {} : { database: config.twin.database }),
    keeping: config.twin.keep,
    silentAfterS: config.twin.silentAfterS,
    httpPort: ports.http,
    mqttPort: ports.mqtt,
    // Those who are bound to some persons read them through the gateway.
    tokens: () => [...access.given(), { role: "admin" as const, token: twinKey }].map(({ role, token }) => ({ role, token, gateway })),
    names,
    logLevel: config.log.level,
  };
  const twin = await keepTwin(start, {
    clock: systemClock(),
    random: Math.random,
    onState: (_name, state, error) => {
      if (error === undefined) return;
      log.error({ state, code: error.code, why: error.message }, "the twin does not run; alerts go on at home and it is started again");
    },
  });
  opened.defer(twin.close);
  access.onGivenChanged(twin.tell);
  const port = (await options.wire?.(ports.mqtt)) ?? ports.mqtt;
  return { process: twin, ports, link: { ...loadGatewayEnrolment(gateway, gatewayDir), url: `mqtt://${loopback}:${port}` } };
}

function openHouseAccess({ home, dataDir, mode }: AppOptions, log: Log, onRepair: (what: string) => void): Access {
  const all = mode === "demo";
  return openAccess({
    clock: systemClock(),
    path: accessFile(dataDir),
    given: tokenList(homeTokens(home, { all, onRepair })),
    onRepair,
    audit: (fields, says) => log.info(fields, says),
    replaceGiven: (role) => replaceToken(home, role, { all }),
  });
}

function healthOf(twin: TwinProcess): { part: string; ok: boolean; detail?: string } {
  const detail = twin.missing();
  return { part: "twin", ok: detail === undefined, ...(detail === undefined ? {} : { detail }) };
}

/** Undefined, and told, where the files that make gateway and twin known to each other are missing or damaged: the home watches without its twin. */
function distantTwin({ config, dataDir }: AppOptions, onRepair: (what: string) => void): TwinLink | undefined {
  if (config.twin.url === undefined) return undefined;
  try {
    return {
      ...loadGatewayEnrolment(config.twin.name ?? config.gateway.id, join(dataDir, "twin-link")),
      url: config.twin.url,
      isDistant: true,
    };
  } catch (thrown) {
    onRepair(`Nothing is sent to the twin: ${toGatewayError(thrown).message}`);
    return undefined;
  }
}

/** One Ctrl-C reaches a process of a group more than once: from the terminal, from npm and from the launcher, each as late as a busy machine lets it. */
const samePressMs = 3000;

/**
 * Waits for Ctrl-C or a stop by the service manager; a second press does not wait for a clean end. A closed terminal (SIGHUP) ends a demo; a home
 * where somebody is watched goes on without it.
 */
export function untilStopped({ outlivesTerminal }: { outlivesTerminal: boolean }): Promise<void> {
  let firstMs: number | undefined;
  outliveTerminal();
  return new Promise((resolve) => {
    const onSignal = () => {
      firstMs ??= performance.now();
      if (performance.now() - firstMs > samePressMs) process.exit(130);
      resolve();
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, onSignal);
    process.on("SIGHUP", outlivesTerminal ? () => {} : onSignal);
  });
}
