/** A person leaves the home: decided in writing, carried out while nothing is open, and owed to the twin until it has answered. */

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import { environment } from "../config/load.ts";
import { openStoreCore } from "../store/store-core.ts";
import type { Store } from "../store/store-port.ts";
import { type ErasedHome, eraseFromHome, leaveSettings } from "./erase-home.ts";
import { openLeavings } from "./leavings.ts";
import { openReceipts } from "./receipts.ts";

interface Named {
  readonly id: string;
  readonly name: string;
}

/**
 * Writes down that the person leaves; from here on every start of the home erases them. Returns the receipt's id.
 *
 * @param confirmed the person's name or id, as somebody has typed it.
 * @throws GatewayError `leave.not_confirmed`, `leave.named_elsewhere`, `leave.settings_unwritable` (operator)
 */
export function decideLeaving(home: Pick<ErasedHome, "dataDir" | "configFile" | "wallMs">, { id, name }: Named, confirmed: string): string {
  if (![id, name].includes(confirmed.trim()))
    throw new GatewayError(
      "leave.not_confirmed",
      "operator",
      "What was typed is neither the name nor the id of the person; nothing was erased.",
    );
  const variable = Object.entries(environment()).find(([key, value]) => key.startsWith("HEARTH__") && value === id)?.[0];
  if (variable !== undefined)
    throw new GatewayError(
      "leave.named_elsewhere",
      "operator",
      `The environment's ${variable} names the person, and each start would bring them back; take it out first.`,
    );
  const leavings = openLeavings(home.dataDir);
  const pending = leavings.all().find((leaving) => leaving.person === id && leaving.owed === undefined);
  if (pending !== undefined) return pending.receipt;
  try {
    leaveSettings(home.configFile, id);
  } catch (cause) {
    throw new GatewayError(
      "leave.settings_unwritable",
      "operator",
      `hearth.yaml names the person and can't be rewritten: ${toGatewayError(cause).message}.`,
      { cause },
    );
  }
  const decidedAt = new Date(home.wallMs()).toISOString();
  const receipt = `${decidedAt.slice(0, 10)}-${randomBytes(4).toString("hex")}`;
  leavings.put({ receipt, person: id, name, decidedAt, found: {} });
  return receipt;
}

/**
 * Carries out what is decided and not done yet; the home must not be open. What a disk refuses is told, and tried again at the next call.
 *
 * @returns ids of those who are to be passed over in settings that were read before.
 */
export function carryOutLeavings(home: ErasedHome, onFailure: (what: string) => void): string[] {
  const pending = openLeavings(home.dataDir)
    .all()
    .filter(({ owed }) => owed === undefined);
  for (const leaving of pending) {
    try {
      eraseFromHome(home, leaving, onFailure);
    } catch (thrown) {
      onFailure(`Somebody has left and could not be erased yet (${toGatewayError(thrown).message}); it is tried again at the next start.`);
    }
  }
  return pending.map(({ person }) => person);
}

/** Looks whether the twin has answered what it is still owed, and completes the receipts. True while it has not. */
export async function noteTwinAnswers(
  { dataDir, wallMs }: Pick<ErasedHome, "dataDir" | "wallMs">,
  store: Pick<Store, "outboxOwes" | "outboxFigures" | "flush" | "scrub">,
): Promise<boolean> {
  const leavings = openLeavings(dataDir);
  const receipts = openReceipts(dataDir);
  let isOwed = false;
  for (const { owed, ...leaving } of leavings.all()) {
    if (owed === undefined) continue;
    if (await store.outboxOwes(owed.id)) {
      isOwed = true;
      continue;
    }
    if ((await store.outboxFigures()).epoch !== owed.epoch) {
      // The outbox was lost or restored since, and the question perhaps with it: the next start asks again.
      leavings.put(leaving);
      continue;
    }
    // The row had the person's id in it.
    await store.flush();
    if (!(await store.scrub())) {
      isOwed = true;
      continue;
    }
    const receipt = receipts.one(leaving.receipt);
    if (receipt !== undefined) receipts.put({ ...receipt, twin: { state: "erased", answered_at: new Date(wallMs()).toISOString() } });
    leavings.remove(leaving.receipt);
  }
  return isOwed;
}

/** Who lives in a home that nobody has open, by its store. */
export function peopleInStore(dataDir: string): Named[] {
  const dir = join(dataDir, "store");
  if (!existsSync(join(dir, "hearth.db"))) return [];
  const core = openStoreCore({
    dir,
    maxOutboxBytes: Number.POSITIVE_INFINITY,
    epochBytes: () => randomBytes(8),
    openedWallUs: Date.now() * 1000,
  });
  try {
    return core.calls.people().map(({ id, name }) => ({ id, name }));
  } finally {
    core.calls.close();
  }
}
