/** The gateway's own words on the home's broker, for Node-RED and its like (devices.md §10): its state, vitals and alerts, retained and made anew at start. */

import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { isoOf } from "../runtime/iso-time.ts";
import type { Bridge, BridgeContext, BridgeKind } from "./bridge.ts";

/** Vitals stand under the device whose ECG a person wears. Names and values leave the river only here, and only to accounts of the home. */
export const homeMqtt: BridgeKind = { name: "home-mqtt", open: createHomeMqttBridge };

const ranks = ["high", "medium", "low"] as const;

type Parts = Pick<BridgeContext, "site" | "broker" | "nowUs" | "deviceOf" | "title">;

export function createHomeMqttBridge({ site, broker, nowUs, deviceOf, title }: Parts): Required<Bridge> {
  const base = `hearth/v1/${site}`;
  // A topic that cannot be written is the broker's to report; it never holds an alert up.
  const say = (topic: string, value: object | undefined, retain: boolean) =>
    broker.publish(`${base}/${topic}`, value === undefined ? "" : JSON.stringify(value), { retain, qos: 1 }).catch(() => {});
  const state = (open: readonly AlertRecord[]) => ({
    active: open.length > 0,
    highest: ranks.find((rank) => open.some(({ priority }) => priority === rank)) ?? "none",
    count: open.length,
    t: Math.round(nowUs() / 1000),
  });
  void say("status", { state: "online", t: Math.round(nowUs() / 1000) }, true);

  return {
    alerts(records, open) {
      for (const alert of records) {
        const { id, rule, priority, kind, person, device, onsetUs, endedUs, value, unit, acknowledgedBy } = alert;
        const told = { id, rule, priority, kind, person, device, state: alert.state, title: title(alert), onset: isoOf(onsetUs) };
        const more = {
          ...(endedUs === undefined ? {} : { ended: isoOf(endedUs) }),
          ...(value === undefined ? {} : { value, unit }),
          ...(acknowledgedBy === undefined ? {} : { acknowledged_by: acknowledgedBy }),
        };
        void say(`${device}/alert/${id}`, alert.state === "closed" ? undefined : { ...told, ...more }, true);
        void say(`${device}/alert/state`, state(open.filter((each) => each.device === device)), true);
      }
    },
    events(person, events) {
      for (const event of events) {
        if (event.kind !== "vital") continue;
        const device = event.device ?? deviceOf(person);
        if (device === undefined) continue;
        const ageS = Math.max(0, (nowUs() - event.timeUs) / 1e6);
        void say(
          `${device}/vitals`,
          {
            [event.code]: event.value,
            unit: event.unit,
            quality: "good",
            age_s: Math.round(ageS * 10) / 10,
            t: Math.round(event.timeUs / 1000),
          },
          false,
        );
      }
    },
    // A broker in this process sends no will for it.
    close: () => say("status", { state: "offline", t: Math.round(nowUs() / 1000) }, true),
  };
}
