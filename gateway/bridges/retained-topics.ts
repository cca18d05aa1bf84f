/**
 * Retained topics of a broker, kept as they should be: what is wanted is compared with what the broker has taken, and only the difference is sent. So nothing
 * is queued while the broker is away: what is true when it is back is what it gets. Pure but for `send`.
 */

export interface WantedTopic {
  readonly payload: string;
  /** A change is not sent sooner than this after the last message; absent = at once. */
  readonly everyMs?: number;
  /** Sent again unchanged after so long: a reader that lets values expire knows by it that this one holds. Absent = only when it changes. */
  readonly againMs?: number;
}

interface RetainedTopicsParts {
  /** Publishes retained; resolves when the broker has it. */
  readonly send: (topic: string, payload: string) => Promise<void>;
  readonly monotonicUs: () => number;
  /** Called before the first message on topics that are new, and after some were emptied: all that the broker has or may have. What it returns is waited for. */
  readonly remember?: (topics: readonly string[]) => Promise<void>;
}

interface RetainedTopics {
  /** The whole of what is to stand there, in the order in which it is sent; whatever else is there is emptied first. */
  want(topics: ReadonlyMap<string, WantedTopic>): void;
  /** Everything is sent again: the broker or its readers may have lost it. */
  renew(): void;
  /** Seconds that the oldest message has waited for its acknowledgement; 0 while none waits. */
  waitingS(): number;
}

interface Held {
  /** What the broker has taken; undefined where it is not known. */
  payload: string | undefined;
  sentUs: number;
  /** Waits for its acknowledgement. */
  isBusy: boolean;
}

/** Messages that wait for an acknowledgement at once. */
const maxBusy = 32;

/** `known`: topics of an earlier run, whose content is not known any more. */
export function createRetainedTopics(parts: RetainedTopicsParts, known: Iterable<string> = []): RetainedTopics {
  const { send, monotonicUs, remember } = parts;
  const unknown = (): Held => ({ payload: undefined, sentUs: Number.NEGATIVE_INFINITY, isBusy: false });
  const held = new Map<string, Held>([...known].map((topic) => [topic, unknown()]));
  /** Until it is known what is wanted nothing is emptied. */
  let wanted: ReadonlyMap<string, WantedTopic> | undefined;
  let busyCount = 0;
  let isRemembering = false;

  const isDue = ({ payload, sentUs, isBusy }: Held, topic: WantedTopic) => {
    if (isBusy) return false;
    const sinceMs = (monotonicUs() - sentUs) / 1000;
    if (payload === undefined) return true;
    return payload === topic.payload ? sinceMs >= (topic.againMs ?? Number.POSITIVE_INFINITY) : sinceMs >= (topic.everyMs ?? 0);
  };

  const put = (topic: string, entry: Held, payload: string) => {
    entry.isBusy = true;
    entry.sentUs = monotonicUs();
    busyCount++;
    const settled = (taken: string | undefined) => {
      busyCount--;
      entry.isBusy = false;
      entry.payload = taken;
      if (taken === "" && wanted?.has(topic) === false) held.delete(topic);
    };
    send(topic, payload).then(
      () => {
        settled(payload);
        if (payload === "" && !held.has(topic)) remember?.([...held.keys()]).catch(() => {});
        settle();
      },
      // It is tried again with the next look, not at once.
      () => settled(undefined),
    );
  };

  const settle = () => {
    if (isRemembering || wanted === undefined) return;
    for (const [topic, entry] of held) {
      if (busyCount >= maxBusy) return;
      if (!wanted.has(topic) && !entry.isBusy) put(topic, entry, "");
    }
    for (const [topic, next] of wanted) {
      if (busyCount >= maxBusy) return;
      const entry = held.get(topic);
      if (entry !== undefined && isDue(entry, next)) put(topic, entry, next.payload);
    }
  };

  return {
    want(topics) {
      wanted = topics;
      const added = [...topics.keys()].filter((topic) => !held.has(topic));
      if (added.length === 0) return settle();
      for (const topic of added) held.set(topic, unknown());
      if (remember === undefined) return settle();
      isRemembering = true;
      const go = () => {
        isRemembering = false;
        settle();
      };
      // What can't be remembered is told all the same.
      remember([...held.keys()]).then(go, go);
    },
    renew() {
      for (const entry of held.values()) entry.payload = undefined;
      settle();
    },
    waitingS() {
      const sent = [...held.values()].flatMap(({ isBusy, sentUs }) => (isBusy ? [sentUs] : []));
      return sent.length === 0 ? 0 : (monotonicUs() - Math.min(...sent)) / 1e6;
    },
  };
}
