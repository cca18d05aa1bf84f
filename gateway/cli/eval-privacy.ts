/** `npm run eval -- privacy`: how well somebody is known again by what leaves the home. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { evaluatePrivacy } from "../evaluation/evaluate-privacy.ts";
import { progressBar } from "./progress.ts";

export const privacyTitle = "how well somebody is known again by what leaves in each mode, beside the raw signal; records of DIR/ecg/mitdb";

interface PrivacyArguments {
  readonly data: readonly string[];
  readonly records?: string;
  readonly json: boolean;
}

/** Without records its metrics are null. */
export async function evaluatePrivacies({ data, records, json }: PrivacyArguments): Promise<void> {
  if (data.length === 0)
    throw new GatewayError("use.data", "operator", "--data wants a folder of annotated WFDB records (NAME.hea, NAME.dat, NAME.atr).");
  const bar = progressBar("eval privacy");
  const measured = evaluatePrivacy({
    data,
    ...(records === undefined ? {} : { only: new Set(records.split(",").map((record) => record.trim())) }),
    onProgress: (done, of, name) => bar.update(of === 0 ? 1 : done / of, name),
  });
  const answer = await measured.finally(bar.end);
  const rows = (title: string, figures: Readonly<Record<string, number | null>>) =>
    `${title}: ${Object.entries(figures)
      .map(([key, value]) => `${key} ${value === null ? "–" : Math.round(value * 1000) / 1000}`)
      .join("  ")}`;
  const lines = [
    `privacy: ${answer.records} records, ${answer.seconds} s`,
    rows("all", answer.metrics),
    rows("beside it", answer.baselines),
  ];
  process.stdout.write(json ? `${JSON.stringify(answer)}\n` : `${lines.join("\n")}\n`);
}
