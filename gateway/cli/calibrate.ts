/** `hearth calibrate`: a pose is held, and how motion sensors sit is known. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Static } from "typebox";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { calibrationSchemas } from "../api/calibration-wire.ts";
import { tableText } from "../runtime/text-table.ts";
import { askGateway } from "./running-gateway.ts";
import { type Json, say } from "./say.ts";

type Calibration = Static<typeof calibrationSchemas.Calibration>;
type Run = Static<typeof calibrationSchemas.CalibrationRun>;

interface CalibrateOptions extends Json {
  readonly pose: string;
  readonly without?: string;
  readonly undo: boolean;
  readonly show: boolean;
  readonly by?: string;
}

/** Throws `calibration.refused` with every reason and its way out. */
export async function calibrate(person: string, { pose, without, undo, show, by, ...options }: CalibrateOptions): Promise<void> {
  const at = `people/${encodeURIComponent(person)}/calibration`;
  const signed = by === undefined ? {} : { by };
  if (show) return tell((await askGateway(at)) as unknown as Calibration, options);
  if (undo) {
    const answer = await askGateway(at, { method: "POST", body: { act: "undo", ...signed } });
    return say(options, answer, `The newest calibration is taken back from ${answer.from} on.`);
  }
  const left = without === undefined ? {} : { without: without.split(",").map((each) => each.trim()) };
  const begun = await askGateway(at, { method: "POST", body: { act: "start", pose, ...left, ...signed } });
  await lead(begun.run as Run);
  for (;;) {
    const answer = (await askGateway(at)) as unknown as Calibration;
    if (answer.run?.state === "refused")
      throw new GatewayError("calibration.refused", "world", answer.run.faults.map(({ text }) => text).join("\n"));
    if (answer.run?.state !== "running") return tell(answer, options);
    await sleep(250);
  }
}

/** Words to whoever stands there, on the error output so that an answer in JSON stays alone. The spans are the gateway's, counted from its answer. */
async function lead({ pose, start, ready, hold_from, hold_to }: Run): Promise<void> {
  const ms = (from: string, to: string) => Date.parse(to) - Date.parse(from);
  const tellThem = (words: string) => void process.stderr.write(`${words}\n`);
  tellThem("Stand upright, arms hanging at the sides, and look ahead.");
  await sleep(ms(start, ready));
  if (pose === "arms-out") tellThem("Now raise both arms straight to the sides, palms down.");
  await sleep(ms(ready, hold_from));
  for (let left = Math.round(ms(hold_from, hold_to) / 1000); left > 0; left--) {
    tellThem(`Stand still … ${left}`);
    await sleep(1000);
  }
  tellThem("Thank you.");
}

function tell(answer: Calibration, options: Json): void {
  const rows = answer.sensors.map(({ device, placement, calibrated_at }) => [device, placement, calibrated_at ?? "not calibrated"]);
  const words = rows.length === 0 ? "No motion sensor of a body is worn." : tableText(["SENSOR", "WORN AT", "CALIBRATED"], rows);
  say(options, answer, words);
}
