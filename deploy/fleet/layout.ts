/** What stands where in a fleet of one machine: three NATS nodes, two workers, one PostgreSQL. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const nodes = ["nats-1", "nats-2", "nats-3"] as const;
export const workers = ["worker-1", "worker-2"] as const;

export interface FleetPorts {
  readonly database: number;
  /** Of each node: NATS for workers, MQTT for gateways, the other nodes. */
  readonly nats: readonly number[];
  readonly mqtt: readonly number[];
  readonly routes: readonly number[];
  /** Of each worker: page and REST. */
  readonly http: readonly number[];
}

/** Beside a home's own ports, so that a home may run on the same machine. */
export const usualPorts: FleetPorts = {
  ...{ database: 9432, nats: [9221, 9222, 9223], mqtt: [9883, 9884, 9885] },
  ...{ routes: [9621, 9622, 9623], http: [9098, 9099] },
};

export interface Fleet {
  /** Under which name homes find this machine. */
  readonly name: string;
  readonly ports: FleetPorts;
}

/** Everything that is made is in `folder`, and nothing of it belongs into a repository. */
export const placesOf = (folder: string) => ({
  settings: join(folder, "fleet.json"),
  authority: join(folder, "ca.pem"),
  authorityKey: join(folder, "ca.key"),
  /** Certificate and key of every server here. */
  certificate: join(folder, "tls", "server.pem"),
  key: join(folder, "tls", "server.key"),
  accounts: join(folder, "accounts"),
  nats: join(folder, "nats"),
  /** The home of the workers. */
  twin: join(folder, "twin"),
  databasePassword: join(folder, "database-password"),
  composeEnv: join(folder, "compose.env"),
  data: join(folder, "data"),
});

export const usualFolder = fileURLToPath(new URL("state", import.meta.url));

export function readFleet(folder: string): Fleet {
  return JSON.parse(readFileSync(placesOf(folder).settings, "utf8")) as Fleet;
}

/** A node's settings; a list of users it has none (`accounts` says how it knows them). */
export function natsSettings(options: {
  readonly name: string;
  readonly host: string;
  readonly ports: { readonly nats: number; readonly mqtt: number; readonly route: number };
  readonly routes: readonly string[];
  readonly tls: { readonly certificate: string; readonly key: string; readonly authority: string };
  readonly data: string;
  readonly accountLines: readonly string[];
}): string {
  const { name, host, ports, routes, tls, data } = options;
  const files = `cert_file: "${tls.certificate}", key_file: "${tls.key}"`;
  return [
    `server_name: ${name}`,
    `listen: "${host}:${ports.nats}"`,
    `tls { ${files} }`,
    `jetstream { store_dir: "${join(data, "stream")}" }`,
    // Each message and each session on all three: one may be killed.
    `mqtt { listen: "${host}:${ports.mqtt}", stream_replicas: ${nodes.length}, tls { ${files} } }`,
    `cluster {`,
    `  name: hearth`,
    `  listen: "${host}:${ports.route}"`,
    `  routes: [${routes.map((route) => `"${route}"`).join(", ")}]`,
    // The nodes know each other by the fleet's own authority.
    `  tls { ${files}, ca_file: "${tls.authority}" }`,
    `  no_advertise: true`,
    `}`,
    ...options.accountLines,
    "",
  ].join("\n");
}
