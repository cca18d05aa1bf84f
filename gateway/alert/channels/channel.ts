/** What a channel is: something that takes a message and returns an id when it has accepted it. "Accepted" is not "seen". */

import type { Static, TObject, TProperties } from "typebox";
import type { AlertRecord, Priority } from "../../../device-drivers/contract/event.ts";
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

/** What hearth.yaml says of a channel of any kind. */
export interface ChannelSettings {
  readonly kind: string;
  readonly name: string;
  readonly carer?: string;
  /** Lowest priority that is sent. */
  readonly minPriority: Priority;
}

interface ChannelContext {
  /** Another word at every start: receipts of two starts are never the same. */
  readonly run: string;
  /** Takes one line; absent where nobody reads a terminal. */
  readonly print?: (line: string) => void;
}

export interface ChannelKind {
  /** `kind` in hearth.yaml; of one that is always there, its name. */
  readonly kind: string;
  /** The keys beside those of `ChannelSettings`. Without them the channel is not in hearth.yaml and always there. */
  readonly options?: TProperties;
  /** Undefined where there is nothing to tell through. */
  create(context: ChannelContext, settings: ChannelSettings): Channel | undefined;
}

/** A channel that is always there. */
export function standingChannel(kind: string, create: (context: ChannelContext) => Channel | undefined): ChannelKind {
  return { kind, create };
}

/** A channel of hearth.yaml: `create` is given what has been checked against `options`. */
export function defineChannel<const Options extends TProperties>(entry: {
  readonly kind: string;
  readonly options: Options;
  create(context: ChannelContext, settings: ChannelSettings & Static<TObject<Options>>): Channel;
}): ChannelKind {
  return entry as ChannelKind;
}
