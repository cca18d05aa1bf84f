/** How the motion sensors of a person sit on their limbs, as a history with dates: held by the running house and by a restart from the same moment on. */

import type { CalibrationPose, DatedCalibration, Mount } from "../facts/mount.ts";
import type { Store } from "../store/store-port.ts";
import { putHistoriesRight, writeAhead } from "./dated.ts";

export interface Calibrations {
  /** Oldest first. */
  of(person: string): readonly DatedCalibration[];
  /** Those that hold at a moment of the gateway's axis. */
  mountsAt(person: string, atUs: number): readonly Mount[];
  /** Reads what was kept. */
  open(person: string): Promise<void>;
  putRight(atUs: number): Promise<void>;
  /** They hold from a second or two from now on, before those of the same devices. Rejects with the store's error, and nothing changes. */
  add(person: string, pose: CalibrationPose, mounts: readonly Mount[], by: string): Promise<DatedCalibration>;
  /** The newest that has not been taken back is, and what held before it holds again; undefined where there is none. Rejects as above. */
  undo(person: string, by: string): Promise<DatedCalibration | undefined>;
}

/** The oldest are dropped beyond this; each says all that holds from it on. */
export const mostCalibrations = 50;

const keyOf = (person: string) => `calibration/${person}`;

export function createCalibrations(store: Pick<Store, "getValue" | "putValue">, nowUs: () => number): Calibrations {
  const byPerson = new Map<string, readonly DatedCalibration[]>();
  const write = (person: string, all: readonly DatedCalibration[]) =>
    store.putValue(keyOf(person), new TextEncoder().encode(JSON.stringify(all)));
  const of = (person: string) => byPerson.get(person) ?? [];

  const append = async (person: string, next: Pick<DatedCalibration, "by" | "act" | "mounts">): Promise<DatedCalibration> => {
    const before = of(person);
    const dated = (fromUs: number): DatedCalibration => ({ number: (before.at(-1)?.number ?? 0) + 1, fromUs, ...next });
    const withIt = (fromUs: number) => [...before, dated(fromUs)].slice(-mostCalibrations);
    const fromUs = await writeAhead(nowUs, (us) => write(person, withIt(us)));
    byPerson.set(person, withIt(fromUs));
    return dated(fromUs);
  };

  return {
    of,
    mountsAt: (person, atUs) => of(person).findLast(({ fromUs }) => fromUs <= atUs)?.mounts ?? [],
    async open(person) {
      const bytes = await store.getValue(keyOf(person));
      if (bytes !== undefined) byPerson.set(person, JSON.parse(new TextDecoder().decode(bytes)) as DatedCalibration[]);
    },
    putRight: (atUs) => putHistoriesRight(byPerson, atUs, write),
    add(person, pose, mounts, by) {
      const devices = mounts.map(({ device }) => device);
      const others = (of(person).at(-1)?.mounts ?? []).filter(({ device }) => !devices.includes(device));
      return append(person, { by, act: { kind: "pose", pose, devices }, mounts: [...others, ...mounts] });
    },
    async undo(person, by) {
      const all = of(person);
      const undone = new Set(all.flatMap(({ act }) => (act.kind === "undo" ? [act.number] : [])));
      const newest = all.findLast(({ number, act }) => act.kind === "pose" && !undone.has(number));
      if (newest === undefined) return undefined;
      const mounts = all.findLast(({ number }) => number < newest.number)?.mounts ?? [];
      return append(person, { by, act: { kind: "undo", number: newest.number }, mounts });
    },
  };
}
