/** The device's end of a byte stream: what a player writes to. A port that nobody reads loses bytes, as a UART does; it never stores them without limit. */

export interface BytePort {
  write(bytes: Uint8Array): void;
  close(): Promise<void>;
}

/** Of a TCP connection: waiting bytes beyond this are dropped, about two seconds of a device at 115 200 baud. */
export const maxWaitingBytes = 32 * 1024;
