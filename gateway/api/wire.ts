/** How records look in REST and the live stream: contract names, seconds and ISO 8601. Pure; the only place that renames fields. */

import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { isoOf, isoOrNull } from "../runtime/iso-time.ts";
import type { Wearing } from "../store/store-port.ts";
import type { DeviceView, LiveMessage, PersonView, StatusView, StreamView } from "../view/view-port.ts";
import { heartRateToWire } from "./heart-rate-wire.ts";
import { evidenceToWire, learningToWire } from "./learning-wire.ts";
import { movementToWire } from "./movement-wire.ts";

/** Title and body of an alert in people's words (alerts.md §9); `names` turns ids into what people call them. */
export type AlertText = (
  alert: AlertRecord,
  names: { readonly person: string; readonly device: string },
) => { readonly title: string; readonly body: string };

export interface Wording {
  readonly text: AlertText;
  person(id: string): string;
  device(id: string): string;
  /** False for an alert that the disk refuses so far. */
  isStored(id: string): boolean;
}

/** An alert as contracts.md lists its fields. Times in seconds are on the gateway's axis (Unix epoch). */
export function alertFields(alert: AlertRecord) {
  return {
    id: alert.id,
    rule: alert.rule,
    priority: alert.priority,
    kind: alert.kind,
    person: alert.person,
    device: alert.device,
    state: alert.state,
    mode: alert.mode,
    onset_s: secondsOf(alert.onsetUs),
    t_s: secondsOf(alert.raisedUs),
    end_s: alert.endedUs === undefined ? null : secondsOf(alert.endedUs),
    value: alert.value ?? null,
    unit: alert.unit ?? null,
    limit: alert.limit ?? null,
    quality: alert.quality,
    cause: alert.cause ?? null,
    model: alert.model ?? null,
    count: alert.count,
    raised_at: isoOf(alert.raisedUs),
    last_seen_at: isoOf(alert.lastSeenUs),
    acknowledged_by: alert.acknowledgedBy ?? null,
    acknowledged_at: isoOrNull(alert.acknowledgedAtUs),
    acknowledged_until: isoOrNull(alert.acknowledgedUntilUs),
    snoozes: alert.snoozes.map((snooze) => ({ by: snooze.by, until: isoOf(snooze.untilUs) })),
    deliveries: alert.deliveries.map((delivery) => ({ channel: delivery.channel, receipt: delivery.receipt, at: isoOf(delivery.atUs) })),
    close_reason: alert.closeReason ?? null,
    notes: (alert.notes ?? []).map(({ by, verb, text, atUs }) => ({ by, verb, text, at: isoOf(atUs) })),
  };
}

function spokeAgainToWire(of: AlertRecord["spokeAgain"]) {
  if (of === undefined) return null;
  const { why, acknowledgedBy: by, acknowledgedAtUs, endedUs } = of;
  return { why, acknowledged_by: by, acknowledged_at: isoOf(acknowledgedAtUs), ended_at: isoOrNull(endedUs) };
}

/** With the texts and what the page needs beside them. */
export function alertToWire(alert: AlertRecord, wording: Wording) {
  const names = { person: wording.person(alert.person), device: wording.device(alert.device) };
  const { title, body } = wording.text(alert, names);
  const atHome = {
    about: alert.about ?? null,
    evidence: evidenceToWire(alert.evidence),
    spoke_again: spokeAgainToWire(alert.spokeAgain),
    stored: wording.isStored(alert.id),
  };
  const { said } = alert;
  const outside = said === undefined ? null : { by: said.by, title: said.title ?? null, text: said.text ?? null };
  return { ...alertFields(alert), said: outside, ...atHome, person_name: names.person, device_title: names.device, title, body };
}
export type AlertWire = ReturnType<typeof alertToWire>;

export function deviceToWire(device: DeviceView) {
  return {
    id: device.id,
    title: device.title,
    driver: device.driver,
    link: device.link,
    person: device.person ?? null,
    placement: device.placement ?? null,
    state: device.state,
    last_sample_at: isoOrNull(device.lastSampleUs),
    last_usable_at: isoOrNull(device.lastUsableUs),
    last_bytes_at: isoOrNull(device.lastBytesUs),
    battery_pct: device.batteryPct ?? null,
    findings: device.findings.map(({ sinceUs, ...finding }) => ({ ...finding, since: isoOrNull(sinceUs) })),
    counters: device.counters,
  };
}
export type DeviceWire = ReturnType<typeof deviceToWire>;

