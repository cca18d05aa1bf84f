/**
 * What the broker keeps in memory of its clients' sessions, with bounds: messages of QoS 1 and 2 that wait for a client, the ids of QoS 2 that a client
 * has open, and its filters. A session that needs more is forgotten as a whole: its client finds no session when it comes back, instead of one with holes.
 */

import { Readable } from "node:stream";

interface Message {
  readonly cmd: string;
  readonly brokerId?: string;
  readonly brokerCounter?: number;
  readonly topic?: string;
  readonly payload?: Uint8Array;
  messageId?: number | undefined;
}

interface ClientId {
  readonly id: string;
}

/** The part of aedes 1.2's persistence that is replaced; its types leave it out. */
export interface Persistence {
  addSubscriptions(client: ClientId, filters: readonly object[]): Promise<void>;
  cleanSubscriptions(client: ClientId): Promise<void>;
  cleanIncoming(client: ClientId): Promise<void>;
  outgoingEnqueue(to: { readonly clientId: string }, message: Message): Promise<void>;
  outgoingEnqueueCombi(to: readonly { readonly clientId: string }[], message: Message): Promise<void>;
  outgoingUpdate(client: ClientId, message: Message): Promise<void>;
  outgoingClearMessageId(client: ClientId, message: Message): Promise<Message | undefined>;
  outgoingStream(client: ClientId): Readable;
  incomingStorePacket(client: ClientId, message: Message): Promise<void>;
  incomingGetPacket(client: ClientId, message: Message): Promise<object>;
  incomingDelPacket(client: ClientId, message: Message): Promise<void>;
}

interface KeptLimits {
  readonly maxSessionBytes: number;
  readonly maxAllBytes: number;
}

interface KeptSessions {
  readonly waitingBytes: number;
  forget(clientId: string): void;
}

export const keptLimits: KeptLimits = { maxSessionBytes: 8 << 20, maxAllBytes: 32 << 20 };
/** What a waiting message takes beside its topic and payload. */
const messageBytes = 512;
const maxOpenIds = 1000;

const sizeOf = ({ topic = "", payload }: Message) => messageBytes + topic.length + (payload?.length ?? 0);

/**
 * Replaces methods of `persistence`.
 * @param mayKeep true for a filter that was granted: aedes hands over all of a packet
 * @param onForgotten a session was forgotten because it, or all together, had grown too large
 */
export function createKeptSessions(
  persistence: Persistence,
  { limits, mayKeep, onForgotten }: { limits: KeptLimits; mayKeep: (filter: object) => boolean; onForgotten: (clientId: string) => void },
): KeptSessions {
  const queues = new Map<string, { messages: Message[]; bytes: number }>();
  const openIds = new Map<string, Set<number>>();
  let waitingBytes = 0;
  const addSubscriptions = persistence.addSubscriptions.bind(persistence);

  const resize = (id: string, byBytes: number) => {
    const queue = queues.get(id);
    if (queue === undefined) return;
    queue.bytes += byBytes;
    waitingBytes += byBytes;
    if (queue.messages.length === 0) queues.delete(id);
  };

  const forget = (id: string) => {
    waitingBytes -= queues.get(id)?.bytes ?? 0;
    queues.delete(id);
    openIds.delete(id);
    void persistence.cleanSubscriptions({ id });
  };

  const largest = () => [...queues].reduce((most, each) => (each[1].bytes > most[1].bytes ? each : most))[0];

  const enqueue = (id: string, message: Message) => {
    const queue = queues.get(id) ?? { messages: [], bytes: 0 };
    queues.set(id, queue);
    queue.messages.push({ ...message, messageId: undefined });
    resize(id, sizeOf(message));
    const tooLarge = queue.bytes > limits.maxSessionBytes ? id : waitingBytes > limits.maxAllBytes ? largest() : undefined;
    if (tooLarge === undefined) return;
    forget(tooLarge);
    onForgotten(tooLarge);
  };

  const isSame = (a: Message, b: Message) =>
    a.brokerId === b.brokerId ? a.brokerCounter === b.brokerCounter : a.messageId === b.messageId;

  Object.assign(persistence, {
    addSubscriptions: (client, filters) => addSubscriptions(client, filters.filter(mayKeep)),
    outgoingEnqueue: async ({ clientId }, message) => enqueue(clientId, message),
    async outgoingEnqueueCombi(to, message) {
      if (to.length === 0) return;
      // The payload may be a view into a whole read of 64 KiB.
      const payload = Buffer.allocUnsafeSlow(message.payload?.length ?? 0);
      payload.set(message.payload ?? payload);
      const kept = { ...message, payload };
      for (const { clientId } of to) enqueue(clientId, kept);
    },
    async outgoingUpdate({ id }, message) {
      const messages = queues.get(id)?.messages ?? [];
      const at = messages.findIndex((each) => isSame(each, message));
      const found = messages[at];
      if (found === undefined) throw new Error("no such packet");
      if (found.brokerId === message.brokerId) found.messageId = message.messageId;
      else {
        messages[at] = message;
        resize(id, sizeOf(message) - sizeOf(found));
      }
    },
    async outgoingClearMessageId({ id }, { messageId }) {
      const messages = queues.get(id)?.messages ?? [];
      const at = messages.findIndex((each) => each.messageId === messageId);
      const [found] = at < 0 ? [] : messages.splice(at, 1);
      if (found !== undefined) resize(id, -sizeOf(found));
      return found;
    },
    outgoingStream: ({ id }) => Readable.from([...(queues.get(id)?.messages ?? [])]),
    async incomingStorePacket({ id }, { messageId = 0 }) {
      const ids = openIds.get(id) ?? new Set();
      openIds.set(id, ids.add(messageId));
      const [oldest] = ids;
      if (ids.size > maxOpenIds && oldest !== undefined) ids.delete(oldest);
    },
    async incomingGetPacket({ id }, { messageId = 0 }) {
      if (openIds.get(id)?.has(messageId) !== true) throw new Error("no such packet");
      return { messageId };
    },
    async incomingDelPacket({ id }, { messageId = 0 }) {
      if (openIds.get(id)?.delete(messageId) !== true) throw new Error("no such packet");
    },
    async cleanIncoming({ id }) {
      openIds.delete(id);
    },
  } satisfies Partial<Persistence>);

  return {
    get waitingBytes() {
      return waitingBytes;
    },
    forget,
  };
}
