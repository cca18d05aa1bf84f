/** `device.placement`: what a motion sensor tells does not fit the limb that it is said to be worn on, for ten seconds of walking, an arm for twenty. It says nothing about the person. */

import type { MovementFact } from "../facts/movement.ts";
import { technical } from "./alert-words.ts";
import type { Family } from "./family.ts";
import { createLimbFit, type LimbFitState } from "./limb-fit.ts";
import type { Rule, RuleDecision, RuleProfile } from "./rule.ts";

interface Finding {
  /** Seconds of walking in a row in which it did not fit, and in which it did. */
  readonly misfitS: number;
  readonly fitS: number;
  readonly sinceUs: number;
  /** The device that it was told of. */
  readonly told?: string;
}

interface State {
  readonly fit: LimbFitState;
  readonly findings: readonly (readonly [what: string, Finding])[];
  readonly walkedUs: number;
}

const rule = "device.placement";
const endsAfterS = 5;
/** Below the first it does not fit, above the second it does; between, a walk may be odd. Arms are held up by some, though not for long. */
const stands = { misfit: 0.35, fits: 0.6, beginsAfterS: 10 };
const arms = { misfit: -0.7, fits: 0.1, beginsAfterS: 20 };
const sides = { misfit: -0.45, fits: 0.1, beginsAfterS: 10 };
/** Walking has ended. */
const pauseUs = 3_000_000;

const create = (_profile: RuleProfile, saved?: unknown): Rule => {
  const was = saved as State | undefined;
  const limbFit = createLimbFit(was?.fit);
  const findings = new Map<string, Finding>(was?.findings);
  let walkedUs = was?.walkedUs ?? Number.NEGATIVE_INFINITY;

  const judge = (
    what: string,
    value: number,
    bounds: typeof stands,
    sensor: MovementFact["sensors"][number],
    fact: MovementFact,
  ): RuleDecision[] => {
    const before: Finding = findings.get(what) ?? { misfitS: 0, fitS: 0, sinceUs: fact.timeUs };
    const misfitS = value < bounds.misfit ? before.misfitS + 1 : value > bounds.fits ? 0 : before.misfitS;
    const fitS = value > bounds.fits ? before.fitS + 1 : 0;
    const sinceUs = before.misfitS === 0 ? fact.timeUs : before.sinceUs;
    const { device } = sensor;
    findings.set(what, { ...before, misfitS, fitS, sinceUs });
    if (before.told === undefined && misfitS >= bounds.beginsAfterS) {
      findings.set(what, { misfitS, fitS, sinceUs, told: device });
      const stream = fact.about.find((source) => source.device === device)?.stream ?? fact.stream;
      const about = {
        rule,
        device,
        stream,
        priority: "low",
        alertKind: "technical",
        quality: "good",
        cause: { code: `placement.${causeOf(what)}` },
      } as const;
      return isAlone(what, device) ? [{ kind: "begin", ...about, onsetUs: sinceUs, timeUs: fact.timeUs }] : [];
    }
    if (before.told === undefined || fitS < endsAfterS) return [];
    findings.set(what, { misfitS: 0, fitS, sinceUs });
    return isAlone(what, before.told) ? [{ kind: "end", rule, device: before.told, endUs: fact.timeUs, timeUs: fact.timeUs }] : [];
  };

  /** One condition a device, whatever does not fit. */
  const isAlone = (what: string, device: string) => ![...findings].some(([other, { told }]) => other !== what && told === device);

  const onMovement = (fact: MovementFact): RuleDecision[] => {
    if (fact.cadencePerMin === undefined) return [];
    walkedUs = fact.timeUs;
    const { fit } = limbFit;
    if (fit === undefined) return [];
    const worn = fact.sensors.filter(({ isWorn }) => isWorn !== false);
    const limbs = worn.flatMap((sensor) => {
      const value = fit.stands[sensor.placement];
      const bounds = sensor.placement.endsWith("forearm") ? arms : stands;
      return value === undefined ? [] : judge(sensor.placement, value, bounds, sensor, fact);
    });
    const leg = worn.find(({ placement }) => placement === "left-shank");
    return fit.sides === undefined || leg === undefined ? limbs : [...limbs, ...judge("legs", fit.sides, sides, leg, fact)];
  };

  return {
    ids: [rule],
    push(input) {
      if (input.kind === "pose") limbFit.push(input);
      return input.kind === "movement" ? onMovement(input) : [];
    },
    watching: (timeUs) => (timeUs - walkedUs < pauseUs && limbFit.fit !== undefined ? [rule] : []),
    state: (): State => ({ fit: limbFit.state(), findings: [...findings], walkedUs }),
  };
};

function causeOf(what: string): string {
  return what === "legs" ? "legs" : what.endsWith("forearm") ? "arm" : "limb";
}

const wayOut = "put it where it is said to be, or say where it is, and calibrate again (hearth calibrate, or under the body on the page)";

export const devicePlacement: Family = {
  create,
  rules: {
    [rule]: {
      priority: "low",
      alertKind: "technical",
      text: {
        ...technical((w) => `${w.device}: moves otherwise than where it is worn`, ""),
        body: (w) =>
          `Since ${w.since}.${w.hasCause ? ` ${w.cause.charAt(0).toUpperCase()}${w.cause.slice(1)}.` : ""} Nothing about the person is decided by it.`,
      },
      causes: {
        "placement.legs": `left and right shank seem to be swapped: the body turns with the other leg; swap the two sensors, or say so, and calibrate again (hearth calibrate, or under the body on the page)`,
        "placement.arm": `the arm would point upwards all the while its wearer walks, as where left and right are swapped; ${wayOut}`,
        "placement.limb": `the limb would lie level or stand on its head while its wearer walks; ${wayOut}`,
      },
    },
  },
};
