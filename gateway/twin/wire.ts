/** How the twin's answers look in REST: contract names, times as ISO 8601 and, where the page computes with them, microseconds. Pure. */

import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { noValue, type StripPayload } from "../semantic/payload.ts";
import type { Silence } from "./silence.ts";
import type { GatewayState, PersonState } from "./store/twin-store.ts";

/** An alert with the fields of alerts.ndjson and those of contracts.md; seconds are since 1970 on the gateway's axis. */
export function alertToWire(alert: AlertRecord) {
  return {
    id: alert.id,
    rule: alert.rule,
    priority: alert.priority,
    kind: alert.kind,
    person: alert.person,
    device: alert.device,
    state: alert.state,
    mode: alert.mode,
    onset_s: alert.onsetUs / 1e6,
    t_s: alert.raisedUs / 1e6,
    end_s: alert.endedUs === undefined ? null : alert.endedUs / 1e6,
    onsetUs: alert.onsetUs,
    value: alert.value ?? null,
    unit: alert.unit ?? null,
    limit: alert.limit ?? null,
    quality: alert.quality,
    model: alert.model ?? null,
    count: alert.count,
    raised_at: isoOf(alert.raisedUs),
    last_seen_at: isoOf(alert.lastSeenUs),
    acknowledged_by: alert.acknowledgedBy ?? null,
    acknowledged_at: isoOrNull(alert.acknowledgedAtUs),
    close_reason: alert.closeReason ?? null,
  };
}

/** Physical values; null = no sample. */
export function stripToTrace(strip: StripPayload) {
  const { device, stream, channel, unit, lead, rateHz, startUs, scale, offset, samples, alertIds } = strip;
  const values = Array.from(samples, (raw) => (raw === noValue ? null : raw * scale + offset));
  return { device, stream, channel, unit, ...(lead === undefined ? {} : { lead }), rateHz, startUs, alerts: alertIds, values };
}

export function stateToWire(state: PersonState, gateway: GatewayState, silence: Silence | undefined, nowUs: number) {
  const { vital, rhythm } = state;
  return {
    person: state.person,
    name: state.name ?? null,
    as_of: isoOrNull(state.asOfUs),
    last_frame_age_s: state.receivedUs === undefined ? null : (nowUs - state.receivedUs) / 1e6,
    heart_rate_bpm: vital?.value ?? null,
    heart_rate_at: isoOrNull(vital?.timeUs),
    rhythm: rhythm?.label ?? null,
    rhythm_since: isoOrNull(rhythm?.timeUs),
    open_alerts: state.openAlerts.map(alertToWire),
    watched_s: state.watchedS,
    gateway: gatewayToWire(gateway, silence, undefined),
  };
}

export function gatewayToWire(state: GatewayState, silence: Silence | undefined, connected: boolean | undefined) {
  const { heartbeat } = state;
  return {
    id: state.gateway,
    ...(connected === undefined ? {} : { connected }),
    last_heartbeat_at: isoOrNull(heartbeat?.timeUs),
    heartbeat_received_at: isoOrNull(state.heartbeatReceivedUs),
    version: heartbeat?.version ?? null,
    uptime_s: heartbeat?.uptimeS ?? null,
    outbox_depth: heartbeat?.outboxDepth ?? null,
    devices: (heartbeat?.devices ?? []).map(({ id, person, state: device, lastSampleUs }) => ({
      id,
      person: person ?? null,
      state: device,
      last_sample_at: isoOrNull(lastSampleUs),
    })),
    frames: state.frames,
    opaque_frames: state.opaque,
    silent:
      silence === undefined ? null : { rule: silence.rule, level: silence.level, priority: silence.priority, silent_s: silence.silentS },
  };
}

function isoOf(us: number): string {
  return new Date(us / 1000).toISOString();
}

function isoOrNull(us: number | undefined): string | null {
  return us === undefined ? null : isoOf(us);
}
