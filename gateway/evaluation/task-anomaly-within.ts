/** `eval anomaly --protocol intra`: reads the records itself and asks the network alone (within-patients.ts). */

import { toGatewayError } from "../../device-drivers/contract/error.ts";
import { readAnnotations, readRecord } from "../recordings/wfdb.ts";
import { meanOrNull } from "./bootstrap.ts";
import type { Protocol } from "./task.ts";
import { latentsOf, type RecordWindows, scoreFolds, windowsOf } from "./within-patients.ts";

export const withinPatients: Protocol = async (records, { host, model, onProgress }) => {
  const data: string[] = [];
  const skipped: { record: string; reason: string }[] = [];
  const kinds: RecordWindows["kinds"][number][] = [];
  const latents: Float32Array[] = [];
  for (const [index, record] of records.entries()) {
    onProgress(index, records.length, record.name);
    try {
      const windows = windowsOf(await readRecord(record.path), (await readAnnotations(record.path, "atr")).annotations);
      latents.push(...(await latentsOf(windows.beats, host, model)));
      kinds.push(...windows.kinds);
      data.push(record.id);
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.kind === "bug") throw error;
      skipped.push({ record: record.id, reason: error.message });
    }
  }
  const scored = scoreFolds(latents, kinds);
  onProgress(records.length, records.length, "");
  const abnormal = kinds.filter((kind) => kind !== "N").length;
  const metrics = {
    auroc: meanOrNull(scored.map(({ auroc }) => auroc)),
    auprc: meanOrNull(scored.map(({ auprc }) => auprc)),
    ...{ normal_windows: kinds.length - abnormal, abnormal_windows: abnormal },
  };
  return { data, skipped, result: { metrics, ci95: {}, records: scored.map((each, fold) => ({ fold, ...each })) } };
};
