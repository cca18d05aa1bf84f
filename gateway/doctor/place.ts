/** Where a home will be or is: its folder, the disk's room, its settings, its ports. It makes nothing. */

import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import { driverRegistry } from "../../device-drivers/index.ts";
import { claimPort } from "../config/home-folder.ts";
import { environment, loadConfig, parseConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { sizeText } from "../runtime/text-table.ts";
import type { Check } from "./check.ts";

/** Alerts, marks and a start need this much. */
const leastBytes = 200e6;

/** @param isRunning true while this home's own gateway holds the ports. */
export async function checkPlace(folder: string, isRunning: boolean): Promise<Check[]> {
  const ground = nearestExisting(folder);
  const folderCheck = checkFolder(folder, ground);
  const hasConfig = existsSync(join(folder, "hearth.yaml"));
  try {
    const config = readConfig(folder, hasConfig);
    const settings = hasConfig ? "hearth.yaml is right" : "no hearth.yaml yet: 'npm start' is a demo, 'hearth init' makes a home";
    return [
      folderCheck,
      { name: "settings", state: "ok", says: settings },
      checkDisk(ground, config.journal.maxBytes),
      await checkPorts(config, { isRunning, isDemo: !hasConfig }),
    ];
  } catch (thrown) {
    return [folderCheck, { name: "settings", state: "bad", says: toGatewayError(thrown).message }];
  }
}

function nearestExisting(folder: string): string {
  let ground = folder;
  while (!existsSync(ground)) ground = dirname(ground);
  return ground;
}

function readConfig(folder: string, hasConfig: boolean): Config {
  if (!hasConfig) return parseConfig("version: 1\n", { file: "the defaults", env: environment() });
  // A secret that is missing is named at the start; here any value does.
  return loadConfig(join(folder, "hearth.yaml"), { secret: () => "secret", drivers: Object.keys(driverRegistry) });
}

function checkFolder(folder: string, ground: string): Check {
  const found = statSync(ground);
  const name = "home";
  if (!found.isDirectory()) return { name, state: "bad", says: `${ground} is no folder; set HEARTH_HOME to one.` };
  try {
    accessSync(ground, constants.W_OK | constants.X_OK);
  } catch {
    return { name, state: "bad", says: `This user may not write in ${ground}; set HEARTH_HOME to a folder of yours.` };
  }
  if (ground !== folder) return { name, state: "ok", says: `${folder} will be made` };
  if (process.getuid !== undefined && found.uid !== process.getuid())
    return { name, state: "warning", says: `${folder} belongs to another user (${found.uid}), who can read it.` };
  if ((found.mode & 0o077) !== 0)
    return { name, state: "warning", says: `Others may look into ${folder}; the next start closes it to them.` };
  return { name, state: "ok", says: `${folder}, its owner's alone` };
}

function checkDisk(ground: string, journalBytes: number): Check {
  const { bavail, bsize } = statfsSync(ground);
  const free = bavail * bsize;
  if (free < leastBytes) return { name: "disk", state: "bad", says: `${sizeText(free)} are free; ${sizeText(leastBytes)} are the least.` };
  if (free < journalBytes)
    return {
      name: "disk",
      state: "warning",
      says: `${sizeText(free)} are free and the journal may take ${sizeText(journalBytes)}; lower journal.maxBytes in hearth.yaml.`,
    };
  return { name: "disk", state: "ok", says: `${sizeText(free)} are free` };
}

async function checkPorts(config: Config, { isRunning, isDemo }: { isRunning: boolean; isDemo: boolean }): Promise<Check> {
  const name = "ports";
  if (isRunning) return { name, state: "ok", says: "in use by the Hearth that runs here" };
  const busy: string[] = [];
  for (const [key, port] of Object.entries(config.ports)) {
    const host = key === "http" ? config.http.host : "127.0.0.1";
    await claimPort(port, host, { name: key, fallback: false }).catch((error: Error) => busy.push(error.message));
  }
  if (busy.length === 0) return { name, state: "ok", says: `${Object.values(config.ports).join(", ")} are free` };
  return { name, state: isDemo ? "warning" : "bad", says: `${busy.join(" ")}${isDemo ? " The demo takes free ones instead." : ""}` };
}
