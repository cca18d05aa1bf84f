/** Which stretch of signal a message asks for. Pure. */

import { msOfIso } from "../../../gateway/runtime/iso-time.ts";
import { HearthProblem } from "../../client/problem.ts";
import type { Message, Settings } from "../../node-red/host.ts";

interface StripRequest {
  /** At the gateway. */
  readonly path: string;
  /** Of files: small letters, digits and what a record's name takes. */
  readonly name: string;
  /** When its last sample will be there, milliseconds since 1970; 0 = not known. */
  readonly endMs: number;
}

/** As long as the gateway gives one. */
const maxSeconds = 600;
/** What comes after the time of an alert in its strip, and by how much samples come later than they are taken. */
const alertAfterMs = 15_000;
const lateMs = 3000;

/**
 * An alert's strip where the message carries one (`msg.alert`, or a payload with a rule and an id); else the time that the payload names:
 * `{person, from, to}` or `{person, t}` with the settings' seconds before and after it; times in milliseconds since 1970, ISO 8601 or a Date. The person may
 * stand in the settings. Throws `flows.bad_request`.
 */
export function stripRequest(settings: Settings, { alert, payload }: Message): StripRequest {
  const told = alertOf(alert) ?? alertOf(payload);
  if (told !== undefined) return told;
  const asked = typeof payload === "object" && payload !== null ? (payload as Readonly<Record<string, unknown>>) : { t: payload };
  const person = [asked.person, settings.person].find((each): each is string => typeof each === "string" && each.trim() !== "")?.trim();
  if (person === undefined) throw bad("neither the message nor the node names a person, and the message is no alert");
  const { from, to } = spanOf(settings, asked);
  if (!(to > from)) throw bad("'to' must be after 'from'");
  if (to - from > maxSeconds * 1000) throw bad(`a stretch has ${maxSeconds} s at most`);
  const iso = (ms: number) => new Date(ms).toISOString();
  const path = `/api/v1/people/${encodeURIComponent(person)}/strip?from=${iso(from)}&to=${iso(to)}`;
  return { path, name: nameOf(from), endMs: to + lateMs };
}

function alertOf(value: unknown): StripRequest | undefined {
  const { id, rule, t_s: toldS } = (value ?? {}) as { readonly id?: unknown; readonly rule?: unknown; readonly t_s?: unknown };
  if (typeof id !== "string" || typeof rule !== "string" || id === "" || id.length > 200) return undefined;
  const toldMs = Number(toldS) * 1000;
  const isKnown = Number.isFinite(toldMs) && toldMs > 0;
  const name = isKnown ? nameOf(toldMs) : `strip_${id.replaceAll(/\W+/g, "_").slice(0, 40)}`;
  return { path: `/api/v1/alerts/${encodeURIComponent(id)}/strip`, name, endMs: isKnown ? toldMs + alertAfterMs + lateMs : 0 };
}

function spanOf(settings: Settings, asked: Readonly<Record<string, unknown>>): { from: number; to: number } {
  if (asked.from !== undefined || asked.to !== undefined) return { from: timeMs(asked.from, "from"), to: timeMs(asked.to, "to") };
  const t = timeMs(asked.t, "t");
  const seconds = (value: unknown, usual: number) => (value === undefined || value === "" ? usual : Number(value));
  const [beforeS, afterS] = [seconds(settings.beforeS, 15), seconds(settings.afterS, 15)];
  if (!(beforeS >= 0 && afterS >= 0)) throw bad("the seconds before and after must be numbers from 0 on");
  return { from: t - beforeS * 1000, to: t + afterS * 1000 };
}

/** The year 9999; ISO 8601 goes on with a sign. */
const maxMs = Date.UTC(10_000, 0) - 1;

function timeMs(value: unknown, field: string): number {
  const ms =
    typeof value === "number" ? value : value instanceof Date ? value.getTime() : typeof value === "string" ? msOfIso(value) : Number.NaN;
  if (!(ms >= 0 && ms <= maxMs)) throw bad(`'${field}' must be milliseconds since 1970, ISO 8601 or a Date`);
  return ms;
}

const nameOf = (ms: number) => `strip_${new Date(ms).toISOString().slice(0, 19).replaceAll(/\D/g, "")}`;
const bad = (what: string) => new HearthProblem("flows.bad_request", `No stretch of signal can be asked for: ${what}.`);
