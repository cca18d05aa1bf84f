/** Makes the keys, certificates and settings of a fleet, once. Usage: `node_modules/.bin/node deploy/fleet/make.ts [--name HOST] [--state FOLDER]`. */

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { issue, makeAuthority } from "../../gateway/lan/certificate.ts";
import { newSecret } from "../../gateway/runtime/password.ts";
import { writePrivateFile } from "../../gateway/runtime/private-file.ts";
import { ensureTwinKey } from "../../gateway/twin/enrol.ts";
import { makeNatsAccounts, openNatsAccounts } from "../../gateway/twin/ingest/nats-accounts.ts";
import { type Fleet, type FleetPorts, natsSettings, nodes, placesOf, usualFolder, usualPorts, workers } from "./layout.ts";

const { values } = parseArgs({
  options: {
    name: { type: "string", default: hostname().toLowerCase() },
    state: { type: "string", default: usualFolder },
    /** Other ports than the usual ones, as JSON. */
    ports: { type: "string", default: "{}" },
  },
});
const folder = values.state;
const places = placesOf(folder);
const databasePassword = newSecret();
const fleet: Fleet = { name: values.name, ports: { ...usualPorts, ...(JSON.parse(values.ports) as Partial<FleetPorts>) } };

if (existsSync(places.settings)) {
  process.stdout.write(`${folder} is a fleet already: its keys are what gateways know it by, so nothing was changed.\n`);
} else {
  // The folder itself may be passed through: in it only `data` is another user's where root starts it.
  for (const [path, mode] of [
    [folder, 0o711],
    [places.data, 0o711],
    [join(folder, "tls"), 0o755],
    [places.nats, 0o755],
    [places.twin, 0o700],
  ] as const)
    mkdirSync(path, { recursive: true, mode });
  await makeCertificates();
  makeNatsAccounts(places.accounts);
  writePrivateFile(places.databasePassword, databasePassword);
  ensureTwinKey(join(places.twin, "twin", "enrolment"));
  writeTwin();
  writeContainers();
  // Last: it says that the rest is whole.
  writePrivateFile(places.settings, `${JSON.stringify(fleet, null, 2)}\n`);
  process.stdout.write(
    [
      `A fleet for ${fleet.name} is in ${folder}; whoever reads it can read every home's data, so keep it as you keep keys.`,
      `Start it with containers:   docker compose --env-file ${places.composeEnv} -f deploy/fleet/compose.yaml up -d`,
      "or without:                 node_modules/.bin/node deploy/fleet/run.ts",
      "",
    ].join("\n"),
  );
}

async function makeCertificates(): Promise<void> {
  const nowMs = Date.now();
  const authority = await makeAuthority(`fleet ${fleet.name}`, nowMs);
  const names = [...new Set([fleet.name, "localhost", "database", ...nodes, ...workers])];
  const server = await issue(authority, { names, addresses: ["127.0.0.1"] }, nowMs, { isPeer: true });
  const [certificate = "", key = ""] = server.split(/(?=-----BEGIN PRIVATE KEY-----)/);
  writePrivateFile(places.authorityKey, authority.key);
  writePrivateFile(places.key, key);
  for (const [path, text] of [
    [places.authority, authority.certificate],
    [places.certificate, certificate],
  ] as const)
    writeFileSync(path, text, { mode: 0o644 });
}

/** The workers' hearth.yaml, for servers that run here without containers. */
function writeTwin(): void {
  const { ports, name } = fleet;
  const database = `postgres://hearth:${databasePassword}@127.0.0.1:${ports.database}/postgres`;
  writePrivateFile(join(places.twin, "secrets.json"), `${JSON.stringify({ database })}\n`);
  const lines = [
    "# The twin of a fleet, for as many workers as are started with this folder as their HEARTH_HOME.",
    "version: 1",
    "twin:",
    `  broker: mqtts://localhost:${ports.mqtt[0]}`,
    `  stream: ${ports.nats.map((port) => `tls://localhost:${port}`).join(",")}`,
    `  streamReplicas: ${nodes.length}`,
    `  accounts: ${places.accounts}`,
    "  database: !secret database",
    "  reach:",
    "    host: 0.0.0.0",
    `    certificate: ${places.certificate}`,
    `    key: ${places.key}`,
    "    # Written into claims: where homes find this machine.",
    `    twin: https://${name}:${ports.http[0]}`,
    `    broker: mqtts://${name}:${ports.mqtt[0]}`,
    `    ca: ${places.authority}`,
    "",
  ];
  writePrivateFile(join(places.twin, "hearth.yaml"), lines.join("\n"));
}

/** What compose.yaml mounts and reads: the same under the containers' names. */
function writeContainers(): void {
  const accounts = openNatsAccounts(places.accounts);
  const tls = { certificate: "/fleet/tls/server.pem", key: "/fleet/tls/server.key", authority: "/fleet/ca.pem" };
  for (const name of nodes) {
    const ports = { nats: 4222, mqtt: 8883, route: 6222 };
    const routes = nodes.map((node) => `tls://${node}:${ports.route}`);
    const accountLines = accounts.serverLines("/data/accounts");
    const text = natsSettings({ ...{ name, host: "0.0.0.0", ports, routes, tls, accountLines }, data: "/data" });
    writePrivateFile(join(places.nats, `${name}.conf`), text);
  }
  const env = {
    // As whom the workers read what is here.
    FLEET_USER: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
    POSTGRES_PASSWORD: databasePassword,
    HEARTH__TWIN__DATABASE: `postgres://hearth:${databasePassword}@database:5432/hearth?sslmode=verify-full&sslrootcert=/fleet/ca.pem`,
  };
  writePrivateFile(
    places.composeEnv,
    Object.entries(env)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(""),
  );
}
