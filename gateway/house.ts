/** Everything that runs at home: twin (when embedded), gateway, page; opened in this order, closed in reverse. `run` and the demo differ only in what they pass. */

import { join } from "node:path";
import { systemClock } from "../device-drivers/contract/clock.ts";
import type { Config } from "./config-schema.ts";
import { type Gateway, type GatewayOptions, startGateway } from "./gateway.ts";
import { claimPort, type Home, type PortsInUse, type RoleTokens, roleTokens, tokenList, writePorts } from "./home.ts";
import { isLoopback } from "./ops/guard.ts";
import { startHttp } from "./ops/http.ts";
import { createLog, type Log, outliveTerminal } from "./ops/log.ts";
import { settleSoon } from "./ops/settle.ts";
import type { TwinLink } from "./outward.ts";
import { enrol, loadGatewayEnrolment } from "./twin/enrol.ts";
import { keepTwin, type TwinProcess } from "./twin-process.ts";
import { createPages } from "./web/bundle.ts";

export interface HouseOptions {
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

export interface House {
  readonly gateway: Gateway;
  readonly ports: PortsInUse;
  readonly tokens: RoleTokens;
  readonly log: Log;
  close(): Promise<void>;
}

const loopback = "127.0.0.1";

export async function openHouse(options: HouseOptions): Promise<House> {
  const { config, home, dataDir } = options;
  const log = createLog({ level: config.log.level });
  const tokens = roleTokens(home);
  const claim = (name: keyof Config["ports"], host = loopback) =>
    claimPort(config.ports[name], host, { name, fallback: options.portFallback });
  const http = await claim("http", config.http.host);
  if (!isLoopback(config.http.host))
    log.warn({ host: config.http.host }, "the page is open to the home network in plain HTTP; its tokens can be read there");
  const mqtt = await claim("mqtt");
  const pages = createPages();
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const twin = config.twin.embedded ? await embeddedTwin(options, { claim, tokens, log }) : undefined;
    if (twin !== undefined) closers.push(twin.process.close);
    const link = twin?.link ?? distantTwin(options);
    const ports: PortsInUse = { http, mqtt, twin: twin?.process.ports.http ?? 0, twin_mqtt: twin?.process.ports.mqtt ?? 0 };
    const gateway = await startGateway({
      ...{ config, dataDir, log, ports: () => ({ ...ports }) },
      mode: options.mode,
      version: options.version,
      mqttPort: mqtt,
      ...(link === undefined ? {} : { twin: link }),
      ...(options.print === undefined ? {} : { print: options.print }),
      ...(options.demo === undefined ? {} : { demo: options.demo }),
    });
    closers.push(gateway.close);
    const door = await startHttp({
      ...{ view: gateway.view, log, pages, port: http, host: config.http.host },
      tokens: tokenList(tokens),
      alertText: (alert) => gateway.words.alert(alert),
      ...(twin === undefined ? {} : { twin: { url: `http://${loopback}:${twin.process.ports.http}`, token: tokens.admin } }),
    });
    closers.push(door.close);
    writePorts(home, ports);
    settleSoon();
    return { gateway, ports, tokens, log, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

interface TwinParts {
  readonly claim: (name: "twin" | "twinMqtt") => Promise<number>;
  readonly tokens: RoleTokens;
  readonly log: Log;
}

async function embeddedTwin(options: HouseOptions, { claim, tokens, log }: TwinParts): Promise<{ process: TwinProcess; link: TwinLink }> {
  const { config, dataDir } = options;
  const gateway = config.gateway.id;
  const gatewayDir = join(dataDir, "twin-link");
  const enrolmentDir = join(dataDir, "twin", "enrolment");
  await enrol({ gateway, gatewayDir, twinDir: enrolmentDir });
  const start = {
    dir: join(dataDir, "twin"),
    enrolmentDir,
    httpPort: await claim("twin"),
    mqttPort: await claim("twinMqtt"),
    tokens: tokenList(tokens).map((each) => ({ ...each, gateway })),
    logLevel: config.log.level,
  };
  const twin = await keepTwin(start, {
    clock: systemClock(),
    random: Math.random,
    onState: (_name, state, error) => {
      if (error !== undefined) log.error({ state, code: error.code }, "the twin has ended; alerts go on at home and it is started again");
    },
  });
  const port = (await options.wire?.(twin.ports.mqtt)) ?? twin.ports.mqtt;
  return { process: twin, link: { ...loadGatewayEnrolment(gateway, gatewayDir), url: `mqtt://${loopback}:${port}` } };
}

/** Throws `enrol.incomplete` where nobody has enrolled this gateway with the twin that the configuration names. */
function distantTwin({ config, dataDir }: HouseOptions): TwinLink | undefined {
  if (config.twin.url === undefined) return undefined;
  return { ...loadGatewayEnrolment(config.gateway.id, join(dataDir, "twin-link")), url: config.twin.url };
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
