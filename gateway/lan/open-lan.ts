/** How the home network reaches this home: certificate, doors and name together, looked at every ten seconds, and what of it people and devices must know. */

import { isIPv6 } from "node:net";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Config } from "../config/schema.ts";
import type { Broker } from "../ingest/broker-port.ts";
import { homeAddresses, reachedAt } from "../runtime/home-network.ts";
import type { Log } from "../runtime/log.ts";
import { createAnnouncer } from "./announce.ts";
import { certificateFiles } from "./certificate-files.ts";
import { createCertificateKeeper, warnDays, warningOf } from "./certificate-keeper.ts";
import { hostOf } from "./dns-answers.ts";
import { createLanDoors } from "./doors.ts";
import { type Reach, reachOf } from "./reach.ts";
import { homeName, isAnnounced, ownCertificate, servicesOf, subjectOf, wishesOf } from "./settings.ts";

type CertificateWarning = `certificate.${(typeof warnDays)[number]}-days`;

interface LanParts {
  readonly options: { readonly config: Pick<Config, "gateway" | "http" | "mqtt" | "network" | "ports"> };
  readonly broker: Pick<Broker, "open" | "port">;
  readonly clock: Clock;
  readonly log: Log;
  /** Gets the end of all this. */
  readonly opened: AsyncDisposableStack;
  /** Told in one sentence what was damaged and replaced. */
  readonly onDamage: (what: string) => void;
  /** Alerts of the gateway itself. */
  readonly set: (rule: CertificateWarning, isTrue: boolean) => void;
}

/** What a home needs whose broker is reached from the home network. */
export interface HomeDoors {
  /** Holds the folder `tls`. */
  readonly homeFolder: string;
  readonly pagePort: number;
  /** Told the port that has TLS, 0 while there is none. */
  readonly onTlsPort: (port: number) => void;
}

export interface Lan {
  reach(): Reach;
  /** The doors as a part of the house: whether they are open, or why not. */
  networkHealth(): { readonly part: string; readonly ok: boolean; readonly detail?: string }[];
  /** Seconds until the certificate ends; undefined where there is none. */
  certificateLeftS(): number | undefined;
}

const checkMs = 10_000;
const everywhere = "0.0.0.0";

/** Never rejects: a home whose doors to the network stay shut watches what comes by its others. Without `asked` it has none. */
export async function openLan(parts: LanParts, asked: HomeDoors | undefined): Promise<Lan> {
  const { broker, clock, log } = parts;
  const { config } = parts.options;
  if (asked === undefined) return { reach: () => reachOf(config, broker.port), networkHealth: () => [], certificateLeftS: () => undefined };
  const { mqtt } = config;
  const name = homeName(config);
  const nowMs = () => clock.wallUs() / 1000;
  const keeper = createCertificateKeeper({
    home: config.gateway.id,
    files: ownCertificate(config) ?? certificateFiles(asked.homeFolder),
    subject: () => subjectOf(config),
    nowMs,
    onChange(presented) {
      doors.present(presented);
      log.info({ until: presented.certificate.validToDate.toISOString() }, "the doors to the home network have a new certificate");
    },
    onRepair: parts.onDamage,
  });
  const doors = createLanDoors({
    broker,
    wishes: wishesOf(config, broker.port),
    addresses: homeAddresses,
    onFault: (fault) => log.warn({ fault }, "a door to the home network is not open"),
    onOpen: ({ wish, host, port }) => log.info({ door: wish.name, host, port }, "a door to the home network is open"),
  });
  const announcer = isAnnounced(config)
    ? createAnnouncer({
        clock,
        announced: () => ({
          name,
          addresses: [...reachedAt(everywhere), ...localV6()],
          services: servicesOf(config, tlsPort(), asked.pagePort),
        }),
      })
    : undefined;
  const localV6 = () => doors.open().flatMap(({ wish, host }) => (wish.isTls && isIPv6(host) ? [host] : []));
  const tlsPort = () => doors.open().find(({ wish }) => wish.isTls)?.port ?? 0;

  let toldFault: string | undefined;
  let toldPort = 0;
  const check = async () => {
    if (mqtt.lan !== "none") await keeper.check();
    const fault = keeper.fault();
    if (fault !== undefined && fault !== toldFault) log.warn({ fault }, "the certificate for devices is not as it should be");
    toldFault = fault;
    await doors.check();
    announcer?.check();
    if (toldPort !== tlsPort()) asked.onTlsPort(tlsPort());
    toldPort = tlsPort();
    const current = keeper.current();
    const warning = current === undefined ? undefined : warningOf(current.certificate, nowMs());
    for (const days of warnDays) parts.set(`certificate.${days}-days`, days === warning);
  };
  const look = () => check().catch((error) => log.error({ err: error }, "the doors to the home network could not be looked at"));
  await look();
  const stop = clock.every(checkMs, () => void look());

  parts.opened.defer(async () => {
    stop();
    await announcer?.close();
    await doors.close();
  });
  const faults = () => [keeper.fault(), ...doors.faults(), announcer?.fault()].flatMap((fault) => fault ?? []);
  return {
    reach: () =>
      reachOf(config, broker.port, {
        ...openTls(),
        plain: doors.open().flatMap(({ wish, host, port }) => (wish.isTls ? [] : [{ host, port }])),
        faults: faults(),
      }),
    networkHealth() {
      const detail = faults().join(" ");
      return [{ part: "home network", ok: detail === "", ...(detail === "" ? {} : { detail }) }];
    },
    certificateLeftS() {
      const current = keeper.current();
      return current === undefined ? undefined : (current.certificate.validToDate.getTime() - nowMs()) / 1000;
    },
  };

  function openTls() {
    const open = doors.open().filter(({ wish }) => wish.isTls);
    const presented = keeper.current();
    const port = tlsPort();
    if (port === 0 || presented === undefined) return {};
    const isNamed = announcer !== undefined && announcer.fault() === undefined;
    // The certificate names no address of IPv6 that comes and goes: such a device uses the name.
    const hosts = open.flatMap(({ host }) => (isIPv6(host) && host !== mqtt.lan ? [] : reachedAt(host)));
    return { tls: { port, hosts: [...hosts, ...(isNamed ? [hostOf(name)] : [])], presented } };
  }
}
