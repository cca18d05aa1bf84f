/**
 * Beats of a sensor that have been unlike its wearer's for minutes, and like those of another person of the house: somebody else may wear it. It looks across
 * persons, so it stands beside their rivers and decides nothing in them.
 */

import type { ModelSpec } from "../../models/model-spec.ts";
import type { Fact } from "../facts/fact.ts";
import type { Memory } from "./memory.ts";

interface WrongPersonParts {
  readonly models: readonly ModelSpec[];
  readonly people: () => readonly string[];
  readonly memoriesOf: (person: string) => readonly Memory[];
  /** Whether somebody else fits better, and who. */
  readonly set: (device: string, fits: string | undefined) => void;
}

interface Device {
  person: string;
  /** Of the newest beats whether it was unlike the wearer's, and whom of the others it fits. */
  beats: { isUnlike: boolean; fits: readonly string[] }[];
  isTold: boolean;
}

/** About five minutes. */
const neededBeats = 300;
/** About one minute: it fits again. */
const backBeats = 60;
const share = 0.8;
/** As unusual as hardly a beat of one's own minutes, and as a common one. */
const unlike = 0.99;
const like = 0.95;

export function createWrongPersonWatch({ models, people, memoriesOf, set }: WrongPersonParts) {
  const specs = new Map(models.flatMap(({ id, personal }) => (personal === undefined ? [] : [[id, personal]])));
  const devices = new Map<string, Device>();

  const fitting = (person: string, fact: Fact & { kind: "unusual" }): string[] => {
    const { model, of } = fact.learning;
    const isFitting = (memory: Memory) => {
      const isComparable = memory.model === model.id && memory.of === of && memory.finishedUs !== undefined;
      const score = isComparable ? specs.get(model.id)?.judge(memory.state, fact.evidence)?.score : undefined;
      return score !== undefined && score < like;
    };
    return people().filter((other) => other !== person && memoriesOf(other).some(isFitting));
  };

  return (person: string, fact: Fact & { kind: "unusual" }): void => {
    const known = devices.get(fact.device);
    if (known !== undefined && known.person !== person && known.isTold) set(fact.device, undefined);
    const own = known?.person === person ? known : { person, beats: [], isTold: false };
    devices.set(fact.device, own);
    // While it is being learnt whose these are nobody can say.
    if (fact.judged === undefined) own.beats = [];
    else {
      const isUnlike = fact.judged.score >= unlike;
      own.beats.push({ isUnlike, fits: isUnlike ? fitting(person, fact) : [] });
      if (own.beats.length > neededBeats) own.beats.shift();
    }
    const count = (is: (beat: Device["beats"][number]) => boolean, of = own.beats) => of.filter(is).length;
    if (own.isTold) {
      const newest = own.beats.slice(-backBeats);
      if (own.beats.length > 0 && (newest.length < backBeats || count(({ isUnlike }) => !isUnlike, newest) < share * backBeats)) return;
      own.isTold = false;
      own.beats = [];
      set(fact.device, undefined);
      return;
    }
    if (own.beats.length < neededBeats || count(({ isUnlike }) => isUnlike) < share * neededBeats) return;
    const other = people().find((id) => count(({ fits }) => fits.includes(id)) >= share * neededBeats);
    if (other === undefined) return;
    own.isTold = true;
    set(fact.device, other);
  };
}
