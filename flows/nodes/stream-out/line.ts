/** A way to the gateway for one device: over MQTT with its own account, or over REST with the gateway node's token. */

interface Answer {
  /** What the gateway says of what it was sent; undefined = all is well (again). */
  readonly reason: string | undefined;
}

export interface Line {
  /** Resolves when the gateway has the batch on its disk; rejects with a HearthProblem. */
  send(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface LineEvents {
  /** Open, and the descriptor has been sent. */
  onUp(): void;
  onDown(problem: Error): void;
  onAnswer(answer: Answer): void;
}
