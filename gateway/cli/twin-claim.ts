/** `hearth twin claim`: at the twin, a file with which one gateway may enrol once. */

import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { openHome, readPorts } from "../config/home-folder.ts";
import { homeFolder } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { isLoopback } from "../runtime/home-network.ts";
import { writePrivateFile } from "../runtime/private-file.ts";
import { type Claim, gatewayIdPattern, makeClaim } from "../twin/claim.ts";
import { ensureTwinKey, loadTwinEnrolment } from "../twin/enrol.ts";
import { openStoreAt } from "../twin/store/open.ts";
import { say } from "./say.ts";
import { foldersOf, twinConfig, twinPlace } from "./twin-home.ts";

const longestHours = 24 * 30;

/** Throws `enrol.bad_id`, `enrol.taken`, `enrol.unreachable`, `enrol.bad_hours` (operator), `twin.*`. */
export async function claimGateway(gateway: string, { hours, out, json }: { hours: number; out?: string; json: boolean }): Promise<void> {
  if (!new RegExp(gatewayIdPattern).test(gateway))
    throw new GatewayError("enrol.bad_id", "operator", `'${gateway}' is no gateway id (a-z, 0-9 and dash, 32 at most).`);
  if (!(hours > 0 && hours <= longestHours))
    throw new GatewayError("enrol.bad_hours", "operator", `A claim lasts for more than 0 and at most ${longestHours} hours.`);
  const home = openHome(homeFolder());
  const { dir, enrolment } = foldersOf(home);
  const key = ensureTwinKey(enrolment);
  if (loadTwinEnrolment(enrolment).listed.includes(gateway)) {
    const says = `${gateway} is enrolled through ${join(enrolment, "gateways", gateway)}: revoke it first ('hearth twin revoke ${gateway}'), or claim another id.`;
    throw new GatewayError("enrol.taken", "operator", says);
  }
  const settings = twinConfig(home);
  const where = { gateway, ...reachOf(settings, readPorts(home)) };
  const nowUs = Date.now() * 1000;
  const { claim, stored } = makeClaim(where, key, nowUs + Math.round(hours * 3600e6));
  const store = await openStoreAt(twinPlace(dir, settings.twin), () => {});
  try {
    await store.putClaim(stored, { by: whoAsks(), atUs: nowUs });
  } finally {
    await store.close();
  }
  const file = resolve(out ?? `${gateway}.claim`);
  writePrivateFile(file, `${JSON.stringify(claim, null, 2)}\n`);
  const words = [
    `${file} enrols ${gateway}, once, until ${claim.expires}: whoever has this file can use it, so carry it there as you would a password.`,
    `At home: hearth twin join ${gateway}.claim`,
  ];
  say({ json }, { file, gateway, expires: claim.expires, twin: claim.twin, broker: claim.broker }, words.join("\n"));
}

/** Of who works at the twin's shell. */
export function whoAsks(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no name.
    return `user ${process.getuid?.() ?? "?"}`;
  }
}

/** Where homes find this twin: as `twin.reach` says, else on this machine. */
function reachOf({ twin: { reach, broker: far } }: Config, ports: ReturnType<typeof readPorts>): Pick<Claim, "twin" | "broker" | "ca"> {
  const own = {
    twin: ports && `http://127.0.0.1:${ports.twin}`,
    broker: ports && (far === undefined ? `mqtt://127.0.0.1:${ports.twin_mqtt}` : bare(far)),
  };
  const [twin, broker] = [reach.twin ?? own.twin, reach.broker ?? own.broker];
  if (twin === undefined || broker === undefined) {
    const says =
      "It is not known yet where this twin listens: start it once ('hearth twin'), or name twin.reach.twin and twin.reach.broker.";
    throw new GatewayError("enrol.unreachable", "operator", says);
  }
  for (const [name, url] of Object.entries({ twin, broker }))
    if (!/^(https|mqtts):/.test(url) && !isLoopback(new URL(url).hostname)) {
      const says = `twin.reach.${name} is ${url}, and what goes there could be read on the way; accepted: https:// and mqtts://, or this machine.`;
      throw new GatewayError("enrol.plain_text", "operator", says);
    }
  return { twin, broker, ...(reach.ca === undefined ? {} : { ca: readCa(reach.ca) }) };
}

/** Without the twin's own account. */
function bare(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

function readCa(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new GatewayError("enrol.no_ca", "operator", `twin.reach.ca names ${file}, which cannot be read.`, { cause });
  }
}
