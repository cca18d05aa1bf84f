/** `eval codec --signal ppg|imu`: what a pulse by light, or movement, costs on its way to the twin, and what the twin has of it (models.md §1.11). No model is asked. */

import { toGatewayError } from "../../device-drivers/contract/error.ts";
import { bootstrapCi95 } from "./bootstrap.ts";
import { belowFloors } from "./evaluate.ts";
import {
  movementFigures,
  pulseFigures,
  type SignalFigures,
  type SignalRow,
  scoreSignal,
  signalBaselines,
  signalFigures,
} from "./score-signal-codec.ts";
import { type SignalKind, signalRecordings } from "./signal-recordings.ts";

const floors = {
  ppg: [
    { metric: "cr", atLeast: 15 },
    { metric: "prdn", atMost: 10 },
    { metric: "hr_within1_pct", atLeast: 95 },
  ],
  imu: [
    { metric: "cr", atLeast: 10 },
    { metric: "acc_off_g", atMost: 0.05 },
    { metric: "turn_off_p95_deg", atMost: 1 },
  ],
} as const;

interface SignalOptions {
  readonly signal: SignalKind;
  readonly data: readonly string[];
  readonly only?: ReadonlySet<string>;
  readonly onProgress: (done: number, of: number, name: string) => void;
}

/** The whole answer of contracts.md; a damaged recording is named and skipped. */
export async function evaluateSignalCodec({ signal, data, only, onProgress }: SignalOptions) {
  const startedMs = performance.now();
  const rows: { readonly id: string; readonly row: SignalRow }[] = [];
  const skipped: { record: string; reason: string }[] = [];
  const found = await signalRecordings(signal, data, only);
  for (const [at, { id, read }] of found.entries()) {
    onProgress(at, found.length, id);
    try {
      const recording = await read();
      if (recording !== undefined) rows.push({ id, row: scoreSignal(recording) });
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.kind === "bug") throw error;
      skipped.push({ record: id, reason: error.message });
    }
  }
  onProgress(found.length, found.length, "");
  const figures = (of: readonly SignalRow[]): SignalFigures => ({
    ...signalFigures(of),
    ...(signal === "ppg" ? pulseFigures(of) : movementFigures(of)),
  });
  const all = rows.map(({ row }) => row);
  const sets = [...new Set(rows.map(({ id }) => setOf(id)))];
  const metrics = figures(all);
  return {
    ...{ task: "codec", signal },
    ...{ data: rows.map(({ id }) => id), records: rows.length, ...(skipped.length === 0 ? {} : { skipped }) },
    ...{ model: null, metrics, baselines: signalBaselines(all) },
    ci95: { cr: bootstrapCi95(all, (sample) => signalFigures(sample).cr ?? null) },
    parts: Object.fromEntries(sets.map((set) => [set, figures(rows.filter(({ id }) => setOf(id) === set).map(({ row }) => row))])),
    below: belowFloors({ floors: floors[signal] }, { metrics }),
    per_record: rows.map(({ id, row }) => ({ record: id, ...figures([row]) })),
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
  };
}

const setOf = (id: string) => id.split("/")[0] ?? id;
