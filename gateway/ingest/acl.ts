/** Who may do what on which topic (devices.md §9, contracts.md "MQTT"). Pure; what is not granted here is denied. */

import { isDeviceName, isName, parseDeviceTopic } from "./topic.ts";

export type Role = "device" | "integrator" | "bridge" | "gateway";
export type Action = "publish" | "subscribe" | "will" | "forward";

/** A client after its password was checked. */
export interface Principal {
  /** Name of the account; for a device its device name. */
  readonly user: string;
  readonly role: Role;
  readonly site: string;
  /** Devices that an integrator publishes as. */
  readonly devices?: readonly string[];
  /** Filters granted to a bridge by name. */
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
}

/** Decides one action. `topic` is a filter for "subscribe", a topic otherwise. A will obeys the list for publishing. */
export type Allow = (principal: Principal, action: Action, topic: string) => boolean;

export const isAllowed: Allow = (principal, action, topic) => {
  if (topic.startsWith("$")) return false; // the broker's own, and $share, which aedes grants without delivering
  switch (action) {
    case "publish":
    case "will":
      return mayPublish(principal, topic);
    case "subscribe":
      return mayReceive(principal, topic);
    case "forward":
      return mayReceive(principal, topic);
  }
};

function mayPublish(principal: Principal, topic: string): boolean {
  if (principal.role === "gateway") return isUnder(topic, `hearth/v1/${principal.site}/`);
  if (principal.role === "bridge") return (principal.publish ?? []).some((filter) => covers(filter, topic));
  const parsed = parseDeviceTopic(topic);
  return parsed !== undefined && parsed.site === principal.site && ownDevices(principal).includes(parsed.device);
}

function mayReceive(principal: Principal, filter: string): boolean {
  if (principal.role === "bridge") return (principal.subscribe ?? []).some((granted) => covers(granted, filter));
  if (principal.role === "device") return isUnder(filter, `hearth/v1/${principal.site}/${principal.user}/cmd/`);
  return isUnder(filter, `hearth/v1/${principal.site}/`);
}

const ownDevices = (principal: Principal) => (principal.role === "device" ? [principal.user] : (principal.devices ?? []));

const isUnder = (topic: string, prefix: string) => topic.length > prefix.length && topic.startsWith(prefix);

/** True when everything that `topic` (a topic or a filter) matches is matched by `granted`. */
export function covers(granted: string, topic: string): boolean {
  const wide = granted.split("/");
  const narrow = topic.split("/");
  for (let i = 0; i < wide.length; i++) {
    if (wide[i] === "#") return true;
    const level = narrow[i];
    if (level === undefined || level === "#") return false;
    if (wide[i] !== "+" && wide[i] !== level) return false;
  }
  return narrow.length === wide.length;
}

/** True when the account's names can appear in topics at all. */
export function isWellFormed(principal: Principal): boolean {
  const isNamed = principal.role === "device" ? isDeviceName(principal.user) : isName(principal.user);
  return isNamed && isName(principal.site) && (principal.devices ?? []).every(isDeviceName);
}
