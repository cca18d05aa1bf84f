/** What a visitor may do to the demo: pull things out and see what the house says. Each button does what its sentence says, nothing more. */

import { join } from "node:path";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Demo } from "../view/gateway-view.ts";
import type { DemoAction } from "../view/view-port.ts";
import type { BodySensors } from "./body-sensors.ts";
import type { Relay } from "./relay.ts";
import type { Strap } from "./strap.ts";
import { readVisitorFile, type UploadedFile } from "./visitor-file.ts";

interface ActionParts {
  readonly strap: Strap;
  readonly body: BodySensors;
  readonly wire: Relay;
  readonly clock: Clock;
  readonly killModelHost: () => void;
  readonly folder: string;
  /** What the other wearables play. */
  readonly origins: readonly string[];
}

interface Button {
  readonly title: string;
  readonly explains: string;
  readonly expert?: string;
  readonly isActive: () => boolean;
  readonly press: (upload: readonly UploadedFile[] | undefined) => void | Promise<void>;
}

/** Share of the ECG's range that movement adds: enough that no rule may speak. */
const motionShare = 0.25;
const killShownMs = 3000;

export function createActions({ strap, body, wire, clock, killModelHost, folder, origins }: ActionParts): Demo {
  let isKilled = false;
  let isVisitor = false;
  const buttons: Readonly<Record<string, Button>> = {
    "unplug-strap": {
      title: "Unplug strap",
      explains:
        "The chest strap loses skin contact. Its trace becomes a gap, rhythm alerts of that strap stop and say so after 10 s. Press again to put it on.",
      isActive: () => strap.wearable().faults.strap !== "on",
      press: () => {
        strap.wearable().faults.strap = strap.wearable().faults.strap === "on" ? "flagged" : "on";
      },
    },
    "pull-motion-sensor": {
      title: "Pull out a motion sensor",
      explains:
        "The sensor on Person D’s left forearm stops sending. The arm is drawn hollow and dashed from then on, as nobody measures it, and the words beside it say so. Press again to put it back.",
      expert:
        "Where a network completes the limb it is told as completed, in the live stream and at the twin; without one it is not drawn at all.",
      isActive: () => body.has("drop"),
      press: () => body.turn("drop", "left-forearm"),
    },
    "swap-motion-sensors": {
      title: "Swap two motion sensors",
      explains:
        "Person D has put each shank’s sensor on the other leg: each leg is drawn as the other walks. The house says so within half a minute of walking. Press again to put them right.",
      isActive: () => body.has("swap"),
      press: () => body.turn("swap", "left-shank"),
    },
    "drift-motion-sensor": {
      title: "Let a motion sensor drift",
      explains:
        "The left shank’s sensor turns its heading away by 20° a minute, as cheap ones do. The leg turns outwards, and stays within what a walking leg does. Press again to end it.",
      expert:
        "Without a magnetometer nobody knows a heading: it is led back once the limb’s mean is beyond what bodies do (gateway/decisions/body.md).",
      isActive: () => body.has("drift"),
      press: () => body.turn("drift", "left-shank"),
    },
    "cut-internet": {
      title: "Cut the internet",
      explains:
        "Nothing gets out of the home any more. Alerts go on at home; what is to be sent waits here, and nothing is lost when you press again.",
      expert: "The line to the twin swallows every byte and closes nothing; the outbox grows, and is sent in its order afterwards.",
      isActive: () => wire.isCut,
      press: () => (wire.isCut ? wire.mend() : wire.cut()),
    },
    "motion-noise": {
      title: "Motion noise",
      explains:
        'The wearer moves: the ECG is buried in noise, the number becomes "poor signal" and no rhythm alert rests on it. Press again to sit still.',
      isActive: () => strap.wearable().faults.motion > 0,
      press: () => {
        strap.wearable().faults.motion = strap.wearable().faults.motion > 0 ? 0 : motionShare;
      },
    },
    "kill-model-host": {
      title: "Stop the analysis",
      explains:
        "The part that tells heartbeats apart is stopped by force. The traces go on and alerts can be acknowledged; it starts again in about a second and catches up.",
      expert: "The model host, a child process, is killed with SIGKILL; the windows that were waiting are run again by the next one.",
      isActive: () => isKilled,
      press: () => {
        killModelHost();
        isKilled = true;
        clock.after(killShownMs, () => {
          isKilled = false;
        });
      },
    },
    "play-my-file": {
      title: "Play my file",
      explains:
        "The chest strap plays a recording of yours: two files of one name that end in .hea and in .dat or .mat. They stay on this machine.",
      expert: "A WFDB record; formats 16, 24, 80 and 212, or MATLAB v4. Its first ECG channel is played, at the record's own rate.",
      isActive: () => isVisitor,
      press: async (upload) => {
        if (upload === undefined || upload.length === 0) {
          await strap.replayExcerpt();
          isVisitor = false;
          return;
        }
        strap.play(await readVisitorFile(upload, join(folder, "visitor")));
        isVisitor = true;
      },
    },
  };
  return {
    get notice() {
      return `Playing ${[strap.origin(), ...origins].join("; ")}.`;
    },
    actions: (): DemoAction[] =>
      Object.entries(buttons).map(([id, { title, explains, expert = null, isActive }]) => ({
        ...{ id, title, explains, expert },
        active: isActive(),
      })),
    async act(id, upload) {
      const button = buttons[id];
      if (button === undefined)
        throw new GatewayError(
          "demo.unknown_action",
          "operator",
          `The demo has no button "${id}"; it has ${Object.keys(buttons).join(", ")}.`,
        );
      await button.press(upload);
    },
  };
}
