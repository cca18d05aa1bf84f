/** Blocks of a recorded ECG as a driver makes them. */

import { fileURLToPath } from "node:url";
import type { SampleBlock } from "../../../device-drivers/contract/sample-block.ts";
import { readRecord } from "../../recordings/wfdb.ts";
import { chunksOf, recordingDriver, streamsOf } from "../../replay/recording-driver.ts";

/** The excerpt of record 205 from its first to its last sample. */
export async function excerptBlocks(): Promise<SampleBlock[]> {
  const record = await readRecord(fileURLToPath(new URL("../../recordings/testdata/205-excerpt", import.meta.url)));
  const streams = streamsOf(record, "given");
  const driver = recordingDriver(streams).create({}, "recording");
  const span = { fromS: 0, toS: (record.header.frameCount ?? 0) / record.header.rateHz, baseUs: 1_000_000_000 };
  return [...chunksOf(record, streams, span)].flatMap((chunk) => driver.push(chunk));
}
