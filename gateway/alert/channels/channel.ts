/** What a channel is: something that takes a message and returns an id when it has accepted it. "Accepted" is not "seen". */

import type { AlertRecord } from "../../../device-drivers/contract/event.ts";
import type { Why } from "../change.ts";

export interface Message {
  /** The same for every attempt at the same step: a receiver may drop repeats by it. */
  readonly stepId: string;
  readonly alert: AlertRecord;
  readonly why: Why;
  readonly title: string;
  readonly body: string;
  /** Title for a locked screen: no name, no value. */
  readonly lock: string;
}

export interface Channel {
  readonly name: string;
  /** The carer whom it reaches, where it reaches one: a snooze of theirs is kept. */
  readonly carer?: string;
  /** It shows to whoever looks; whether anybody does is not known. */
  readonly isDisplay?: boolean;
  /** False for what this channel is not meant to carry (a webhook for high alone). Absent = everything. */
  readonly wants?: (message: Message) => boolean;
  /** Resolves when accepted; rejects otherwise. Gives up when the signal fires. */
  send(message: Message, signal: AbortSignal): Promise<{ receipt: string }>;
}
