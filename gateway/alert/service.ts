/** The alarm side of the house in one place: core, conditions of the gateway itself, missing data, channels, and the desk that stores before it tells. */

import { createHash } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { GatewayError } from "../../device-drivers/contract/error.ts";
import type { AlertCause, AlertRecord } from "../../device-drivers/contract/event.ts";
import { gatewayPerson, type Registry } from "../people/registry.ts";
import type { RuleDecision } from "../rules/rule.ts";
import type { Store } from "../store/store-port.ts";
import type { ChannelKind, ChannelSettings } from "./channels/channel.ts";
import { type AlertChange, type AlertCore, createAlertCore } from "./core.ts";
import { isCoverable } from "./covered.ts";
import { createHelp } from "./help.ts";
import { createMissingData, type MissingData } from "./missing-data.ts";
import { createNotifier } from "./notifier.ts";
import type { ChannelFigures } from "./notify.ts";
import { createOutside } from "./outside.ts";
import { type Help, isFromOutside, type Outside } from "./outside-port.ts";
import { silenceCauses } from "./policy.ts";
import { createPresence } from "./presence.ts";
import type { PresencePort } from "./presence-port.ts";
import { createTechnical, isTechnical, type Technical, type TechnicalRuleId } from "./technical.ts";
import { clockPutRight, noLongerWorn } from "./texts.ts";
import { type AlertDesk, createAlertDesk } from "./write-then-tell.ts";

/** Of so many newest alerts it is known after a restart that somebody was promised quiet. */
const keptQuiet = 200;

/** 128 bits of a hash: short, without a name in it, the same for the same condition. */
const idOf = (key: string) => createHash("sha256").update(key).digest("hex").slice(0, 32);

export interface AlertServiceParts {
  /** What hearth.yaml names. */
  readonly channels: readonly ChannelSettings[];
  readonly channelKinds?: readonly ChannelKind[];
  /** Ids of alerts from what they are about: they go to the twin, so nobody may guess it from them. */
  readonly newId?: (key: string) => string;
  readonly clock: Clock;
  readonly nowUs: () => number;
  readonly mode: AlertRecord["mode"];
  readonly store: Pick<Store, "commit" | "alert" | "alerts" | "getValue" | "putValue">;
  /** Whether other programs of the home may raise alerts of high priority. */
  readonly programsMayRaiseHigh: boolean;
  readonly registry: Registry;
  /** Shows stored changes: the live stream of pages. */
  readonly show: (changes: readonly AlertChange[]) => void;
  readonly print?: (line: string) => void;
  readonly onStoreError: (error: GatewayError) => void;
  /** A channel did not take a message. */
  readonly onChannelFailure: (channel: string, error: GatewayError) => void;
  /** A side audience of every stored change (the home's broker). */
  readonly onChanges: (changes: readonly AlertChange[]) => void;
}

export interface AlertService {
  readonly core: AlertCore;
  readonly desk: AlertDesk;
  /** Who has a channel of their own that a snooze can quiet. */
  readonly carers: readonly string[];
  readonly technical: Technical;
  readonly missing: MissingData;
  /** What other programs of the home raise. */
  readonly outside: Outside;
  readonly help: Help;
  readonly presence: PresencePort;
  /** A condition of the gateway or of a device of whoever wears it. */
  set(rule: TechnicalRuleId, isTrue: boolean, device?: string, cause?: AlertCause): void;
  /** Somebody else wears the device now, or nobody: its conditions go with it. */
  reassigned(device: string): void;
  /** The rules begin anew on another axis: of what they had begun, only a high alert stays. What is still true is told anew. */
  axisMoved(): void;
  channels(): ChannelFigures;
  /** Told of each message that a channel took, with the seconds since it was due. */
  onDelivered(listener: (channel: string, seconds: number) => void): void;
  /** Takes over what the last run left open, and begins to wait for every worn device. */
  resume(): Promise<void>;
  close(): void;
}

