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
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly topic: string;
}

export interface Setup {
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
