/** The line to the twin as the uplink sees it: messages on topics, up or down. Whether it is MQTT over TCP or a fake in a test shows nowhere here. */

export interface LinkHandlers {
  /** Connected and subscribed. */
  onUp(): void;
  onDown(reason: string): void;
  /** `isRetained`: the broker had kept it from before. */
  onMessage(topic: string, payload: Uint8Array, isRetained?: boolean): void;
}

export interface Link {
  isUp(): boolean;
  /** Hands over for sending at QoS 1; resolves when the broker has it. Rejects `sync.offline` (world) when the line is or goes down first. */
  publish(topic: string, payload: Uint8Array | string, options?: { readonly retain?: boolean }): Promise<void>;
  /** Gives this connection up (it looks alive and is not) and tries again after the back-off. */
  restart(reason: string): void;
  /** Ends for good; the far side gets no will. */
  close(): Promise<void>;
}
