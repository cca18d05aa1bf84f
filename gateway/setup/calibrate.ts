/** A pose is held, and with it is known how each motion sensor of a person sits on its limb. Dated, audited, and taken back. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { placements } from "../../models/signal/body.ts";
import type { CalibrationPose, Mounting } from "../facts/mount.ts";
import type { Calibrations } from "../people/calibrations.ts";
import type { Registry } from "../people/registry.ts";
import { judgePose, type PoseFault } from "../stream/body/held-pose.ts";
import { createPoseWatch } from "../stream/body/pose-watch.ts";
import type { Placed } from "../stream/reorder.ts";
import type { CalibrationRun, CalibrationSensor } from "./calibration-port.ts";
import { poseFaultText } from "./calibration-words.ts";

interface CalibratorParts {
  readonly clock: Pick<Clock, "after">;
  readonly nowUs: () => number;
  readonly registry: Pick<Registry, "wearing" | "devices">;
  readonly calibrations: Calibrations;
}

interface Running {
  readonly run: CalibrationRun;
  readonly sensors: readonly Pick<CalibrationSensor, "device" | "placement">[];
  readonly watch: ReturnType<typeof createPoseWatch>;
}

export interface Calibrator {
  /** Every block in sample order: a sensor that tells how it is turned is known by what it sends. */
  placed(person: string, descriptor: StreamDescriptor, placed: Placed): void;
  mountingOf(person: string, device: string, stated: string | undefined, atUs: number): Mounting;
  sensors(person: string): readonly CalibrationSensor[];
  /** The newest; undefined where nothing was begun since the start. */
  run(person: string): CalibrationRun | undefined;
  /**
   * Begins the count-down; `done` is called once with what came of it, and gives the number under which it is kept.
   * Throws `setup.conflict` while one runs, or where no sensor is worn that could be calibrated.
   */
  start(
    person: string,
    pose: CalibrationPose,
    without: readonly string[],
    keep: (mounts: ReturnType<typeof judgePose>["mounts"]) => Promise<number>,
  ): CalibrationRun;
}

const secondUs = 1_000_000;
/** s. Time to get ready, of it so much at the end in which hanging arms are seen, then to raise them, then to hold still. */
const [readyS, hangingS, raiseS, holdS] = [4, 2, 3, 3];
/** Batches on their way; a sensor that has not brought its last sample by then counts as silent. */
const latestS = 4;
const mostStreams = 64;

export function createCalibrator({ clock, nowUs, registry, calibrations }: CalibratorParts): Calibrator {
  const runs = new Map<string, Running>();
  /** By device: the placement that its descriptor states, and who wears it; of sensors that tell how they are turned. */
  const turning = new Map<string, { readonly person: string; readonly stated: string | undefined }>();

  const mountingOf: Calibrator["mountingOf"] = (person, device, stated, atUs) => {
    const wearing = registry.wearing(device, atUs);
    const placement = isOfBody(wearing?.placement) ? wearing?.placement : stated;
    const mount = calibrations
      .mountsAt(person, atUs)
      .find((each) => each.device === device && each.placement === placement && each.sinceUs >= (wearing?.fromUs ?? 0));
    return mount === undefined ? { placement } : { placement, mount };
  };

  const sensors: Calibrator["sensors"] = (person) =>
    registry.devices().flatMap(({ id: device }): CalibrationSensor[] => {
      if (registry.wearing(device, nowUs())?.person !== person) return [];
      const { placement, mount } = mountingOf(person, device, turning.get(device)?.stated, nowUs());
      if (placement === undefined || !isOfBody(placement)) return [];
      return [{ device, placement, ...(mount === undefined ? {} : { calibratedUs: mount.sinceUs }) }];
    });

  const finish = async ({ run, watch, sensors: expected }: Running, keep: Parameters<Calibrator["start"]>[3]) => {
    const { mounts, faults } = judgePose(watch.sensors(expected), run.pose, run.heldToUs);
    const tell = (state: Pick<CalibrationRun, "state" | "faults" | "number">) =>
      runs.set(run.person, { run: { ...run, ...state }, watch, sensors: expected });
    if (faults.length > 0) return tell({ state: "refused", faults: faults.map(told) });
    try {
      tell({ state: "done", faults: [], number: await keep(mounts) });
    } catch (thrown) {
      tell({
        state: "refused",
        faults: [{ code: "not-kept", text: "The home could not keep it: its disk refuses. See the alerts, then calibrate again." }],
      });
      throw thrown;
    }
  };

  return {
    ...{ mountingOf, sensors, run: (person) => runs.get(person)?.run },
    placed(person, descriptor, placed) {
      if (placed.kind !== "samples" || !descriptor.channels.some(({ kind }) => kind === "quaternion")) return;
      const { device, placement: stated } = descriptor;
      if (turning.has(device) || turning.size < mostStreams) turning.set(device, { person, stated });
      const running = runs.get(person);
      if (running?.run.state !== "running") return;
      const { placement } = mountingOf(person, device, stated, placed.startUs);
      if (placement !== undefined) running.watch.push(descriptor, placement, placed);
    },
    start(person, pose, without, keep) {
      if (runs.get(person)?.run.state === "running") throw conflict("A calibration is running already: wait until it has ended.");
      const expected = sensors(person).filter(({ placement }) => !without.includes(placement));
      if (expected.length === 0)
        throw conflict(`No motion sensor is worn at ${placements.join(", ")}: say where each is worn, and calibrate then.`);
      const startUs = nowUs();
      const readyUs = startUs + readyS * secondUs;
      const heldFromUs = pose === "arms-out" ? readyUs + raiseS * secondUs : readyUs;
      const held = { fromUs: heldFromUs, toUs: heldFromUs + holdS * secondUs };
      const watch = createPoseWatch(held, pose === "arms-out" ? { fromUs: readyUs - hangingS * secondUs, toUs: readyUs } : undefined);
      const run: CalibrationRun = {
        ...{ person, pose, without, startUs, readyUs, heldFromUs, heldToUs: held.toUs, state: "running", faults: [] },
      };
      const running: Running = { run, watch, sensors: expected };
      runs.set(person, running);
      const look = () => {
        const isAll = expected.every(({ device }) => watch.newestUs(device) >= held.toUs);
        if (!isAll && nowUs() < held.toUs + latestS * secondUs) return void clock.after(200, look);
        void finish(running, keep).catch(() => {});
      };
      clock.after((held.toUs - startUs) / 1000, look);
      return run;
    },
  };

  function told(fault: PoseFault): CalibrationRun["faults"][number] {
    const title = registry.devices().find(({ id }) => id === fault.device)?.title;
    return { ...fault, text: poseFaultText(fault, title) };
  }
}

function isOfBody(placement: string | undefined): boolean {
  return (placements as readonly (string | undefined)[]).includes(placement);
}

function conflict(says: string): GatewayError {
  return new GatewayError("setup.conflict", "operator", says, { fields: { field: "act" } });
}
