/** How the twin's answers look in REST: contract names, times as ISO 8601 and, where the page computes with them, microseconds. Pure. */

import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { framesOf, segmentCount } from "../../device-drivers/contract/pose.ts";
import { alertFields } from "../api/wire.ts";
import { isoOrNull } from "../runtime/iso-time.ts";
import type { PosePayload } from "../semantic/payloads/pose.ts";
import type { StripPayload } from "../semantic/payloads/strip.ts";
import { noValue } from "../semantic/strip-codec.ts";
import { silenceOf } from "./silence.ts";
import type { GatewayState, PersonState } from "./store/port.ts";

/** As the home has it, and the onset in microseconds: the twin's page places it on its traces. */
export function alertToWire(alert: AlertRecord) {
  return { ...alertFields(alert), onsetUs: alert.onsetUs };
}

/** Physical values; null = no sample. */
export function stripToTrace(strip: StripPayload) {
  const { device, stream, channel, unit, lead, rateHz, startUs, scale, offset, samples, alertIds } = strip;
  const values = Array.from(samples, (raw) => (raw === noValue ? null : raw * scale + offset));
  return { device, stream, channel, unit, ...(lead === undefined ? {} : { lead }), rateHz, startUs, alerts: alertIds, values };
}

/** A stretch of a body, as the live stream of a home has it, with the error that it states. */
export function poseToWire({ about, model, startUs, pose }: PosePayload) {
  const { rateHz, rotations, states, errorDeg } = pose;
  return {
    ...{ devices: [...new Set(about.map(({ device }) => device))], model: model ?? null, startUs, rateHz },
    rotations: Array.from(rotations, (part) => Math.round(part * 10_000) / 10_000),
    states: Array.from({ length: framesOf(pose) }, (_, i) => [...states.subarray(i * segmentCount, (i + 1) * segmentCount)].join("")),
    error_deg: errorDeg,
  };
}

export function stateToWire(state: PersonState, gateway: GatewayState, nowUs: number) {
  const { vital, rhythm } = state;
  return {
    person: state.person,
    name: state.name ?? null,
    as_of: isoOrNull(state.asOfUs),
    last_frame_age_s: state.receivedUs === undefined ? null : (nowUs - state.receivedUs) / 1e6,
    heart_rate_bpm: vital?.value ?? null,
    heart_rate_at: isoOrNull(vital?.timeUs),
    vitals: state.numbers.map(({ code, value, unit, device, stream, timeUs }) => ({
      ...{ code, value, unit, device, stream },
      at: isoOrNull(timeUs),
    })),
    rhythm: rhythm?.label ?? null,
    rhythm_since: isoOrNull(rhythm?.timeUs),
    open_alerts: state.openAlerts.map(alertToWire),
    watched_s: state.watchedS,
    gateway: gatewayToWire(gateway, nowUs, undefined),
  };
}

export function gatewayToWire(state: GatewayState, nowUs: number, connected: boolean | undefined) {
  const { heartbeat } = state;
  const silence = state.silence && silenceOf(state.silence.level, Math.max(0, nowUs - state.silence.sinceUs) / 1e6);
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
