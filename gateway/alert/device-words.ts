/** The sentences about a device's data: why they cannot be read (a code of the drivers' list), with the field's own name. */

import type { AlertCause } from "../../device-drivers/contract/event.ts";
import type { FieldFault, RefusalCode } from "../../device-drivers/contract/refusal.ts";
import { rulesOf } from "../rules/described.ts";
import { type AccessCode, accessWords } from "./device-help.ts";

const sentences: Readonly<Record<RefusalCode, string>> = {
  "driver.no_frame": "bytes come, but no frame of this driver is in them: another device, port or baud rate",
  "driver.bad_checksum": "no frame has a right checksum: another baud rate, or a bad cable",
  "driver.too_large": "a batch is larger than 16 KiB",
  "driver.unknown_encoding": "a batch is neither CBOR nor JSON",
  "driver.bad_cbor": "a batch is no well-formed CBOR",
  "driver.bad_json": "a batch is no JSON object",
  "driver.wrong_version": "a batch is of another version of the format",
  "driver.bad_field": "a batch breaks the format",
  "driver.bad_samples": "the samples are no numbers of a kind that the format has",
  "driver.empty_batch": "a batch has no samples",
  "driver.unequal_lengths": "the channels of a batch differ in length",
  "driver.not_finite": "a sample is not a finite number",
  "driver.bad_quality": "the quality bits of a batch break the format",
  "driver.bad_meta": "the descriptor (meta) cannot be used",
  "driver.no_descriptor": "the descriptor (meta) that the batches name has not come",
  "driver.undescribed": "samples came alone, and nothing says what they are",
  "driver.other_stream": "the descriptor (meta) that the batches name was sent for another stream",
  "driver.rate_mismatch": "the samples come at another rate than the descriptor says",
  "driver.channel_mismatch": "the channels of a batch are not those of the descriptor",
  "driver.duplicate_batch": "every batch has a number that was taken before",
  "driver.unknown_channel": "data come on a topic that the format does not have",
  "driver.too_many_streams": "the device has more streams than are taken",
  "driver.other_message": "messages come, but no measurement: the device may be in its configuration mode",
  "driver.bad_items": "the items of a measurement cannot be read",
  "driver.duplicate_message": "the same measurement comes again and again",
  "driver.no_sample": "messages come without any value that is used",
  "driver.numbers_again": "numbers that were used before began again without a new boot id",
  "driver.time_unit": "the device's clock hardly moves: its time looks like another unit than nanoseconds",
  "driver.fault": "the driver failed over the data, which is a fault of Hearth",
};

const faults: Readonly<Record<FieldFault, string>> = {
  missing: "is missing",
  type: "has the wrong type",
  range: "is out of range",
  twice: "stands twice",
  unknown: "names nothing that is there",
};

/** Of the rules' own codes. */
const ruleCauses: Readonly<Record<string, string>> = Object.assign({}, ...[...rulesOf().values()].map(({ causes = {} }) => causes));

/** "ecg: the descriptor (meta) cannot be used – channels[0].scale is missing". A code without a sentence is told as it is. */
export function causeWords({ code, stream = "", field, fault, needs }: AlertCause): string {
  const where = { ...(field === undefined ? {} : { field }), ...(needs === undefined ? {} : { needs }) };
  if (code === "analysis.fault") return `failing: ${field ?? "unknown"}; blind: ${needs || "no rule"}`;
  if (code.startsWith(unusedPrefix)) return `${stream}: ${useWords({ unused: code.slice(unusedPrefix.length), ...where })}`;
  const sentence = ruleCauses[code] ?? sentences[code as RefusalCode] ?? accessWords[code as AccessCode]?.says ?? code;
  const what = fault === undefined ? "" : ` ${faults[fault as FieldFault] ?? fault}`;
  return `${stream === "" ? "" : `${stream}: `}${sentence}${field === undefined ? "" : ` – ${field}${what}`}`;
}

/** Codes of what is decoded and used by nothing. */
const unusedPrefix = "use.";

const uses: Readonly<Record<string, string>> = {
  beats: "read by the rules of heartbeat and rhythm",
  pulse: "its pulse is a sign of life, and tells the heart rate where no ECG knows it",
  movement: "its movement is a sign of life",
  vital: "a vital sign: shown and stored, and judged where the person has a limit of their own",
  body: "how a limb is turned: the body that is drawn is made of it",
};

const unused: Readonly<Record<string, (needs: string) => string>> = {
  "other-lead": (needs) => `shown only: of several ECG channels in a stream one is read, here ${needs}`,
  "other-channel": () => "not used: another channel of the stream gives the same",
  rate: (needs) => `shown only, no rule reads it: its rate must be ${needs}`,
  unit: (needs) => `not used: its unit is not known; known are ${needs}`,
  axes: () => "not used: movement needs three axes of acceleration in one stream",
  "beside-ecg": () => "not used: beside an ECG in one stream only the ECG is read; a stream of its own would be",
  placement: (needs) => `kept only: a body is made of sensors that are worn at ${needs}`,
  parts: () => "not used: how a limb is turned needs four channels in one stream, w x y z",
  kind: (kind) => `kept only: nothing reads signals of the kind “${kind}”`,
};

/** What a channel is used for, or why it is not and what would be needed. */
export function useWords(of: {
  readonly use?: string;
  readonly unused?: string;
  readonly field?: string;
  readonly needs?: string;
}): string {
  if (of.use !== undefined) return uses[of.use] ?? of.use;
  const sentence = unused[of.unused ?? ""]?.(of.needs ?? "") ?? of.unused ?? "not used";
  // Several channels of one kind are one sentence.
  return of.field === undefined || of.unused === "kind" ? sentence : `${sentence} – ${of.field}`;
}
