/** Follows the lengths of MQTT packets through a stream of bytes and keeps none of them (MQTT 3.1.1 §2.2.3). */

interface MqttLengths {
  /** Takes bytes in any cutting. False from the packet on whose length is malformed or above the limit: its first five bytes tell. */
  push(bytes: Uint8Array): boolean;
}

const longestHeader = 5;

/** @param maxPacketBytes largest packet with its header, asked at each packet. */
export function createMqttLengths(maxPacketBytes: () => number): MqttLengths {
  let bodyLeft = 0;
  let headerBytes = 0;
  let length = 0;
  let isSound = true;
  return {
    push(bytes) {
      let at = 0;
      while (isSound && at < bytes.length) {
        if (bodyLeft > 0) {
          const passed = Math.min(bodyLeft, bytes.length - at);
          bodyLeft -= passed;
          at += passed;
          continue;
        }
        const byte = bytes[at++] ?? 0;
        headerBytes++;
        if (headerBytes === 1) continue;
        length += (byte & 0x7f) * 2 ** (7 * (headerBytes - 2));
        const isLast = byte < 0x80;
        if (headerBytes + length > maxPacketBytes() || (!isLast && headerBytes === longestHeader)) isSound = false;
        else if (isLast) {
          bodyLeft = length;
          headerBytes = 0;
          length = 0;
        }
      }
      return isSound;
    },
  };
}
