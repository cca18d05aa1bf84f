/** Tells people: renders an alert's change in words and hands it to the home's channels. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord, Priority } from "../../device-drivers/contract/event.ts";
import type { Config } from "../config/schema.ts";
import { gatewayPerson, type Registry } from "../people/registry.ts";
import type { Channel, Message } from "./channels/channel.ts";
import { consoleChannel } from "./channels/console.ts";
import { pageChannel } from "./channels/page.ts";
import { webhookChannel } from "./channels/webhook.ts";
import type { AlertChange } from "./core.ts";
import { createNotify, type Notify, type NotifyOptions } from "./notify.ts";
import { type Rendered, renderAlert, renderClear, renderClosed, renderTaken } from "./texts.ts";

export interface NotifierParts extends Pick<NotifyOptions, "onAccepted" | "onReach" | "onFailure"> {
  readonly clock: Clock;
  readonly axisUs: () => number;
  readonly registry: Pick<Registry, "person" | "device">;
  readonly channels: Config["channels"];
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
      return why === "ended" ? renderClear(alert, slots) : why === "acknowledged" ? renderTaken(alert, slots) : renderAlert(alert, slots);
    },
  };
}

export function createNotifier(parts: NotifierParts): Notify {
  const words = createWords(parts.registry, parts.axisUs);
  // A receipt is one message's for ever: numbers that began again with each start would look like one that was told before.
  const run = Math.round(parts.axisUs() / 1e6).toString(36);
  let shown = 0;
  const channels: Channel[] = [
    // The page accepts when its row is on the live stream; who has it open is not known, so it never counts as a person.
    pageChannel(() => `${run}-${++shown}`),
    ...(parts.print === undefined ? [] : [consoleChannel(parts.print, run)]),
    ...parts.channels.map(({ name, url, token, carer, minPriority }) => ({
      ...webhookChannel({ name, url, ...(token === undefined ? {} : { token }), ...(carer === undefined ? {} : { carer }) }),
      wants: ({ alert }: Message) => priorities.indexOf(alert.priority) <= priorities.indexOf(minPriority),
    })),
  ];
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
