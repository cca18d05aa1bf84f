/** Samples over HTTP: who may send as which device, and what became of a message. */

export interface StreamSender {
  /** Id of the account or token. */
  readonly account: string;
  /** Whether it may send as this device. */
  maySend(device: string): boolean;
}

export interface StreamMessage {
  readonly device: string;
  readonly stream: string;
  /** A batch of samples, or the descriptor of the stream. */
  readonly leaf: "raw" | "meta";
  readonly bytes: Uint8Array;
}

export interface StreamTaken {
  /** This very batch was there already: nothing is counted twice. */
  readonly already: boolean;
  /** First 8 bytes of the SHA-256 (hex) of the descriptor that the batch goes by and that is not known yet: it is kept and read when that has come. */
  readonly wantsDescriptor?: string;
}

export interface StreamsIn {
  /** A device's or an integrator's MQTT account. Throws `ingest.wrong_password`, `ingest.busy`. */
  identify(user: string, password: string, address: string): Promise<StreamSender>;
  /**
   * Answers when the journal has it, as MQTT acknowledges. Throws what a driver says of bytes that it cannot use (`driver.…`), `ingest.forbidden_topic`,
   * `ingest.bad_topic`, `ingest.other_link`, `ingest.too_many_streams`, `ingest.too_fast`, and what keeps the journal from taking it (world).
   */
  send(sender: StreamSender, message: StreamMessage): Promise<StreamTaken>;
}
