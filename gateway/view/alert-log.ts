/** The changes of alerts as the live stream numbers them: whoever comes back with the last number that they saw is told what came since, over a restart too. */

import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { Store } from "../store/store-port.ts";
import type { LiveMessage } from "./view-port.ts";

type AlertMessage = Extract<LiveMessage, { kind: "alert" }>;

export interface AlertLog {
  /** The message of a change, with its number. */
  add(alert: AlertRecord, why: string): AlertMessage;
  /** The number of now: nothing that came before it is told to whoever comes back with it. */
  now(): string;
  /**
   * What came after `id`, in order: every change of this run; of an earlier one each alert that changed, as it is now, and some of them perhaps once more.
   * Undefined where `id` is none of this home's or too much came since.
   */
  after(id: string): Promise<readonly AlertMessage[] | undefined>;
}

export const alertLogLimits = {
  /** Changes that are held in memory. */
  kept: 2000,
  /** Alerts that may have changed since an earlier run. */
  changed: 500,
  /** Rows of the audit by which what is told may lag behind what is stored. */
  lagRows: 64,
} as const;

/** @param run tells this start from others */
export function createAlertLog(run: string, store: Pick<Store, "figures" | "alertsAfter">): AlertLog {
  const kept: { readonly seq: number; readonly message: AlertMessage }[] = [];
  let lastSeq = 0;
  const idOf = (seq: number) => `${store.figures().position}.${run}.${seq}`;

  const ofThisRun = (seq: number): readonly AlertMessage[] | undefined => {
    const oldest = kept[0]?.seq ?? lastSeq + 1;
    if (seq > lastSeq || seq < oldest - 1) return undefined;
    return kept.slice(seq - oldest + 1).map(({ message }) => message);
  };

  return {
    add(alert, why) {
      const seq = ++lastSeq;
      const message: AlertMessage = { kind: "alert", alert, why, id: idOf(seq) };
      kept.push({ seq, message });
      if (kept.length > alertLogLimits.kept) kept.shift();
      return message;
    },
    now: () => idOf(lastSeq),
    async after(id) {
      const [, position = "", of, seq] = /^([0-9a-f]+\.\d{1,15})\.([0-9a-z]{1,12})\.(\d{1,15})$/.exec(id) ?? [];
      if (of === undefined) return undefined;
      const known = of === run ? ofThisRun(Number(seq)) : undefined;
      if (known !== undefined) return known;
      const now = idOf(lastSeq);
      const changed = await store.alertsAfter(position, alertLogLimits.lagRows, alertLogLimits.changed);
      // Only the last is a place to go on from: they come in one order now and in another when they change again.
      return changed?.map((alert, at) => ({ kind: "alert", alert, ...(at === changed.length - 1 ? { id: now } : {}) }));
    },
  };
}
