/** Names of Hearth Stream 1 topics: `hearth/v1/<site>/<device>/<channel>`. Pure text; the law of who may use them is in acl.ts. */

const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
const RESERVED_STREAMS = new Set(["status", "vitals", "alert", "event", "cmd"]);
const RESERVED_DEVICES = new Set(["up", "ack", "desired", "reported", "status"]);

interface DeviceTopic {
  readonly site: string;
  readonly device: string;
  /** What follows the device's prefix: `<stream>/raw`, `<stream>/meta`, `status` or `cmd/<name>/reply`. */
  readonly channel: string;
}

/** True for a site, device or stream name (devices.md §10). */
export const isName = (text: string): boolean => NAME.test(text);

/** True for a name that a device may carry: topics of the gateway itself are kept free. */
export const isDeviceName = (text: string): boolean => NAME.test(text) && !RESERVED_DEVICES.has(text);

/** Splits a topic that a device may publish; undefined for any other. */
export function parseDeviceTopic(topic: string): DeviceTopic | undefined {
  const levels = topic.split("/");
  const [base, version, site = "", device = "", first = "", second = "", third = ""] = levels;
  if (base !== "hearth" || version !== "v1" || !isName(site) || !isDeviceName(device)) return undefined;
  const isStream = levels.length === 6 && (second === "raw" || second === "meta") && isName(first) && !RESERVED_STREAMS.has(first);
  const isStatus = levels.length === 5 && first === "status";
  const isReply = levels.length === 7 && first === "cmd" && isName(second) && third === "reply";
  return isStream || isStatus || isReply ? { site, device, channel: levels.slice(4).join("/") } : undefined;
}
