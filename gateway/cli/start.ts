/** `hearth run`, `hearth demo` and `npm start`, which is one or the other. */

import { systemClock } from "../../device-drivers/contract/clock.ts";
import { driverRegistry } from "../../device-drivers/index.ts";
import type { Holder } from "../access/grant.ts";
import { invitationLines } from "../access/invite.ts";
import { openApp, untilStopped } from "../app.ts";
import { hasConfig, lockHome, namedSecret, openHome } from "../config/home-folder.ts";
import { environment, homeFolder, loadConfig } from "../config/load.ts";
import { startDemo } from "../demo/demo.ts";
import { reachedAt } from "../runtime/home-network.ts";
import { createServiceNotice } from "../runtime/service-notice.ts";
import { productVersion } from "../runtime/version.ts";

interface DemoArguments {
  readonly keep: boolean;
  readonly lan: boolean;
}

export async function start({ lan }: { lan: boolean }): Promise<void> {
  if (hasConfig(openHome(homeFolder()))) await run({ lan });
  else await demo({ keep: false, lan });
}

/**
 * Throws `config.*` with line and key, `home.in_use`, `home.port_busy` with the port's name.
 *
 * @param lan the page is open to the home network this time, whatever http.host of the file says
 */
export async function run({ lan }: { lan: boolean }): Promise<void> {
  const home = openHome(homeFolder());
  const config = loadConfig(home.configFile, {
    env: { ...(lan ? pageOnLan : {}), ...environment() },
    secret: (name) => namedSecret(home, name),
    drivers: Object.keys(driverRegistry),
  });
  const unlock = lockHome(home, process.pid);
  // Before anything opens: a stop while it starts ends cleanly too.
  const stopped = untilStopped({ outlivesTerminal: true });
  try {
    const house = await openApp({ home, config, dataDir: home.folder, mode: "real", version: productVersion(), portFallback: false });
    const notice = createServiceNotice({ env: environment(), clock: systemClock(), log: house.log });
    notice.ready();
    house.log.info({ ...house.ports, recovered: house.gateway.recovered }, "the gateway runs");
    say("Hearth runs.");
    // On a phone whose holder must be told whom it shows, where several persons live here.
    const persons = house.gateway.view.people().map(({ id }) => id);
    const phone: Holder | undefined = persons.length === 1 ? { role: "caregiver", persons } : undefined;
    const invited = { port: house.ports.http, addresses: reachedAt(config.http.host), here: { role: "admin" } as const, phone };
    for (const line of invitationLines(house.access, invited)) say(line);
    await stopped;
    await notice.stopping();
    await house.close();
  } finally {
    unlock();
  }
}

export async function demo(options: DemoArguments): Promise<void> {
  const home = openHome(homeFolder());
  const unlock = lockHome(home, process.pid);
  // Before anything opens: a stop while it starts ends cleanly too.
  const stopped = untilStopped({ outlivesTerminal: false });
  try {
    const running = await startDemo({ home, ...options, version: productVersion(), print: say });
    if (!hasConfig(home)) say("  home   'npm run hearth -- init' makes one of your own; 'npm start' runs it from then on.");
    await stopped;
    await running.close();
    say("Everything has ended. 'npm start' begins a new demo.");
  } finally {
    unlock();
  }
}

const pageOnLan = { HEARTH__HTTP__HOST: "0.0.0.0" };

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