export function streamToWire(stream: StreamView) {
  return {
    device: stream.device,
    stream: stream.stream,
    person: stream.person ?? null,
    rate_hz: stream.rateHz,
    channels: stream.channels,
    quality: stream.quality,
    contact: stream.contact,
    last_sample_at: isoOrNull(stream.lastSampleUs),
    samples_total: stream.samplesTotal,
    gap_seconds_total: stream.gapSecondsTotal,
    timing: timingToWire(stream.timing),
    last_usable_at: isoOrNull(stream.lastUsableUs),
    uses: stream.uses,
    no_value_total: stream.noValueTotal,
  };
}

function timingToWire(timing: StreamView["timing"]) {
  if (timing === undefined) return null;
  return {
    nominal_hz: timing.nominalHz,
    used_hz: timing.usedHz,
    measured_hz: timing.measuredHz ?? null,
    lag_s: timing.lagS ?? null,
    uncertain: timing.isUncertain,
    clock_faults: timing.clockFaults,
    index_faults: timing.indexFaults,
    dropped: timing.dropped,
  };
}
export type StreamWire = ReturnType<typeof streamToWire>;

export function personToWire(person: PersonView) {
  return {
    id: person.id,
    name: person.name,
    heart_rate_bpm: person.heartRateBpm ?? null,
    heart_rate_age_s: person.heartRateAgeS ?? null,
    ...heartRateToWire(person),
    quality: person.quality,
    devices: person.devices,
    presence: presenceToWire(person.presence),
    help: { state: person.help.state, by: person.help.by ?? null, due_at: isoOrNull(person.help.dueUs), alert: person.help.alert ?? null },
    open_alerts: person.openAlerts,
    vitals: person.vitals.map(({ code, device, stream, unit, value, without, by, timeUs, freshUs }) => ({
      ...{ code, device, stream, unit, value: value ?? null, without: without ?? null, by: by ?? null },
      at: isoOf(timeUs),
      fresh_until: isoOf(freshUs),
    })),
    learning: person.learning.map(learningToWire),
    movement: movementToWire(person.movement),
    watched_s: person.watchedS,
  };
}

/** Without the person, where it stands at them. */
export function presenceToWire({ state, by, sinceUs, untilUs, seenAgainUs, isOverdue }: PersonView["presence"]) {
  return {
    ...{ state, by: by ?? null, since: isoOrNull(sinceUs), until: isoOrNull(untilUs) },
    ...{ seen_again_at: isoOrNull(seenAgainUs), overdue: isOverdue },
  };
}

export type PersonWire = ReturnType<typeof personToWire>;

export function statusToWire(status: StatusView) {
  return {
    gateway: status.gateway,
    version: status.version,
    mode: status.mode,
    time: isoOf(status.timeUs),
    uptime_s: status.uptimeS,
    people: status.people,
    devices: status.devices,
    open_alerts: status.openAlerts,
    uplink: { connected: status.uplink.connected, last_ack_at: isoOrNull(status.uplink.lastAckUs), depth: status.uplink.depth },
    meter: {
      bytes_raw: status.meter.bytesRaw,
      bytes_sent: status.meter.bytesSent,
      ratio: status.meter.ratio ?? null,
      onset_to_alert_s: status.meter.onsetToAlertS ?? null,
    },
    health: status.health,
    repairs: status.repairs,
    carers: status.carers,
    notice: status.notice ?? null,
    ports: status.ports,
  };
}

/** For whoever looks after the home: accounts and addresses are nobody else's business. */
export function refusalsToWire(refusals: StatusView["refusals"]) {
  return refusals.map(({ where, reason, account, device, topic, path, address, error, firstUs, lastUs, count }) => ({
    ...{ where, reason, account: account ?? null, device: device ?? null, topic: topic ?? null, path: path ?? null },
    ...{ address: address ?? null, error: error ?? null, count, first_at: isoOf(firstUs), last_at: isoOf(lastUs) },
  }));
}
export type RefusalWire = ReturnType<typeof refusalsToWire>[number];
export type StatusWire = ReturnType<typeof statusToWire>;

export function wearingToWire(wearing: Wearing) {
  return {
    device: wearing.device,
    person: wearing.person,
    placement: wearing.placement,
    from: isoOf(wearing.fromUs),
    to: isoOrNull(wearing.toUs),
  };
}

/** A live message as its SSE data; the event's name is the message's kind. */
export function liveToWire(message: LiveMessage, wording: Wording): object {
  switch (message.kind) {
    case "alert":
      return { alert: alertToWire(message.alert, wording), why: message.why ?? null };
    case "device":
      return { device: deviceToWire(message.device) };
    case "status":
      return { status: statusToWire(message.status) };
    case "samples":
    case "quality":
    case "beat":
    case "result":
    case "pose":
    case "event": {
      const { kind: _kind, ...rest } = message;
      return rest;
    }
  }
}

/** Seconds with microsecond resolution. */
function secondsOf(timeUs: number): number {
  return timeUs / 1e6;
}
