/** `hearth twin`: the twin service alone, for a home whose gateway is elsewhere. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { untilStopped } from "../app.ts";
import { type Home, openHome, readPorts, roleTokens, tokenList, writePorts } from "../config/home-folder.ts";
import { environment, homeFolder } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { createLog } from "../runtime/log.ts";
import { createServiceNotice } from "../runtime/service-notice.ts";
import { loadTwinEnrolment } from "../twin/enrol.ts";
import { ownDecoders, startTwin } from "../twin/twin.ts";
import { withdrawGateway } from "../twin/withdraw.ts";
import { type Json, say } from "./say.ts";
import { whoAsks } from "./twin-claim.ts";
import { foldersOf, twinConfig, twinPlace } from "./twin-home.ts";

/** Throws `twin.not_enrolled` (operator) where no gateway is known. */
export async function twin(): Promise<void> {
  const home = openHome(homeFolder());
  const { dir, enrolment } = enrolledFoldersOf(home);
  const tokens = roleTokens(home);
  const known = loadTwinEnrolment(enrolment);
  const { ports, log, twin: settings } = twinConfig(home);
  const serviceLog = createLog({ level: log.level });
  const service = await startTwin({
    ...known,
    ...{ ...twinPlace(dir, settings), httpPort: ports.twin, mqttPort: ports.twinMqtt },
    ...(settings.broker === undefined ? {} : { broker: settings.broker }),
    ...(settings.stream === undefined ? {} : { stream: settings.stream, streamReplicas: settings.streamReplicas }),
    ...(settings.accounts === undefined ? {} : { accounts: settings.accounts }),
    keeping: settings.keep,
    silentAfterS: settings.silentAfterS,
    reach: reachOf(settings),
    tokens: [],
    tokensOf: (gateways) => gateways.flatMap((gateway) => tokenList(tokens).map((each) => ({ ...each, gateway }))),
    decoders: ownDecoders,
    clock: systemClock(),
    log: serviceLog,
  });
  const { http, mqtt } = service.ports;
  writePorts(home, { http: 0, mqtt: 0, ...readPorts(home), twin: http, twin_mqtt: mqtt });
  const line = settings.broker === undefined ? `MQTT on ${mqtt}` : `listening to ${new URL(settings.broker).host}`;
  process.stdout.write(`The twin runs: ${settings.reach.certificate === undefined ? "http" : "https"}://127.0.0.1:${http}/, ${line}\n`);
  const notice = createServiceNotice({ env: environment(), clock: systemClock(), log: serviceLog });
  notice.ready();
  await untilStopped({ outlivesTerminal: true });
  await notice.stopping();
  await service.close();
}

/** Throws `twin.not_enrolled`, `enrol.unknown` (operator), `twin.*`. */
export async function revokeGateway(gateway: string, options: Json): Promise<void> {
  const home = openHome(homeFolder());
  const { dir, enrolment } = enrolledFoldersOf(home);
  await withdrawGateway(gateway, twinPlace(dir, twinConfig(home).twin), enrolment, { by: whoAsks(), atUs: Date.now() * 1000 });
  const own = existsSync(join(home.folder, "twin-link"));
  const again = own ? " This home's own gateway is enrolled anew whenever it starts beside its twin (twin.embedded)." : "";
  const words = `The twin lets ${gateway} in no more and stores nothing of it from now on; what it has sent stays.${again}`;
  say(options, { gateway, revoked: true }, words);
}

/** Throws `twin.no_certificate` (operator). */
function reachOf({ reach: { host, certificate, key, twin: url } }: Config["twin"]): NonNullable<Parameters<typeof startTwin>[0]["reach"]> {
  const names = url === undefined ? [] : [new URL(url).hostname];
  if (certificate === undefined || key === undefined) return { host, names };
  try {
    return { host, names, tls: { cert: readFileSync(certificate, "utf8"), key: readFileSync(key, "utf8") } };
  } catch (cause) {
    throw new GatewayError("twin.no_certificate", "operator", "The files of twin.reach.certificate and twin.reach.key cannot be read.", {
      cause,
    });
  }
}

/** Throws `twin.not_enrolled` (operator): a mistyped HEARTH_HOME is no empty twin. */
function enrolledFoldersOf(home: Home): ReturnType<typeof foldersOf> {
  const found = foldersOf(home);
  if (existsSync(found.enrolment)) return found;
  const says = `${found.enrolment} is missing: make a claim for a gateway ('hearth twin claim GATEWAY'), or start a gateway once beside it.`;
  throw new GatewayError("twin.not_enrolled", "operator", says);
}
