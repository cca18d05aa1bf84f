/** The way out of what is wrong with a device's data or with its account: one sentence that says what to send or to do. For the device's card, its `cmd/error` and the probe. */

import type { AlertCause } from "../../device-drivers/contract/event.ts";
import type { RefusalCode } from "../../device-drivers/contract/refusal.ts";

const allOrNone = "send all of b, q, n0, t, k, d and m, or none of them and only rateHz, unit and x";

const ways: Readonly<Record<RefusalCode, string>> = {
  "driver.no_frame": "check port, baud rate and driver of the device in hearth.yaml",
  "driver.bad_checksum": "check baud rate and cable",
  "driver.too_large": "send shorter batches: one second of samples is usual",
  "driver.unknown_encoding": 'send a CBOR map, or JSON such as {"rateHz":250,"unit":"mV","x":[0.1,0.2]}',
  "driver.bad_cbor": "CBOR needs definite lengths, each key once, and nothing behind the map",
  "driver.bad_json": 'JSON needs double quotes and no comma at an end, such as {"rateHz":250,"unit":"mV","x":[0.1,0.2]}',
  "driver.wrong_version": 'send "v": 1',
  "driver.bad_field": `give the field as the profile's page has it; in JSON ${allOrNone}`,
  "driver.bad_samples":
    'send numbers, not texts or null: [0.1, 0.2] and not ["0.1", "0.2"]; in CBOR a typed array with tag 69, 70, 77, 78 or 85',
  "driver.empty_batch": "send at least one sample, or nothing at all",
  "driver.unequal_lengths": "send as many samples of each channel; what has another rate is a stream of its own",
  "driver.not_finite": "leave out NaN and infinity: name a number that means “no value” in the descriptor's sentinels",
  "driver.bad_quality": "f is a byte for each sample, or a list of [start, length, bits] within the batch",
  "driver.bad_meta": "publish the descriptor again with the field put right; the profile's page lists every field",
  "driver.no_descriptor": `publish the descriptor on <stream>/meta and put the first 8 bytes of its SHA-256 into m; in JSON ${allOrNone}`,
  "driver.undescribed": 'say what the samples are: {"rateHz":1,"unit":"/min","x":[72]}, or publish a descriptor on <stream>/meta first',
  "driver.other_stream": "publish the descriptor under the same stream name as the batches",
  "driver.rate_mismatch": "make d (nanoseconds from sample to sample) and rateHz say the same: d = 1 000 000 000 / rateHz",
  "driver.channel_mismatch": "send exactly the channels of the descriptor under the same names",
  "driver.duplicate_batch": "count q up by one for each new batch, and choose another b at each start of the device",
  "driver.unknown_channel": "publish on <stream>/raw and <stream>/meta; a stream's name has small letters, digits and hyphens",
  "driver.too_many_streams": "send fewer streams: channels of one rate belong into one",
  "driver.other_message": "end the device's configuration mode",
  "driver.bad_items": "set the device to the output that its driver's page names",
  "driver.duplicate_message": "start the device again",
  "driver.no_sample": "switch on the outputs that the driver's page names",
  "driver.numbers_again":
    "choose another b (boot id) whenever the device starts to count anew, else a lost sample cannot be told from a repeated one",
  "driver.time_unit": "give t in nanoseconds: milliseconds · 1 000 000, microseconds · 1000; or send k = 0, then t is not read",
  "driver.fault": "tell the people of Hearth: this is its own fault, not the device's",
};

/** Codes of what the house refuses before a driver sees it: the broker's name for it, and the sentences. */
export const accessWords = {
  "access.topic": {
    reason: "acl_publish",
    says: "a message on a topic that this device may not use was refused, and the connection ended",
    help: "a device publishes hearth/v1/<site>/<its own name>/<stream>/raw, …/<stream>/meta, …/status and …/cmd/<name>/reply, and nothing else; names have small letters, digits and hyphens",
  },
  "access.filter": {
    reason: "acl_subscribe",
    says: "a subscription that this device may not have was refused",
    help: "a device subscribes to hearth/v1/<site>/<its own name>/cmd/# and nothing else",
  },
  "access.will": {
    reason: "acl_will",
    says: "a connection whose last will has a topic that this device may not use was refused",
    help: "let the will go to hearth/v1/<site>/<its own name>/status",
  },
  "access.password": {
    reason: "wrong_password",
    says: "a connection with this device's name and a wrong password was refused",
    help: "put the password into the device that was shown when its account was made; “hearth devices password <name>” makes a new one",
  },
  "access.client_id": {
    reason: "client_id_taken",
    says: "a connection under another account's client id was refused",
    help: "use the device's own name as client id, or any that no account has",
  },
  "access.packet": {
    reason: "too_large",
    says: "a message larger than 64 KiB was refused, and the connection ended",
    help: "send shorter batches, 16 KiB at most: one second of samples is usual",
  },
  "access.unworn": {
    reason: "unworn",
    says: "nobody wears this device: what it sends is kept, and neither read nor shown",
    help: "say who wears it: “hearth wear <device> <person>”",
  },
  "access.day_full": {
    reason: "journal.day_full",
    says: "more came today than is kept of one device: until midnight (UTC) no more is kept",
    help: "look at what it sends: rates, repeated descriptors; or allow more (journal.maxBytesPerDeviceDay in hearth.yaml)",
  },
} as const;

export type AccessCode = keyof typeof accessWords;

/** Undefined for what is no mistake of a device. */
export function accessCodeOf(reason: string): AccessCode | undefined {
  return (Object.keys(accessWords) as AccessCode[]).find((code) => accessWords[code].reason === reason);
}

const uses: Readonly<Record<string, string>> = {
  "use.rate": "change rateHz of the stream, if the sensor can",
  "use.unit": "name a unit that is known, and a scale that fits it",
  "use.axes": "send the three axes as three channels of one stream",
  "use.beside-ecg": "send it as a stream of its own",
  "use.kind": "name a kind that is known in the descriptor, if it is one",
};

/** Empty for what needs no doing. */
export function helpWords({ code }: Pick<AlertCause, "code">): string {
  return ways[code as RefusalCode] ?? accessWords[code as AccessCode]?.help ?? uses[code] ?? "";
}
