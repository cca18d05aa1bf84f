/** Strings that nearly every frame has, as one byte. The list only ever grows at its end: a place is never given to another word. */

import { type BitReader, type BitWriter, undecodable } from "./bits.ts";

const words = [
  "rhythm.asystole",
  "rhythm.vf",
  "rhythm.vt",
  "rhythm.vt-run",
  "rhythm.pause",
  "rhythm.af-onset",
  "rhythm.no-signal",
  "hr.high",
  "hr.low",
  "hr.limit-high",
  "hr.limit-low",
  "spo2.low",
  "fall.suspected",
  "fall.no-recovery",
  "beats.pvc-rate",
  "signal.quality",
  "device.lead-off",
  "device.not-worn",
  "device.battery",
  "device.cable",
  "data.missing",
  "(N",
  "(AFIB",
  "(AFL",
  "(VT",
  "(VFL",
  "(ASYS",
  "(B",
  "(T",
  "(SVTA",
  "~",
  "~noise",
  "~clean",
  "[",
  "]",
  "hr",
  "bpm",
  "/min",
  "ecg",
  "ppg",
  "imu",
  "acc",
  "%",
  "anomaly.morphology",
  "device.seat",
  "mV",
  "II",
  "MLII",
  "anomaly.unusual",
] as const;

const indexOf = new Map<string, number>(words.map((word, index) => [word, index]));
const wordBits = 8;
const lengthOrder = 4;
const maxTextBytes = 4096;

/** The word's place in the list, -1 for another text. */
export function wordPlace(text: string): number {
  return indexOf.get(text) ?? -1;
}

/** @throws GatewayError `semantic.undecodable` */
export function wordAt(place: number): string {
  const word = words[place];
  if (word === undefined) throw undecodable("a word that this version does not have");
  return word;
}

export function writeText(bits: BitWriter, text: string): void {
  const index = indexOf.get(text);
  bits.write(index === undefined ? 0 : 1, 1);
  if (index !== undefined) {
    bits.write(index, wordBits);
    return;
  }
  const bytes = new TextEncoder().encode(text);
  bits.golomb(bytes.length, lengthOrder);
  for (const byte of bytes) bits.write(byte, 8);
}

export function readText(bits: BitReader): string {
  if (bits.read(1) === 1) {
    const word = words[bits.read(wordBits)];
    if (word === undefined) throw undecodable("a word that this version does not have");
    return word;
  }
  const length = bits.golomb(lengthOrder);
  if (length > maxTextBytes) throw undecodable("a text is too long");
  return new TextDecoder().decode(Uint8Array.from({ length }, () => bits.read(8)));
}
