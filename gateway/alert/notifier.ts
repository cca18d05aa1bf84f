/** Tells people: renders an alert's change in words and hands it to the home's channels. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord, Priority } from "../../device-drivers/contract/event.ts";
import { gatewayPerson, type Registry } from "../people/registry.ts";
import { kindOf } from "../runtime/kind-of.ts";
import type { ChannelKind, ChannelSettings, Message } from "./channels/channel.ts";
import { channelKinds } from "./channels/index.ts";
import type { AlertChange } from "./core.ts";
import { createNotify, type Notify, type NotifyOptions } from "./notify.ts";
import { type Rendered, renderAlert, renderClear, renderClosed, renderRejected, renderTaken } from "./texts.ts";

interface NotifierParts extends Pick<NotifyOptions, "onAccepted" | "onReach" | "onFailure"> {
  readonly clock: Clock;
  readonly axisUs: () => number;
  readonly registry: Pick<Registry, "person" | "device">;
  /** What hearth.yaml names. */
  readonly channels: readonly ChannelSettings[];
  readonly channelKinds?: readonly ChannelKind[];
  readonly print?: (line: string) => void;
}

const priorities: readonly Priority[] = ["high", "medium", "low", "info"];

export interface Words {
  person(id: string): string;
  device(id: string): string;
  alert(alert: AlertRecord): Rendered;
  change(change: AlertChange): Rendered;
}

/** `newestUs`: the newest sample of a device, so that a text rendered later tells the age of the data and not of the condition. */
export function createWords(
  registry: NotifierParts["registry"],
  axisUs: () => number,
  newestUs: (device: string) => number | undefined = () => undefined,
): Words {
  const person = (id: string) => registry.person(id)?.name ?? (id === gatewayPerson ? "This home" : id);
  const device = (id: string) => registry.device(id)?.title ?? (id === gatewayPerson ? "The gateway" : id);
  const slotsOf = (alert: AlertRecord) => {
    const newest = newestUs(alert.device);
    return {
      person: person(alert.person),
      device: device(alert.device),
      titleOf: device,
      clock: (timeUs: number) => new Date(timeUs / 1000).toTimeString().slice(0, 8),
      nowUs: axisUs(),
      ...(newest === undefined ? {} : { newestUs: newest }),
    };
  };
  return {
    ...{ person, device },
    alert: (alert) => renderAlert(alert, slotsOf(alert)),
    change({ alert, why }) {
      const slots = slotsOf(alert);
      if (why === "closed" && alert.closeReason !== undefined) return renderClosed(alert, slots);
      if (why === "rejected") return renderRejected(alert, slots);
      return why === "ended" ? renderClear(alert, slots) : why === "acknowledged" ? renderTaken(alert, slots) : renderAlert(alert, slots);
    },
  };
}

export function createNotifier(parts: NotifierParts): Notify {
  const words = createWords(parts.registry, parts.axisUs);
  // A receipt is one message's for ever: numbers that began again with each start would look like one that was told before.
  const run = Math.round(parts.axisUs() / 1e6).toString(36);
  const context = { run, ...(parts.print === undefined ? {} : { print: parts.print }) };
  const kinds = parts.channelKinds ?? channelKinds;
  const configurable = kinds.filter(({ options }) => options !== undefined);
  const standing = kinds.flatMap((entry) =>
    entry.options === undefined ? (entry.create(context, { kind: entry.kind, name: entry.kind, minPriority: "info" }) ?? []) : [],
  );
  const named = parts.channels.flatMap((settings) => {
    const channel = kindOf("channel", settings.kind, configurable).create(context, settings);
    const wants = ({ alert }: Message) => priorities.indexOf(alert.priority) <= priorities.indexOf(settings.minPriority);
    return channel === undefined ? [] : { ...channel, wants };
  });
  const channels = [...standing, ...named];
  return createNotify({
    channels,
    clock: parts.clock,
    axisUs: parts.axisUs,
    render: (change) => words.change(change),
    onAccepted: parts.onAccepted,
    onReach: parts.onReach,
    ...(parts.onFailure === undefined ? {} : { onFailure: parts.onFailure }),
  });
}
