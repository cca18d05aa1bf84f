/** The notation of the packet cases (devices.md §9): hex pairs, `i L H k m s v r` numbers and 'text' become bytes. Test code only. */

const varint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]);
const u16 = (value: number) => [value >> 8, value & 0xff];
const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];

/** Bytes of one payload, for example `82 r6 m1234 s1 'p' 00`. */
export function packetBytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [, quoted, kind, number, hex] of text.matchAll(/'([^']*)'|([iLHkmsvr])(\d+)|([0-9A-Fa-f]+)/g)) {
    if (quoted !== undefined) bytes.push(...Buffer.from(quoted));
    else if (hex !== undefined) bytes.push(...Buffer.from(hex, "hex"));
    else if (kind === "i") bytes.push(Number(number));
    else if (kind === "L") bytes.push(...u32(Number(number)));
    else if (kind === "v" || kind === "r") bytes.push(...varint(Number(number)));
    else bytes.push(...u16(Number(number)));
  }
  return Uint8Array.from(bytes);
}

/** A normal CONNECT; its client id is longer than the 23 characters of MQTT 3.1, as many clients' are. */
export function normalConnect(version: number): Uint8Array {
  const name = version === 3 ? "s6 'MQIsdp' 03" : "s4 'MQTT' 04";
  const body = packetBytes(`${name} 02 k60 s25 'packet-test-client-number'`);
  return Uint8Array.from([0x10, ...varint(body.length), ...body]);
}

/** Where the packet id of a PUBLISH of QoS 1 or 2 stands; 0 for other packets. */
export function publishIdAt(bytes: Uint8Array): number {
  const first = bytes[0] ?? 0;
  return first >> 4 === 3 && (first & 6) !== 0 ? 4 + (((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)) : 0;
}
