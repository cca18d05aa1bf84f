/** Opens what tells people, and what the house says of its own disk and models. */

import { randomUUID } from "node:crypto";
import { createAlertService } from "../alert/service.ts";
import { createKeeping } from "../disk/keeping.ts";
import { createNotKept } from "../disk/not-kept.ts";
import type { Kept } from "../disk/open-kept.ts";
import type { Models } from "../inference/load-models.ts";
import { createAnalysisFaults } from "../pipeline/analysis-faults.ts";
import type { Refusals } from "../runtime/refusals.ts";
import type { People } from "../setup/open-people.ts";
import { createAlertLog } from "../view/alert-log.ts";
import { createLiveState } from "../view/live-state.ts";
import type { Alerting, Base } from "./parts.ts";

/** Who is told, and what the house says of its own disk and models. */
export function openAlerting(parts: Base & Kept & People & { readonly models: Models; readonly refusals: Refusals }): Alerting {
  const { options, config, clock, log, opened, signals, store, registry, nowUs, models } = parts;
  const recorded = new Set(models.specs.flatMap((spec) => (spec.events === undefined ? [] : [spec.id])));
  const liveState = createLiveState(parts.startedUs, createAlertLog(randomUUID().slice(0, 8), store), recorded);
  const alertService = createAlertService({
    ...{ clock, nowUs, store, registry, mode: options.mode, show: liveState.alerts },
    newId: (key) => parts.pseudonyms.hash(key).slice(0, 32),
    ...{ channels: config.channels, channelKinds: parts.kinds.channels },
    programsMayRaiseHigh: config.alerts.programsMayRaiseHigh,
    ...(options.print === undefined ? {} : { print: options.print }),
    onStoreError: signals.storeRefused.tell,
    onChannelFailure: (account, error) => parts.refusals.fault("channel", error, { account }),
    onChanges: signals.alertsChanged.tell,
  });
  opened.defer(alertService.close);
  const refused = signals.storeRefused.tell;
  const notKept = createNotKept({ commit: (commit, urgent) => void store.commit(commit, urgent).catch(refused) });
  const keeping = createKeeping({ ...parts, notKept, set: alertService.set });
  opened.defer(keeping.close);
  signals.storeRefused.add(keeping.storeRefused);
  signals.storeRefused.add((error) => parts.refusals.fault("disk", error));
  signals.journalRefused.add(keeping.makeRoom);
  const analysisFaults = createAnalysisFaults({ clock, log });
  return {
    ...{ liveState, alertService, notKept, keeping, analysisFaults },
    // A model that was refused, or a part that fails, leaves its rules as blind as a host that is down.
    watchAnalysis() {
      const isOff = models.host.models().some(({ state }) => state === "down" || state === "refused");
      const cause = analysisFaults.cause();
      alertService.set("analysis.off", isOff || cause !== undefined, undefined, cause);
    },
  };
}
