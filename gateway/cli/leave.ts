/** `hearth leave PERSON`: erases a person from home and twin, with the gateway running (over its REST door) or stopped. */

import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { driverRegistry } from "../../device-drivers/index.ts";
import { hasConfig, lockHome, namedSecret, openHome } from "../config/home-folder.ts";
import { homeFolder, loadConfig } from "../config/load.ts";
import { erasedHome } from "../leave/erased-home.ts";
import { carryOutLeavings, decideLeaving, peopleInStore } from "../leave/leave.ts";
import { openReceipts, type Receipt, receiptText } from "../leave/receipts.ts";
import { askGateway, isNotRunning } from "./running-gateway.ts";
import { type Json, say } from "./say.ts";

interface LeaveArguments extends Json {
  readonly yes: boolean;
}

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Throws `leave.*`, `home.in_use` (operator), and what the gateway or the disk refuses. */
export async function leave(who: string, { yes, json }: LeaveArguments): Promise<void> {
  const find = (people: readonly Named[]): Named | undefined => people.find(({ id, name }) => id === who || name === who);
  const confirm = (person: Named) => (yes ? Promise.resolve(person.name) : askForName(person));
  const people = await peopleOfRunning();
  const receipt = people === undefined ? await leaveStopped(find, confirm) : await leaveRunning(find(people), confirm);
  if (receipt === undefined) throw new GatewayError("leave.unknown", "operator", `Nobody with the id or name "${who}" lives in this home.`);
  say({ json }, receipt, receiptText(receipt));
}

/** Undefined where no gateway runs. */
async function peopleOfRunning(): Promise<Named[] | undefined> {
  try {
    return (await askGateway("people")).people as Named[];
  } catch (thrown) {
    if (isNotRunning(thrown)) return undefined;
    throw thrown;
  }
}

/** It closes for a moment, and has the receipt when everything at home is erased. The twin's answer is waited for a little longer. */
async function leaveRunning(person: Named | undefined, confirm: (person: Named) => Promise<string>): Promise<Receipt | undefined> {
  if (person === undefined) return undefined;
  const { receipt: id } = await askGateway(`people/${person.id}/leave`, { method: "POST", body: { confirm: await confirm(person) } });
  let receipt: Receipt | undefined;
  for (let seconds = 0; seconds < (receipt === undefined ? 300 : 20) && receipt?.twin.state !== "none"; seconds++) {
    await sleep(1000);
    receipt = (await askGateway(`receipts/${id}`).catch(whileClosed)) as Receipt | undefined;
    if (receipt?.twin.state === "erased") break;
  }
  if (receipt === undefined)
    throw new GatewayError(
      "leave.unfinished",
      "world",
      "It is decided and not done yet: the gateway's log says why, and its next start goes on with it.",
    );
  return receipt;
}

/** A house that is closed, or open again and not that far. */
function whileClosed(thrown: unknown): undefined {
  if (isNotRunning(thrown) || (thrown instanceof GatewayError && thrown.code === "http.not_found")) return;
  throw thrown;
}

async function leaveStopped(
  find: (people: readonly Named[]) => Named | undefined,
  confirm: (person: Named) => Promise<string>,
): Promise<Receipt | undefined> {
  const home = openHome(homeFolder());
  if (!hasConfig(home))
    throw new GatewayError(
      "leave.no_home",
      "operator",
      `${home.folder} is no home: it has no hearth.yaml. A demo begins anew with each start.`,
    );
  const unlock = lockHome(home, process.pid);
  try {
    const config = loadConfig(home.configFile, { secret: (name) => namedSecret(home, name), drivers: Object.keys(driverRegistry) });
    const erased = erasedHome({ home, config, dataDir: home.folder });
    const failures: string[] = [];
    const receipts = openReceipts(home.folder);
    const known = receipts.all().length;
    // What a kill has left of an earlier leaving.
    carryOutLeavings(erased, (what) => failures.push(what));
    const person = find([...peopleInStore(home.folder), ...config.people]);
    const done = receipts.all().slice(known).at(-1);
    if (person === undefined) return done;
    const id = decideLeaving(erased, person, await confirm(person));
    carryOutLeavings(erased, (what) => failures.push(what));
    const receipt = receipts.one(id);
    if (receipt === undefined) throw new GatewayError("leave.unfinished", "world", failures.join(" "));
    return receipt;
  } finally {
    unlock();
  }
}

async function askForName({ id, name }: Named): Promise<string> {
  if (!process.stdin.isTTY)
    throw new GatewayError(
      "leave.not_confirmed",
      "operator",
      "Nobody is there to confirm it; add --yes where a script may erase a person.",
    );
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await reader.question(
      [
        `Everything that this home and its twin have of ${name} (${id}) will be erased, for good: record, beats, alerts, strips, settings.`,
        "Files that were set aside as damaged go whole, and so do demos that are over. What others have been sent stays with them; the receipt names it.",
        `Type the name to go on (${name}): `,
      ].join("\n"),
    );
  } finally {
    reader.close();
  }
}
