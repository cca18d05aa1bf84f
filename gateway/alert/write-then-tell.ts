/** Where alerts meet the world: the core's changes are stored first, then shown, then told to people. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type AlertRecord, isOpen } from "../../device-drivers/contract/event.ts";
import type { RuleDecision } from "../rules/rule.ts";
import { notLongerThan, storedWithinMs } from "../runtime/bounded-wait.ts";
import { alertItem } from "../semantic/policy.ts";
import type { Store } from "../store/store-port.ts";
import type { AlertChange, AlertCore } from "./core.ts";
import type { ActOptions, Actor, Verb } from "./verbs.ts";

interface AlertDeskParts {
  readonly core: AlertCore;
  readonly store: Pick<Store, "commit" | "alert">;
  readonly clock: Clock;
  readonly nowUs: () => number;
  /** Shows stored changes: the live stream of pages. */
  readonly show: (changes: readonly AlertChange[]) => void;
  /** Sends what has `notify` to people's channels. */
  readonly tell: (changes: readonly AlertChange[]) => void;
  readonly onStoreError: (error: GatewayError) => void;
  /** Who has a channel of their own: nobody else's snooze would quiet anything. */
  readonly carers: readonly string[];
}

export interface AlertDesk {
  /** A condition of the gateway itself (cable, silence, uplink): decided, stored and told. */
  decide(person: string, decision: RuleDecision): void;
  /** The same for somebody who waits for it to be stored; what the disk refuses is told all the same. */
  decideStored(person: string, decision: RuleDecision): Promise<readonly AlertChange[]>;
  /** Changes whose rows are in the store already. */
  stored(changes: readonly AlertChange[]): void;
  /** As AlertCore.act, its changes stored before it answers; `alert.no_own_channel` (operator) for a snooze that would change nothing. */
  act(id: string, verb: Verb, actor: Actor, options: ActOptions): Promise<{ alert: AlertRecord; already: boolean }>;
  delivered(id: string, channel: string, receipt: string): void;
  /** Takes over the open alerts of the last run. */
  reopen(records: readonly AlertRecord[]): void;
  /** See AlertCore.retire. */
  retire(records: readonly AlertRecord[], reason: string): void;
  /** See AlertCore.cover and uncover. */
  cover(records: readonly AlertRecord[], reason: string): void;
  uncover(person: string, isHere: (device: string) => boolean): void;
  open(): readonly AlertRecord[];
  close(): void;
}

const tickMs = 5000;
const noOwnChannel = new GatewayError(
  "alert.no_own_channel",
  "operator",
  "No channel of this home reaches only this person, so that a snooze would quiet nothing: acknowledge the alert, or name the person as the channel's carer.",
);

export function createAlertDesk({ core, store, clock, nowUs, show, tell, onStoreError, carers }: AlertDeskParts): AlertDesk {
  const stored = (changes: readonly AlertChange[]) => {
    show(changes);
    tell(changes);
  };

  const commit = async (changes: readonly AlertChange[]): Promise<void> => {
    const people = new Set(changes.map(({ alert }) => alert.person));
    const commits = [...people].map((person) => {
      const own = changes.filter(({ alert }) => alert.person === person);
      const alerts = own.map(({ alert }) => alert);
      return store.commit({ person, alerts, outbox: alerts.map((alert) => alertItem(alert)), audit: own.map(({ audit }) => audit) }, true);
    });
    await notLongerThan(
      clock,
      storedWithinMs,
      Promise.all(commits).then(() => {}),
    );
  };

  /** An alert that cannot be written, or not soon, is still told: the disk is not the patient. */
  const apply = (changes: readonly AlertChange[]) => {
    if (changes.length === 0) return;
    commit(changes).then(
      () => stored(changes),
      (error: GatewayError) => {
        onStoreError(error);
        stored(changes);
      },
    );
  };

  const stopTick = clock.every(tickMs, () => apply(core.tick(nowUs())));

  return {
    decide: (person, decision) => apply(core.decide(person, decision, nowUs())),
    async decideStored(person, decision) {
      const changes = core.decide(person, decision, nowUs());
      if (changes.length > 0) await commit(changes).catch(onStoreError);
      stored(changes);
      return changes;
    },
    stored,
    async act(id, verb, actor, options) {
      if (verb === "snooze" && !carers.includes(actor.name)) throw noOwnChannel;
      const outcome = core.act(id, verb, actor, options, nowUs(), await store.alert(id));
      // The store keeps what a full disk refuses and writes it first; a crash before that only tells the alert again.
      if (outcome.changes.length > 0) await commit(outcome.changes).catch(onStoreError);
      stored(outcome.changes);
      return { alert: outcome.alert, already: outcome.already };
    },
    delivered: (id, channel, receipt) => apply(core.delivered(id, channel, receipt, nowUs())),
    reopen: (records) => apply(core.reopen(records, nowUs())),
    retire: (records, reason) => apply(core.retire(records, reason, nowUs())),
    cover: (records, reason) => apply(core.cover(records, reason, nowUs())),
    uncover: (person, isHere) => apply(core.uncover(person, isHere, nowUs())),
    open: () => core.held().filter(isOpen),
    close: stopTick,
  };
}
