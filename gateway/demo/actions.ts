/** What a visitor may do to the demo: pull things out and see what the house says. Each button does what its sentence says, nothing more. */

import { join } from "node:path";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Demo } from "../view/gateway-view.ts";
import type { DemoAction } from "../view/view-port.ts";
import type { Relay } from "./relay.ts";
import type { Strap } from "./strap.ts";
import { readVisitorFile, type UploadedFile } from "./visitor-file.ts";

interface ActionParts {
  readonly strap: Strap;
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
  readonly isActive: () => boolean;
  readonly press: (upload: readonly UploadedFile[] | undefined) => void | Promise<void>;
}

/** Share of the ECG's range that movement adds: enough that no rule may speak. */
const motionShare = 0.25;
const killShownMs = 3000;

export function createActions({ strap, wire, clock, killModelHost, folder, origins }: ActionParts): Demo {
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
    "cut-internet": {
      title: "Cut the internet",
      explains:
        "The line to the twin swallows everything. Alerts go on at home, the outbox grows, and nothing is lost when you press again.",
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
      title: "Kill the model host",
      explains:
        "The process that runs the models dies. Traces and acknowledgement go on; a new one is up in about a second and runs what was waiting.",
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
        "The chest strap plays a WFDB record of yours (.hea with .dat or .mat). It stays on this machine. Going back plays the demo's own.",
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
      Object.entries(buttons).map(([id, { title, explains, isActive }]) => ({ id, title, explains, active: isActive() })),
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
