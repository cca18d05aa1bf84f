/** What keeps a device's data from being used, for its card and for `device.decoding`: bytes that cannot be decoded, and streams that nothing reads. */

import type { AlertCause } from "../../device-drivers/contract/event.ts";
import { helpWords } from "../alert/device-help.ts";
import { causeWords } from "../alert/device-words.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { isTold } from "../pipeline/reception.ts";
import type { DeviceAnswers } from "./device-answers.ts";
import type { LiveState } from "./live-state.ts";
import type { DeviceFinding, StreamView } from "./view-port.ts";

interface DeviceFindings {
  /** The cause before its consequences; empty while all is well. */
  of(device: string): DeviceFinding[];
  /** `device.decoding`: what it is about, undefined while it is not true, "unknown" before anything has come since the start. */
  fault(device: string): AlertCause | "unknown" | undefined;
}

interface DeviceFindingsParts {
  readonly pipeline: Pick<Pipeline, "reception">;
  readonly liveState: Pick<LiveState, "streams">;
  readonly answers: Pick<DeviceAnswers, "recent">;
  readonly nowUs: () => number;
}

/** One refused batch among good ones is no news: the next good one takes it away. */
const shownAfterUs = 2_000_000;
/** A stream that has not come for so long may have been replaced by another. */
const goneUs = 60_000_000;

export function createDeviceFindings({ pipeline, liveState, answers, nowUs }: DeviceFindingsParts): DeviceFindings {
  const current = (device: string) =>
    liveState.streams().filter((view) => view.device === device && nowUs() - (view.lastSampleUs ?? 0) < goneUs);

  return {
    of(device) {
      const refused = pipeline.reception(device)?.findings() ?? [];
      const shown = refused.filter(({ sinceUs }) => nowUs() - sinceUs >= shownAfterUs);
      const unused = current(device).flatMap((view) => (isUnused(view) || isBlind(view) ? [unusedFinding(view)] : []));
      const standing = [...shown.map(({ lastUs: _, ...finding }) => ({ ...finding, text: causeWords(finding) })), ...unused];
      return [...standing, ...answers.recent(device)].map((finding) => ({ ...finding, ...helpOf(finding) }));
    },
    fault(device) {
      const reception = pipeline.reception(device);
      if (reception === undefined) return "unknown";
      const told = reception.findings().find((finding) => isTold(finding, nowUs()));
      if (told !== undefined) {
        const { code, stream, field, fault } = told;
        return { code, stream, ...(field === undefined ? {} : { field }), ...(fault === undefined ? {} : { fault }) };
      }
      const blind = current(device).find(isBlind);
      if (blind !== undefined) return causeOfBlind(blind);
      return reception.decodedUs === undefined ? "unknown" : undefined;
    },
  };
}

function helpOf(finding: Pick<DeviceFinding, "code">): { help?: string } {
  const help = helpWords(finding);
  return help === "" ? {} : { help };
}

const isUnused = ({ uses }: StreamView) => uses.every(({ use }) => use === undefined);
/** An ECG that no rule reads looks like one that is watched: that is worth an alert, as a stream of another kind is not. */
const isBlind = ({ uses }: StreamView) => uses.some(({ kind }) => kind === "ecg") && !uses.some(({ use }) => use === "beats");

function causeOfBlind({ stream, uses }: StreamView): AlertCause {
  const reason = uses.find(({ kind }) => kind === "ecg") ?? uses[0];
  const { unused = "kind", field, needs } = reason ?? {};
  return { code: `use.${unused}`, stream, ...(field === undefined ? {} : { field }), ...(needs === undefined ? {} : { needs }) };
}

function unusedFinding({ stream, uses }: StreamView): DeviceFinding {
  const unused = uses.filter(({ use }) => use === undefined);
  const [first] = unused;
  const texts = [...new Set(unused.map(({ text }) => text))];
  return {
    code: `use.${first?.unused ?? "kind"}`,
    stream,
    ...(first?.field === undefined ? {} : { field: first.field }),
    text: `${stream}: ${texts.join("; ")}`,
  };
}