export function createAlertService(parts: AlertServiceParts): AlertService {
  const { clock, nowUs, registry, store } = parts;
  const core = createAlertCore({ newId: parts.newId ?? idOf, mode: parts.mode, isCovered: (person) => presence.isCovered(person) });
  const decide = (person: string, decision: RuleDecision) => desk.decide(person, decision);
  const technical = createTechnical({ clock, axisUs: nowUs, decide });
  const missing = createMissingData({
    ...{ clock, axisUs: nowUs, decide },
    isCovered: (person) => presence.isCovered(person),
    onSeenAgain: (person) => presence.seenAgain(person),
    causeOf: (person, device) =>
      core.held().find((alert) => {
        const isOfDevice = alert.person === person && alert.device === device && alert.endedUs === undefined;
        return isOfDevice && silenceCauses.has(alert.rule);
      }),
  });
  let onDelivered: Parameters<AlertService["onDelivered"]>[0] = () => {};
  const notifier = createNotifier({
    clock,
    axisUs: nowUs,
    registry,
    channels: parts.channels,
    ...(parts.channelKinds === undefined ? {} : { channelKinds: parts.channelKinds }),
    ...(parts.print === undefined ? {} : { print: parts.print }),
    onAccepted(id, channel, receipt, waitedMs) {
      onDelivered(channel, waitedMs / 1000);
      desk.delivered(id, channel, receipt);
    },
    onReach: ({ person, device, priority }, isReached) => technical.set("delivery.failed", !isReached, { person, device, priority }),
    onFailure: parts.onChannelFailure,
  });
  /** What is technical about a device ends when nobody, or somebody else, wears it; what it has shown about a person stays with the person. */
  const isGone = ({ kind, rule, person, device }: AlertRecord) => {
    const isOfDevice = kind === "technical" && rule !== "delivery.failed" && device !== gatewayPerson;
    return isOfDevice && registry.wearing(device, nowUs())?.person !== person;
  };
  type Said = { readonly isTrue: boolean; readonly cause: AlertCause | undefined };
  const saidOf = new Map<string, Map<TechnicalRuleId, Said>>();
  const set = (rule: TechnicalRuleId, isTrue: boolean, device = gatewayPerson, cause?: AlertCause) => {
    const person = registry.wearing(device, nowUs())?.person ?? gatewayPerson;
    saidOf.set(device, (saidOf.get(device) ?? new Map<TechnicalRuleId, Said>()).set(rule, { isTrue, cause }));
    technical.leave(rule, { person, device });
    // An unassigned device alarms nobody.
    technical.set(rule, isTrue && (device === gatewayPerson || person !== gatewayPerson), {
      person,
      device,
      ...(cause === undefined ? {} : { cause }),
    });
  };
  const carers = parts.channels.flatMap(({ carer }) => carer ?? []);
  const desk = createAlertDesk({
    core,
    store,
    clock,
    nowUs,
    show: parts.show,
    tell(changes) {
      notifier.push(changes);
      parts.onChanges(changes);
    },
    onStoreError: parts.onStoreError,
    carers,
  });
  const beside = { clock, nowUs, store, desk, held: core.held, onStoreError: parts.onStoreError };
  const hasPerson = (id: string) => registry.person(id) !== undefined;
  const outside = createOutside({ ...beside, hasPerson, mayRaiseHigh: parts.programsMayRaiseHigh });
  const help = createHelp({ ...beside, people: registry.people });
  const isMissing = (device: string) => desk.open().some((alert) => alert.rule === "data.missing" && alert.device === device);
  const presence = createPresence({
    ...{ clock, nowUs, store, people: registry.people, onStoreError: parts.onStoreError },
    onCovered(person, reason, mayCloseHigh) {
      const isExplained = (alert: AlertRecord) => alert.person === person && isCoverable(alert);
      desk.cover(
        desk.open().filter((alert) => isExplained(alert) && (mayCloseHigh || alert.priority !== "high")),
        reason,
      );
      missing.begin(person, isMissing);
    },
    onUncovered(person) {
      missing.begin(person, isMissing);
      desk.uncover(person, (device) => device === gatewayPerson || registry.wearing(device, nowUs())?.person === person);
    },
    setOverdue: (person, isOverdue) => technical.set("presence.overdue", isOverdue, { person, device: gatewayPerson }),
  });
  return {
    ...{ outside, help, presence },
    core,
    desk,
    carers,
    technical,
    missing,
    set,
    reassigned(device) {
      const gone = core.held().filter((alert) => alert.device === device && isGone(alert));
      desk.retire(gone, noLongerWorn);
      for (const [rule, { isTrue, cause }] of [...(saidOf.get(device) ?? [])]) set(rule, isTrue, device, cause);
    },
    axisMoved() {
      const isOfRules = ({ rule }: AlertRecord) => !isTechnical(rule) && !isFromOutside(rule) && rule !== "data.missing";
      const orphaned = desk.open().filter((alert) => alert.priority !== "high" && isOfRules(alert));
      desk.retire(orphaned, clockPutRight);
      desk.reopen(desk.open());
      presence.axisMoved();
    },
    channels: notifier.figures,
    onDelivered(listener) {
      onDelivered = listener;
    },
    async resume() {
      const { alerts: open } = await store.alerts({ unfinished: true, limit: 1000 });
      const { alerts: newest } = await store.alerts({ limit: keptQuiet });
      desk.reopen(newest.filter(({ state }) => state === "closed"));
      const gone = open.filter(isGone);
      const here = open.filter((alert) => !gone.includes(alert));
      desk.reopen(here);
      desk.retire(gone, noLongerWorn);
      const going = here.filter(({ kind, endedUs }) => kind === "technical" && endedUs === undefined);
      for (const alert of going) {
        technical.adopt(alert.rule, alert);
        outside.adopt(alert);
      }
      await Promise.all([help.resume(), presence.resume()]);
      // Nobody says that these are over; they are when nothing says for a while that they are not.
      for (const { rule, device } of going) if (rule === "device.identity") clock.after(60_000, () => set(rule, false, device));
      for (const { person, device, toUs } of registry.wearings()) {
        if (toUs !== undefined) continue;
        const told = going.find((alert) => alert.rule === "data.missing" && alert.device === device);
        missing.watch(person, device, told === undefined ? {} : { open: told.priority });
      }
    },
    close() {
      for (const part of [desk, technical, missing, outside, help, presence, notifier]) part.close();
    },
  };
}
