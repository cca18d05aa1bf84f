/** A stretch of a person's motion: a body as it was measured and completed, with the error that its code states. Each frame decodes alone. */

import { framesOf } from "../../../device-drivers/contract/pose.ts";
import type { Source } from "../../../device-drivers/contract/result.ts";
import { undecodable } from "../bits.ts";
import { wireInteger } from "../cbor.ts";
import { type DecodedPose, decodePose } from "../pose-code.ts";
import { fields, integer, list, text } from "./fields.ts";
import type { PayloadKind } from "./kind.ts";

export interface PosePayload {
  readonly kind: "pose";
  readonly person: string;
  /** The streams that it was made of: what may not be told of one of them lets none of it leave. */
  readonly about: readonly [Source, ...Source[]];
  /** Absent where no network completed anything. */
  readonly model?: { readonly id: string; readonly version: string };
  /** Time of its first frame on the gateway's axis. */
  readonly startUs: number;
  /** As `pose-code.ts` wrote it. */
  readonly code: Uint8Array;
  /** What the code says. */
  readonly pose: DecodedPose;
}

const endUs = ({ startUs, pose }: PosePayload) => startUs + (framesOf(pose) * 1e6) / pose.rateHz;

export const poseKind: PayloadKind<PosePayload> = {
  kind: "pose",
  class: "semantic",
  layouts: [14],
  timeUs: endUs,
  place: (payload) => ({ person: payload.person, key: "", fromUs: Math.round(payload.startUs), toUs: Math.round(endUs(payload)) }),
  encode({ person, about, model, startUs, code }) {
    const map = new Map<number, unknown>([
      [1, person],
      [2, about.flatMap(({ device, stream }) => [device, stream])],
      [4, wireInteger(Math.round(startUs))],
      [5, code],
    ]);
    if (model !== undefined) map.set(3, [model.id, model.version]);
    return { layout: 14, content: map };
  },
  decode(content) {
    const map = fields(content);
    const code = map.get(5);
    if (!(code instanceof Uint8Array)) throw undecodable("a body has no motion");
    const names = list(map.get(2)).map(text);
    const [first, ...others] = names.flatMap((device, i) => (i % 2 === 0 ? [{ device, stream: names[i + 1] ?? "" }] : []));
    if (first === undefined || names.length % 2 !== 0) throw undecodable("a body is nobody's");
    const model = map.get(3) === undefined ? undefined : list(map.get(3)).map(text);
    return {
      kind: "pose",
      person: text(map.get(1)),
      about: [first, ...others],
      ...(model === undefined ? {} : { model: { id: model[0] ?? "", version: model[1] ?? "" } }),
      ...{ startUs: integer(map.get(4)), code, pose: decodePose(code) },
    };
  },
};
