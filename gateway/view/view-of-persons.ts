/** The gateway as somebody sees it who is bound to some of its persons. What concerns only others is not there: neither listed nor told nor acted on. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { CalibrationPort } from "../setup/calibration-port.ts";
import type { Setup } from "../setup/setup-port.ts";
import type { DeviceView, GatewayView, LiveMessage, StatusView } from "./view-port.ts";

/** The house's own alerts concern everyone who lives in it: a gateway that fails watches nobody. */
const house = "gateway";

/**
 * `persons` and what belongs to the house: its own alerts, and devices that nobody wears. Asking for anything of another person throws the error of an
 * unknown one. Buttons of a demo act on everybody and are not offered.
 */
export function viewOfPersons(view: GatewayView, persons: readonly string[]): GatewayView {
  const isOwn = (person: string) => persons.includes(person);
  const isVisible = (person: string | undefined) => person === undefined || person === house || isOwn(person);
  const requireOwn = (person: string) => {
    if (!isOwn(person)) throw new GatewayError("registry.unknown", "operator", `There is no person "${person}" in this home.`);
  };
  const people = () => view.people().filter(({ id }) => isOwn(id));
  const devices = () => view.devices().filter(({ person }) => isVisible(person));
  const ownStatus = (status: StatusView): StatusView => {
    const own = people();
    return {
      ...status,
      people: own.length,
      devices: devices().length,
      openAlerts: own.reduce((sum, { openAlerts }) => sum + openAlerts, 0),
      // Details, repairs and refusals name files, devices and topics, and these name persons.
      health: status.health.map(({ part, ok }) => ({ part, ok })),
      repairs: [],
      refusals: [],
    };
  };
  const requireDevice = (device: string): DeviceView => {
    const found = devices().find(({ id }) => id === device);
    if (found === undefined) throw new GatewayError("registry.unknown", "operator", `There is no device "${device}" in this home.`);
    return found;
  };

  return {
    ...view,
    status: () => ownStatus(view.status()),
    people,
    devices,
    streams: () => view.streams().filter(({ person }) => isVisible(person)),
    wearings: async () => (await view.wearings()).filter(({ person }) => isOwn(person)),
    setup: setupOf(view.setup, requireOwn, requireDevice),
    async alerts({ person, ...query }) {
      if (person !== undefined && !isVisible(person)) return { alerts: [] };
      return view.alerts(person === undefined ? { ...query, persons: [...persons, house] } : { ...query, person });
    },
    async alert(id) {
      const alert = await view.alert(id);
      return alert === undefined || !isVisible(alert.person) ? undefined : alert;
    },
    async act(id, verb, caller, options) {
      if (!isVisible((await view.alert(id))?.person)) throw unknownAlert("There is no alert with this id that can still be acted on.");
      return view.act(id, verb, caller, options);
    },
    async alertStrip(id) {
      if (!isVisible((await view.alert(id))?.person)) throw unknownAlert("There is no alert with this id.");
      return view.alertStrip(id);
    },
    ...outsideOf(view, isVisible, requireOwn),
    consent: consentOf(view.consent, requireOwn),
    probe: async (device, seconds) => view.probe(requireDevice(device).id, seconds),
    async strip(person, fromUs, toUs) {
      requireOwn(person);
      return view.strip(person, fromUs, toUs);
    },
    async coverage(person, fromUs, toUs) {
      requireOwn(person);
      return view.coverage(person, fromUs, toUs);
    },
    live: (listener, wants) =>
      view.live((message) => {
        if (!isVisible(personOf(message))) return;
        listener(message.kind === "status" ? { ...message, status: ownStatus(message.status) } : message);
      }, wants),
    alertsAfter: async (id) => (await view.alertsAfter(id))?.filter(({ alert }) => isVisible(alert.person)),
    demoActions: () => [],
    async demoAct() {
      throw new GatewayError("demo.not_allowed", "operator", "The demo's buttons act on everybody; this token is bound to some persons.");
    },
  };
}

const unknownAlert = (says: string) => new GatewayError("alert.unknown", "operator", says);
/** They see their limits and say what they wear. */
function setupOf(setup: Setup, requireOwn: (person: string) => void, requireDevice: (device: string) => void): Setup {
  return {
    ...noSetup,
    limits(person) {
      requireOwn(person);
      return setup.limits(person);
    },
    learnActs(person) {
      requireOwn(person);
      return setup.learnActs(person);
    },
    async learn(person, ...more) {
      requireOwn(person);
      return setup.learn(person, ...more);
    },
    calibration(person) {
      requireOwn(person);
      return setup.calibration(person);
    },
    async calibrate(person, ...more) {
      requireOwn(person);
      return setup.calibrate(person, ...more);
    },
    async undoCalibration(person, by) {
      requireOwn(person);
      return setup.undoCalibration(person, by);
    },
    async wear(device, person, ...more) {
      requireDevice(device);
      if (person !== undefined) requireOwn(person);
      await setup.wear(device, person, ...more);
    },
  };
}

const notSetUp = async (): Promise<never> => {
  throw new GatewayError(
    "setup.not_allowed",
    "operator",
    "Who lives here and which devices there are is nothing for a token that is bound to some persons.",
  );
};
const noSetup: Omit<Setup, "wear" | "limits" | "learnActs" | "learn" | keyof CalibrationPort> = {
  setLimits: notSetUp,
  addPerson: notSetUp,
  renamePerson: notSetUp,
  addDevice: notSetUp,
  renameDevice: notSetUp,
  removeDevice: notSetUp,
  newPassword: notSetUp,
};

function consentOf({ view, change }: GatewayView["consent"], requireOwn: (person: string) => void): GatewayView["consent"] {
  return {
    view(person) {
      requireOwn(person);
      return view(person);
    },
    async change(person, ...more) {
      requireOwn(person);
      return change(person, ...more);
    },
  };
}

/** They see what is raised for them, call for help and say where they are; nobody raises anything for others. */
function outsideOf(
  { outside, help, presence }: GatewayView,
  isVisible: (person: string) => boolean,
  requireOwn: (person: string) => void,
): Pick<GatewayView, "outside" | "help" | "presence"> {
  return {
    presence: {
      of(person) {
        requireOwn(person);
        return presence.of(person);
      },
      async say(person, ...more) {
        requireOwn(person);
        return presence.say(person, ...more);
      },
    },
    outside: {
      list: () => outside.list().filter(({ person }) => isVisible(person)),
      async say(of, ...more) {
        requireOwn(of.person);
        return outside.say(of, ...more);
      },
      async end(of, ...more) {
        requireOwn(of.person);
        return outside.end(of, ...more);
      },
    },
    help: {
      state(person) {
        requireOwn(person);
        return help.state(person);
      },
      async call(person, by) {
        requireOwn(person);
        return help.call(person, by);
      },
      async cancel(person, by) {
        requireOwn(person);
        return help.cancel(person, by);
      },
    },
  };
}

/** Whom a live message is about; undefined for what concerns everyone: the status, a device that nobody wears. */
export function personOf(message: LiveMessage): string | undefined {
  if (message.kind === "alert") return message.alert.person;
  if (message.kind === "device") return message.device.person;
  return "person" in message ? message.person : undefined;
}
