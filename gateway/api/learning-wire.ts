/** How what was learnt of a person looks in REST and on the page: contract names, seconds and ISO 8601. */

import Type, { type Static } from "typebox";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { DatedLearnAct, Learning } from "../facts/learning.ts";
import { isoOf, isoOrNull } from "../runtime/iso-time.ts";

const isoOrNothing = (description: string) => Type.Union([Type.String({ format: "date-time" }), Type.Null()], { description });

export const LearningSchema = Type.Object({
  model: Type.String(),
  version: Type.String(),
  placement: Type.String({ description: "Where on the body; device/stream where that is not stated." }),
  state: Type.Enum(["learning", "known", "changed"], {
    description: "changed: most of what is seen is unlike what was learnt; somebody should say whether that is how it is now.",
  }),
  learnt_s: Type.Number({ description: "Seconds of good signal that were learnt." }),
  needed_s: Type.Number(),
  since: Type.String({ format: "date-time" }),
  finished_at: isoOrNothing("When it had learnt enough; since then nothing is learnt by itself."),
  changed_since: isoOrNothing("Since when it is changed."),
  from_record: Type.Boolean({ description: "Learnt anew from the journal, because the model is another than before." }),
  normals: Type.Array(Type.Object({ number: Type.Integer(), at: Type.String({ format: "date-time" }), by: Type.String() }), {
    description: "What somebody has said is normal, and is in the memory; by its number it is taken back.",
  }),
});

export function learningToWire(of: Learning): Static<typeof LearningSchema> {
  const { model, learntS, neededS, sinceUs, finishedUs, changedUs, isFromRecord = false, normals } = of;
  return {
    ...{ model: model.id, version: model.version, placement: of.of },
    state: finishedUs === undefined ? "learning" : changedUs === undefined ? "known" : "changed",
    ...{ learnt_s: learntS, needed_s: neededS, since: isoOf(sinceUs), finished_at: isoOrNull(finishedUs) },
    ...{ changed_since: isoOrNull(changedUs), from_record: isFromRecord },
    normals: normals.map(({ number, atUs, by }) => ({ number, at: isoOf(atUs), by })),
  };
}

export const LearnActSchema = Type.Object({
  number: Type.Integer(),
  act: Type.Enum(["normal", "undo", "again"]),
  by: Type.String(),
  from: Type.String({ format: "date-time", description: "It holds from here on." }),
  placement: Type.Union([Type.String(), Type.Null()]),
  alert: Type.Union([Type.String(), Type.Null()], { description: "The alert whose beats were called normal." }),
  undoes: Type.Union([Type.Integer(), Type.Null()], { description: "The number that was taken back." }),
});

export function learnActToWire({ number, fromUs, by, act }: DatedLearnAct): Static<typeof LearnActSchema> {
  return {
    ...{ number, act: act.kind, by, from: isoOf(fromUs) },
    placement: "of" in act ? (act.of ?? null) : null,
    alert: act.kind === "normal" ? act.alert : null,
    undoes: act.kind === "undo" ? act.number : null,
  };
}

/** What a learning model saw, to be drawn: the beats, what is usual, and the difference to what it expected. */
export const EvidenceSchema = Type.Object({
  placement: Type.String(),
  learnt_from: Type.String({ format: "date-time" }),
  learnt_to: isoOrNothing("End of the minutes that it was learnt from."),
  from_s: Type.Number({ description: "First point of each curve, seconds from the beat." }),
  to_s: Type.Number(),
  usual: Type.Array(Type.Number(), { description: "What is usual, on the scale of the beats." }),
  beats: Type.Array(
    Type.Object({ at: Type.String({ format: "date-time" }), shown: Type.Array(Type.Number()), difference: Type.Array(Type.Number()) }),
  ),
});

export function evidenceToWire(evidence: AlertRecord["evidence"]): Static<typeof EvidenceSchema> | null {
  if (evidence?.curves === undefined) return null;
  const { of, beats, learnt, usual = [], curves } = evidence;
  const { residualAt, shownAt, points, fromS, toS } = curves;
  return {
    ...{ placement: of, learnt_from: isoOf(learnt.fromUs), learnt_to: isoOrNull(learnt.toUs), from_s: fromS, to_s: toS },
    usual: usual.map((value) => Math.round(value * 1e3) / 1e3),
    beats: beats.map(({ timeUs, vector }) => ({
      at: isoOf(timeUs),
      shown: vector.slice(shownAt, shownAt + points),
      difference: vector.slice(residualAt, residualAt + points),
    })),
  };
}

export const learnBodies = {
  LearningBody: Type.Object(
    {
      act: Type.Enum(["undo", "again"], {
        description:
          "undo: what was called normal under this number is taken back. again: everything that was learnt goes, and it is learnt anew.",
      }),
      number: Type.Optional(Type.Integer({ minimum: 1, description: "Of what is taken back." })),
      placement: Type.Optional(Type.String({ maxLength: 80, description: "Learnt again only here." })),
      by: Type.Optional(Type.String({ maxLength: 80, description: "Who says so, where the token names nobody." })),
    },
    { additionalProperties: false },
  ),
};
