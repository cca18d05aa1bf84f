/** What a link is: it moves bytes between a port and the gateway and knows nothing of what they mean. It opens once; whoever supervises makes a new one. */

/** An open port. Iteration ends when the other side closes and throws a GatewayError (`link.lost`, world) when the port fails; `close` ends it too. */
export interface LinkConnection extends AsyncIterable<Uint8Array> {
  /** Resolves when the port has taken the bytes. Throws `link.lost` (world). */
  write(bytes: Uint8Array): Promise<void>;
  /** Safe to call twice. */
  close(): Promise<void>;
}

export interface Link {
  /** Throws `link.not_found`, `link.refused` (world) while the device can't be reached, `link.bad_options` (operator) when it never can. */
  open(signal: AbortSignal): Promise<LinkConnection>;
}
