/** What a node of the palette needs of Node-RED: a small port, so that nodes are tested without it. `register.ts` fills it in, `fake-host.ts` for tests. */

import type { Gateway } from "../client/connection.ts";

/** A message of a flow. Nodes change the one that they were given and send it on, so that what a flow put into it stays. */
export interface Message {
  topic?: unknown;
  payload?: unknown;
  [field: string]: unknown;
}

/** The settings of a node as its dialog stored them: anything may be missing or of the wrong type. */
export type Settings = Readonly<Record<string, unknown>>;

/** How a node's status looks: all is well, something is being waited for, people should look, it can't work, it has nothing to do. */
export type Look = "good" | "waiting" | "attention" | "failed" | "idle";

/** Values that are put into a text of the catalogue (`__name__`). */
type TextValues = Readonly<Record<string, string | number>>;

export interface StatusLine {
  readonly look: Look;
  /** A key of the catalogue: `<node>.status.…` or `common.…`. */
  readonly key: string;
  readonly values?: TextValues;
}

export interface NodeHost {
  readonly name: string;
  /** What the dialog keeps apart from the flow: passwords. */
  readonly credentials: Settings;
  /** The gateway that the dialog chose; undefined where there is none, which the node's status then says already. */
  readonly gateway: Gateway | undefined;
  /** One message for the first output, or one (or none) per output. */
  send(message: Message | readonly (Message | null)[]): void;
  /** `text` is a key of the catalogue. While the gateway is not there, its state is shown instead. */
  status(look: Look, key: string, values?: TextValues): void;
  /** A text of the catalogue in the language of the runtime. */
  text(key: string, values?: TextValues): string;
  /** For catch nodes and the debug side bar, outside an input. */
  error(error: unknown): void;
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Calls `act` once in so many milliseconds, unless the node is closed before; returns its cancel. */
  after(ms: number, act: () => void): () => void;
}

interface OpenNode {
  /** Works on a message. What it throws is the node's error and goes to a catch node with the message. */
  input?(message: Message, send: NodeHost["send"]): void | Promise<void>;
  close?(): void | Promise<void>;
}

export interface NodeType {
  /** As flows store it: "hearth alerts"; its folder is called like it, without "hearth ". */
  readonly type: string;
  /** Fields of its dialog that Node-RED keeps encrypted and out of exported flows. */
  readonly credentials?: Readonly<Record<string, { readonly type: "password" | "text" }>>;
  open(settings: Settings, host: NodeHost): OpenNode;
}
