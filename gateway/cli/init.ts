/** `hearth init`: makes a home that can be run: secrets, a first person, a first device with its MQTT account, hearth.yaml with comments. */

import { join } from "node:path";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { openAccess } from "../access/access.ts";
import { accessFile } from "../access/access-file.ts";
import { type Home, hasConfig, homeTokens, namedSecret, openHome, readPorts, writePrivate } from "../config/home-folder.ts";
import { environment, homeFolder, loadConfig, parseConfig } from "../config/load.ts";
import { sampleConfig } from "../config/sample.ts";
import { openCredentials } from "../ingest/credentials.ts";
import { exampleLine } from "../lan/reach.ts";
import { reachedAt } from "../runtime/home-network.ts";
import { certificateLines, certificateOf } from "./cert.ts";

const person = "person-a";
const device = "chest-strap";

interface InitArguments {
  readonly person: string;
  readonly json: boolean;
  readonly device?: string;
  readonly integrator?: string;
}

/** Never writes over a hearth.yaml: throws `home.exists` (operator). */
export async function init({ person: name, json, device: more, integrator }: InitArguments): Promise<void> {
  const home = openHome(homeFolder());
  if (more !== undefined || integrator !== undefined)
    return addAccount(home, { user: more ?? integrator ?? "", role: more === undefined ? "integrator" : "device", json });
  if (hasConfig(home))
    throw new GatewayError(
      "home.exists",
      "operator",
      `${home.configFile} is there already; edit it, or set HEARTH_HOME to another folder.`,
    );
  const config = sampleConfig({
    people: [{ id: person, name, profile: {} }],
    devices: [
      {
        id: device,
        title: "Chest strap",
        driver: "hearth-stream",
        link: { kind: "mqtt" },
        options: {},
        wornBy: person,
        placement: "chest",
      },
    ],
  });
  // Before anything is written: nobody gets a home that will not run.
  const settings = parseConfig(config, { file: "the new hearth.yaml", env: environment() });
  const { ports } = settings;
  const site = settings.gateway.id;
  homeTokens(home, { all: false });
  const clock = systemClock();
  const access = openAccess({ clock, path: accessFile(home.folder) });
  // Who is watched and who cares for them see the first person; whoever moves in later is added by 'hearth token bind'.
  const patient = await access.addToken({ role: "patient", persons: [person] }, "init");
  const caregiver = await access.addToken({ role: "caregiver", persons: [person] }, "init");
  access.close();
  const credentials = await openCredentials({ path: join(home.folder, "accounts.json"), clock });
  const password = await credentials.issue({ user: device, role: "device", site });
  writePrivate(home.configFile, config);
  const certificate = await certificateOf(home.folder, settings);
  const [host = "127.0.0.1"] = reachedAt("0.0.0.0");
  const ca = certificate.authority?.file ?? "";
  const example = exampleLine({
    host,
    port: ports.mqttTls === 0 ? (readPorts(home)?.mqtt_tls ?? "PORT") : ports.mqttTls,
    ca,
    site,
    device,
    password,
  });
  const account = { url: addressOf(home, ports.mqtt), user: device, password, topic: `hearth/v1/${site}/${device}/<stream>/raw` };
  if (json) {
    const shown = [patient, caregiver].map(({ token, grant: { id, role, persons } }) => ({ id, role, persons, token }));
    process.stdout.write(
      `${JSON.stringify({ home: home.folder, config: home.configFile, tokens: home.tokensFile, role_tokens: shown, device: account, certificate, example })}\n`,
    );
    return;
  }
  process.stdout.write(
    [
      `A home for ${name} is in ${home.folder}.`,
      `  settings     ${home.configFile}`,
      `  tokens       patient "${patient.token}", caregiver "${caregiver.token}" (shown only now; they see ${person} alone), admin in ${home.tokensFile}`,
      `  first device MQTT user "${device}", password "${password}" (shown only now), ${account.url}, topics ${account.topic}`,
      "  over Wi-Fi   MQTT with TLS; once it runs, this sends one temperature from any machine that has the file ca.pem:",
      ...[...certificateLines(certificate), example].map((line) => `               ${line}`),
      "  first trace  'npm start', then the first line of device-drivers/hearth-stream/README.md",
      "'npm start' runs it. Hearth is not a medical device and does not replace emergency services.",
      "",
    ].join("\n"),
  );
}

/** A new password is shown once and kept only as a hash. A running gateway reads its accounts at its next start. */
async function addAccount(home: Home, { user, role, json }: { user: string; role: "device" | "integrator"; json: boolean }): Promise<void> {
  const config = loadConfig(home.configFile, { secret: (name) => namedSecret(home, name) });
  if (role === "device" && !config.devices.some(({ id }) => id === user))
    throw new GatewayError(
      "home.unknown_device",
      "operator",
      `${home.configFile} names no device "${user}". While the gateway runs, 'hearth devices add' makes one, and 'hearth devices password ${user}' a new password for one that it made.`,
    );
  if (role === "integrator" && config.devices.some(({ id }) => id === user))
    throw new GatewayError(
      "home.device_account",
      "operator",
      `"${user}" is the account of a device; choose another name for the integrator.`,
    );
  const credentials = await openCredentials({ path: join(home.folder, "accounts.json"), clock: systemClock() });
  const password = await credentials.issue({ user, role, site: config.gateway.id });
  const url = addressOf(home, config.ports.mqtt);
  process.stdout.write(
    json
      ? `${JSON.stringify({ url, user, role, password })}\n`
      : `MQTT account: user "${user}" (${role}), password "${password}" (shown only now), ${url}. Start the gateway again if it runs.\n`,
  );
}

/** Where port 0 leaves the choice to the start: the one that was chosen last. */
function addressOf(home: Home, port: number): string {
  return `mqtt://127.0.0.1:${port === 0 ? (readPorts(home)?.mqtt ?? "PORT (mqtt in ports.json once it runs)") : port}`;
}
