/** Why bytes of a device became no samples, as data: alerts, pages and REST turn it into words. */

/** THE list. Each code has its sentence in `gateway/alert/device-words.ts`; a counter of `discarded` has one of these names. */
export const refusalCodes = [
  "driver.no_frame",
  "driver.bad_checksum",
  "driver.too_large",
  "driver.unknown_encoding",
  "driver.bad_cbor",
  "driver.bad_json",
  "driver.wrong_version",
  "driver.bad_field",
  "driver.bad_samples",
  "driver.empty_batch",
  "driver.unequal_lengths",
  "driver.not_finite",
  "driver.bad_quality",
  "driver.bad_meta",
  "driver.no_descriptor",
  "driver.undescribed",
  "driver.other_stream",
  "driver.rate_mismatch",
  "driver.channel_mismatch",
  "driver.duplicate_batch",
  "driver.unknown_channel",
  "driver.too_many_streams",
  "driver.other_message",
  "driver.bad_items",
  "driver.duplicate_message",
  "driver.no_sample",
  "driver.numbers_again",
  "driver.time_unit",
  "driver.fault",
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** What is wrong with the field that is named. */
export type FieldFault = "missing" | "type" | "range" | "twice" | "unknown";

export interface Refusal {
  readonly code: RefusalCode;
  /** Name of the stream; "" where the bytes tell none. */
  readonly stream: string;
  /** As the device's own format names it: "channels[0].scale", "d". */
  readonly field?: string;
  readonly fault?: FieldFault;
  /** How often since the stream last gave samples. */
  readonly count: number;
  /** The samples were taken all the same. */
  readonly isTaken?: true;
}
