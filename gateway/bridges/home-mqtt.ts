/**
 * The gateway's own words on the home's broker, for Node-RED and its like (devices.md §10): its state, vitals, alerts and where people are. What is retained is kept as it should
 * be: another name is another title, and of a device that is gone nothing is left.
 */

import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { isoOf } from "../runtime/iso-time.ts";
import type { Bridge, BridgeContext, BridgeKind, PersonNow } from "./bridge.ts";
import { createRetainedTopics, type WantedTopic } from "./retained-topics.ts";

/** Vitals stand under the device whose ECG a person wears. Names and values leave the river only here, and only to accounts of the home. */
export const homeMqtt: BridgeKind = { name: "home-mqtt", open: createHomeMqttBridge };

type Parts = Pick<BridgeContext, "site" | "broker" | "nowUs" | "deviceOf" | "title" | "clock"> & {
  readonly house: Pick<BridgeContext["house"], "devices"> & { people(): readonly Pick<PersonNow, "id" | "presence">[] };
};

const ranks = ["high", "medium", "low"] as const;
const lookMs = 1000;

export function createHomeMqttBridge({ site, broker, nowUs, deviceOf, title, clock, house }: Parts): Required<Bridge> {
  const base = `hearth/v1/${site}`;
  const nowMs = () => Math.round(nowUs() / 1000);
  const send = (topic: string, payload: string, retain: boolean) => broker.publish(`${base}/${topic}`, payload, { retain, qos: 1 });
  const retained = createRetainedTopics({
    send: (topic, payload) => send(topic, payload, true),
    monotonicUs: clock.monotonicUs,
  });
  const startedMs = nowMs();
  /** Not closed yet: an alert that is over stands there until it is. */
  const unclosed = new Map<string, AlertRecord>();
  let open: readonly AlertRecord[] = [];
  /** What was said of a device last, and since when it is so. */
  const states = new Map<string, { readonly says: string; readonly t: number }>();

  const stateOf = (device: string): string => {
    const own = open.filter((alert) => alert.device === device);
    const highest = ranks.find((rank) => own.some(({ priority }) => priority === rank)) ?? "none";
    const says = { active: own.length > 0, highest, count: own.length };
    const text = JSON.stringify(says);
    const known = states.get(device);
    const now = known?.says === text ? known : { says: text, t: nowMs() };
    states.set(device, now);
    return JSON.stringify({ ...says, t: now.t });
  };

  const look = () => {
    const wanted = new Map<string, WantedTopic>([["status", { payload: JSON.stringify({ state: "online", t: startedMs }) }]]);
    for (const alert of unclosed.values()) wanted.set(`${alert.device}/alert/${alert.id}`, { payload: alertText(alert, title(alert)) });
    const devices = new Set([...house.devices().map(({ id }) => id), ...[...unclosed.values()].map(({ device }) => device)]);
    for (const device of devices) wanted.set(`${device}/alert/state`, { payload: stateOf(device) });
    for (const { id, presence } of house.people()) wanted.set(`person/${id}/presence`, { payload: presenceText(presence) });
    for (const device of states.keys()) if (!devices.has(device)) states.delete(device);
    retained.want(wanted);
  };
  look();
  const stopLooking = clock.every(lookMs, look);

  return {
    alerts(records, stillOpen) {
      open = stillOpen;
      for (const alert of records) {
        if (alert.state === "closed") unclosed.delete(alert.id);
        else unclosed.set(alert.id, alert);
      }
      look();
    },
    events(person, events) {
      for (const event of events) {
        if (event.kind !== "vital") continue;
        const device = event.device ?? deviceOf(person);
        if (device === undefined) continue;
        const ageS = Math.max(0, (nowUs() - event.timeUs) / 1e6);
        const times = { age_s: Math.round(ageS * 10) / 10, t: Math.round(event.timeUs / 1000) };
        const says = { [event.code]: event.value, unit: event.unit, quality: "good", ...times };
        // A topic that cannot be written is the broker's to report; the next number comes soon.
        send(`${device}/vitals`, JSON.stringify(says), false).catch(() => {});
      }
    },
    async close() {
      stopLooking();
      // A broker in this process sends no will for it.
      await send("status", JSON.stringify({ state: "offline", t: nowMs() }), true).catch(() => {});
    },
  };
}

/** Of somebody of whom nobody has said anything: at home, without a time. */
function presenceText({ state, by, sinceUs, untilUs, isOverdue }: PersonNow["presence"]): string {
  return JSON.stringify({
    ...{ state, overdue: isOverdue },
    ...(by === undefined ? {} : { by }),
    ...(untilUs === undefined ? {} : { until: Math.round(untilUs / 1000) }),
    ...(sinceUs === undefined ? {} : { t: Math.round(sinceUs / 1000) }),
  });
}

function alertText(alert: AlertRecord, title: string): string {
  const { id, rule, priority, kind, person, device, state, onsetUs, endedUs, value, unit, acknowledgedBy, notes } = alert;
  return JSON.stringify({
    ...{ id, rule, priority, kind, person, device, state, title, onset: isoOf(onsetUs) },
    ...(endedUs === undefined ? {} : { ended: isoOf(endedUs) }),
    ...(value === undefined ? {} : { value, unit }),
    ...(acknowledgedBy === undefined ? {} : { acknowledged_by: acknowledgedBy }),
    ...(notes === undefined ? {} : { notes: notes.map(({ by, verb, text }) => ({ by, verb, text })) }),
  });
}
