/** All bytes of a stream, as far as a limit. */

/** Undefined where there are more than `maxBytes`: reading ends there and the stream is given up. */
export async function readAtMost(stream: AsyncIterable<Uint8Array> | null, maxBytes: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream ?? []) {
    size += part.length;
    if (size > maxBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
