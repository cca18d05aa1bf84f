/** `hearth twin`: the twin service alone, for a home whose gateway is elsewhere. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { untilStopped } from "../app.ts";
import { type Home, hasConfig, namedSecret, openHome, readPorts, roleTokens, tokenList, writePorts } from "../config/home-folder.ts";
import { environment, homeFolder, parseConfig } from "../config/load.ts";
import { sampleConfig } from "../config/sample.ts";
import { createLog } from "../runtime/log.ts";
import { createServiceNotice } from "../runtime/service-notice.ts";
import { loadTwinEnrolment } from "../twin/enrol.ts";
import { ownDecoders, startTwin } from "../twin/twin.ts";
import { withdrawGateway } from "../twin/withdraw.ts";

/** Throws `twin.not_enrolled` (operator) where no gateway is known. */
export async function twin(): Promise<void> {
  const home = openHome(homeFolder());
  const { dir, enrolment } = foldersOf(home);
  const tokens = roleTokens(home);
  const known = loadTwinEnrolment(enrolment);
  const { ports, log, twin: settings } = configOf(home);
  const serviceLog = createLog({ level: log.level });
  const service = await startTwin({
    ...known,
    ...{ ...placeOf(dir, settings), httpPort: ports.twin, mqttPort: ports.twinMqtt },
    ...(settings.broker === undefined ? {} : { broker: settings.broker }),
    ...(settings.stream === undefined ? {} : { stream: settings.stream, streamReplicas: settings.streamReplicas }),
    keeping: settings.keep,
    tokens: known.listed.flatMap((gateway) => tokenList(tokens).map((each) => ({ ...each, gateway }))),
    decoders: ownDecoders,
    clock: systemClock(),
    log: serviceLog,
  });
  const { http, mqtt } = service.ports;
  writePorts(home, { http: 0, mqtt: 0, ...readPorts(home), twin: http, twin_mqtt: mqtt });
  const line = settings.broker === undefined ? `MQTT on ${mqtt}` : `listening to ${new URL(settings.broker).host}`;
  process.stdout.write(`The twin runs: http://127.0.0.1:${http}/api/v1/people, ${line}\n`);
  const notice = createServiceNotice({ env: environment(), clock: systemClock(), log: serviceLog });
  notice.ready();
  await untilStopped({ outlivesTerminal: true });
  await notice.stopping();
  await service.close();
}

/** Throws `twin.not_enrolled`, `enrol.unknown` (operator), `twin.*`. */
export async function revokeGateway(gateway: string): Promise<void> {
  const home = openHome(homeFolder());
  const { dir, enrolment } = foldersOf(home);
  await withdrawGateway(gateway, placeOf(dir, configOf(home).twin), enrolment);
  const own = existsSync(join(home.folder, "twin-link"));
  const again = own ? " This home's own gateway is enrolled anew whenever it starts beside its twin (twin.embedded)." : "";
  process.stdout.write(`The twin lets ${gateway} in no more and stores nothing of it from now on; what it has sent stays.${again}\n`);
}

/** A home without a hearth.yaml still obeys the environment. */
function configOf(home: Home) {
  const text = hasConfig(home) ? readFileSync(home.configFile, "utf8") : sampleConfig();
  return parseConfig(text, { file: home.configFile, env: environment(), secret: (name) => namedSecret(home, name) });
}

const placeOf = (dir: string, { database }: { readonly database?: string }) => ({ dir, ...(database === undefined ? {} : { database }) });

function foldersOf({ folder }: { readonly folder: string }): { readonly dir: string; readonly enrolment: string } {
  const dir = join(folder, "twin");
  const enrolment = join(dir, "enrolment");
  if (existsSync(enrolment)) return { dir, enrolment };
  const says = `${enrolment} is missing: start the gateway once beside it, or copy the folder from where it was enrolled.`;
  throw new GatewayError("twin.not_enrolled", "operator", says);
}
