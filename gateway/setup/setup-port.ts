import type { DatedLearnAct, LearnAct } from "../facts/learning.ts";
import type { CalibrationPort } from "./calibration-port.ts";

/** What a household changes while the house runs, as pages, REST and the CLI ask for it. Each change is dated and stands in the audit with its name. */

interface NewPerson {
  /** Stands in addresses, topics and logs; without one the next free of person-a, person-b … */
  readonly id?: string;
  readonly name: string;
}

export interface NewDevice {
  /** Without one it is made of the title. Over MQTT also its user and topic prefix. */
  readonly id?: string;
  readonly title: string;
  /** `hearth-stream` unless told. */
  readonly driver?: string;
  /** As in hearth.yaml; MQTT unless told. */
  readonly link?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly person?: string;
  readonly placement?: string;
}

/** The MQTT account of a device; its password is shown only in the answer that makes it. */
export interface DeviceAccount {
  /** On this machine. */
  readonly url: string;
  /** On the home network, with TLS; absent while no such door is open. */
  readonly networkUrl?: string;
  readonly user: string;
  readonly password: string;
  readonly topic: string;
}

/** One number that rules go by, as its rule family describes it. */
export interface LimitView {
  /** As in hearth.yaml. */
  readonly name: string;
  readonly describes: string;
  readonly unit?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Everybody's of this home; absent where the rule is off until a person has a number of their own. */
  readonly everybodys?: number;
  /** This person's own, before everybody's. */
  readonly own?: number;
  readonly rules: readonly string[];
  /** The highest of its rules. */
  readonly priority?: "high" | "medium" | "low" | "info";
}

interface LimitsView {
  readonly limits: readonly LimitView[];
  /** When they changed and who did it, newest first. */
  readonly changes: readonly { readonly fromUs: number; readonly by: string }[];
}

/** By name; null takes the person's own away, so that everybody's stands, or the rule is off. */
export type LimitChanges = Readonly<Record<string, number | null>>;

export interface Setup extends CalibrationPort {
  /** Throws `registry.unknown`. */
  limits(person: string): LimitsView;
  /**
   * Takes effect at the moment that is given back (gateway axis), a second or two from now.
   * Throws `limits.confirm` where a rule of high priority would tell less or be off and `isConfirmed` is false; `setup.bad_field`, `registry.unknown`.
   */
  setLimits(person: string, changes: LimitChanges, isConfirmed: boolean, by: string): Promise<number>;
  /** What people have said is usual for this person, oldest first. Throws `registry.unknown`. */
  learnActs(person: string): readonly DatedLearnAct[];
  /** It holds from the act's date on, a second or two from now. Throws `registry.unknown`, `setup.conflict` for an undo of what is not there. */
  learn(person: string, act: LearnAct, by: string): Promise<DatedLearnAct>;
  /** Throws `setup.bad_field`, `setup.conflict`. */
  addPerson(person: NewPerson, by: string): Promise<{ readonly id: string; readonly name: string }>;
  /** Throws `registry.unknown`. */
  renamePerson(id: string, name: string, by: string): Promise<void>;
  /** Gives no account where the device does not come over MQTT. Throws `setup.bad_field`, `setup.conflict`, `registry.unknown`. */
  addDevice(device: NewDevice, by: string): Promise<{ readonly id: string; readonly account?: DeviceAccount }>;
  /** Throws `registry.unknown`. */
  renameDevice(id: string, title: string, by: string): Promise<void>;
  /** Its connection and its account end at once; what was recorded with it stays. Throws `registry.unknown`. */
  removeDevice(id: string, by: string): Promise<void>;
  /** The old password ends at once. Throws `registry.unknown`, `setup.bad_field`. */
  newPassword(id: string, by: string): Promise<DeviceAccount>;
  /**
   * From now on, or since `sinceUs` (gateway axis) where nobody wore it since then. `person` undefined: nobody.
   * Throws `registry.unknown`, `setup.bad_field`, `setup.conflict`.
   */
  wear(device: string, person: string | undefined, placement: string, by: string, sinceUs?: number): Promise<void>;
}
