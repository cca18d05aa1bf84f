/**
 * Answers a device on its own `cmd/error` when it sends what can't be used: field, reason and the way out. The newest answer is retained until the device
 * is fine again, so that whoever looks later still finds it. It never sends more than one answer a cause and minute, whatever a device does.
 */

import type { AlertCause } from "../../device-drivers/contract/event.ts";
import type { Refusal } from "../../device-drivers/contract/refusal.ts";
import { accessCodeOf, helpWords } from "../alert/device-help.ts";
import { causeWords } from "../alert/device-words.ts";
import { isoOrNull } from "../runtime/iso-time.ts";
import type { DeviceFinding } from "./view-port.ts";

export interface DeviceAnswers {
  /** Bytes of the device that became no samples, or samples that were odd. */
  refused(device: string, refusals: readonly Refusal[]): Promise<void>;
  /** The broker refused an account something. Resolves when the device has been told; at once for a name that is no device's. */
  denied(denied: { readonly reason: string; readonly account?: string | undefined; readonly topic?: string | undefined }): Promise<void>;
  /** What happened within the last minute and leaves no trace elsewhere, oldest first: bytes that became no samples stand in the reception until they do. */
  recent(device: string): DeviceFinding[];
  /** Takes retained answers back whose device is fine again; call it every second. */
  look(isFine: (device: string) => boolean): void;
}

interface AnswersParts {
  readonly nowUs: () => number;
  readonly isKnown: (device: string) => boolean;
  /** Publishes on the device's `cmd/error`, retained; an empty one takes the last back. */
  readonly send: (device: string, bytes: Uint8Array) => Promise<void>;
  /** What is shown of the device has changed. */
  readonly onChange: (device: string) => void;
}

const minuteUs = 60_000_000;
/** Causes of one device that are kept at a time; a device that finds more ways to be wrong hears of the first ones. */
const maxCauses = 32;
const maxTopicChars = 200;

/** A device that sends again what was not acknowledged sends duplicates; so many and nothing between them are no repeats. */
const harmlessRepeats = 3;

type Cause = AlertCause & { readonly topic?: string; readonly isPassing?: boolean };

interface Told {
  readonly isPassing: boolean;
  readonly finding: DeviceFinding;
  readonly sinceUs: number;
  count: number;
  lastUs: number;
  toldUs: number;
}

export function createDeviceAnswers({ nowUs, isKnown, send, onChange }: AnswersParts): DeviceAnswers {
  const toldOf = new Map<string, Map<string, Told>>();
  const retained = new Map<string, number>();

  const current = (device: string) => {
    const told = toldOf.get(device) ?? new Map<string, Told>();
    // A clock that is put right leaves nothing in the future.
    for (const [key, { lastUs }] of told) if (Math.abs(nowUs() - lastUs) >= minuteUs) told.delete(key);
    if (told.size === 0) toldOf.delete(device);
    return told;
  };

  const answer = (device: string, told: Told, cause: Cause) => {
    told.toldUs = nowUs();
    const { stream = "", field, fault } = cause;
    const help = helpWords(cause);
    const said = {
      code: cause.code,
      ...(stream === "" ? {} : { stream }),
      ...(field === undefined ? {} : { field }),
      ...(fault === undefined ? {} : { fault }),
      ...(cause.topic === undefined ? {} : { topic: shortened(cause.topic) }),
      ...{ reason: told.finding.text, ...(help === "" ? {} : { help }), count: told.count, t: isoOrNull(told.toldUs) },
    };
    retained.set(device, told.toldUs);
    return send(device, new TextEncoder().encode(JSON.stringify(said)));
  };

  /** Tells the device, or counts where it was told within the minute. */
  const tell = async (device: string, causes: readonly Cause[]): Promise<void> => {
    if (!isKnown(device)) return;
    const sent: Promise<void>[] = [];
    const known = current(device);
    for (const cause of causes) {
      const { code, stream = "", field, fault, topic } = cause;
      const key = `${code} ${stream} ${field} ${fault} ${topic === undefined ? "" : shortened(topic)}`;
      const before = known.get(key);
      if (before === undefined && known.size >= maxCauses) continue;
      const text = `${causeWords(cause)}${topic === undefined ? "" : `: ${shortened(topic)}`}`;
      const finding: DeviceFinding = {
        code,
        stream,
        ...(field === undefined ? {} : { field }),
        ...(fault === undefined ? {} : { fault }),
        text,
      };
      const isPassing = cause.isPassing === true;
      const told = before ?? { finding, isPassing, sinceUs: nowUs(), count: 0, lastUs: 0, toldUs: Number.NEGATIVE_INFINITY };
      told.count++;
      told.lastUs = nowUs();
      known.set(key, told);
      toldOf.set(device, known);
      if (Math.abs(nowUs() - told.toldUs) >= minuteUs) sent.push(answer(device, told, cause));
      if (before === undefined) onChange(device);
    }
    await Promise.all(sent);
  };

  return {
    refused(device, refusals) {
      const mistakes = refusals.filter(({ code, count }) => code !== "driver.duplicate_batch" || count > harmlessRepeats);
      return tell(
        device,
        mistakes.map(({ isTaken, ...refusal }) => ({ ...refusal, isPassing: isTaken === true })),
      );
    },
    async denied({ reason, account, topic }) {
      const code = accessCodeOf(reason);
      if (account === undefined || code === undefined) return;
      await tell(account, [{ code, isPassing: true, ...(topic === undefined ? {} : { topic }) }]);
    },
    recent: (device) =>
      [...current(device).values()].flatMap(({ finding, isPassing, count, sinceUs }) =>
        isPassing ? [{ ...finding, count, sinceUs }] : [],
      ),
    look(isFine) {
      for (const [device, atUs] of retained) {
        if (current(device).size > 0 || Math.abs(nowUs() - atUs) < minuteUs || !isFine(device)) continue;
        retained.delete(device);
        void send(device, new Uint8Array());
        onChange(device);
      }
    },
  };
}

const shortened = (topic: string) => (topic.length > maxTopicChars ? `${topic.slice(0, maxTopicChars)}…` : topic);
