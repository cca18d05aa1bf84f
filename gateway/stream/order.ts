/**
 * One total order per person, whatever the number of devices: by the time at which an item is complete, then gap < window < tick, then device and stream.
 * A tick T enters once every live stream has passed T or its reorder limit; what comes later still goes in, behind the tick, and is counted.
 */

interface OrderKey {
  readonly completeUs: number;
  readonly rank: 0 | 1 | 2;
  readonly device: string;
  readonly stream: string;
}

interface Held<T> extends OrderKey {
  readonly serial: number;
  readonly item: T;
}

export interface OrderState<T> {
  lastTickUs: number | undefined;
  serial: number;
  held: Held<T>[];
  passed: [string, { passedUs: number; seenUs: number }][];
}

export type Ordered<T> = { readonly kind: "item"; readonly item: T } | { readonly kind: "tick"; readonly timeUs: number };

export const tickUs = 250_000;

interface Order<T> {
  offer(key: OrderKey, item: T): void;
  /** A stream has given everything before `passedUs`; `nowUs` is when. */
  pass(stream: string, passedUs: number, nowUs: number): void;
  /** What lies before has been given by every live stream, or is not waited for any more. */
  readyUs(nowUs: number): number;
  /** Items and ticks that are now in order. */
  release(nowUs: number): Ordered<T>[];
  /** Nothing is held and no stream has given anything for `quietUs`. */
  isQuiet(nowUs: number, quietUs: number): boolean;
  /** Moves the grid to where `nowUs` leaves it, without its ticks. */
  skipTo(nowUs: number): void;
  state(): OrderState<T>;
}

/** `limitUs`: how long a tick waits for a slow stream; `liveUs`: a stream silent for longer is not waited for. */
export function createOrder<T>({ limitUs, liveUs }: { limitUs: number; liveUs: number }, saved?: OrderState<T>): Order<T> {
  let lastTickUs = saved?.lastTickUs;
  let serial = saved?.serial ?? 0;
  const held: Held<T>[] = saved === undefined ? [] : [...saved.held];
  const passed = new Map(saved?.passed ?? []);

  const before = (a: Held<T>, b: Held<T>) =>
    a.completeUs - b.completeUs ||
    a.rank - b.rank ||
    (a.device < b.device ? -1 : a.device > b.device ? 1 : 0) ||
    (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : 0) ||
    a.serial - b.serial;

  const releaseUpTo = (timeUs: number, out: Ordered<T>[]) => {
    while (held[0] !== undefined && held[0].completeUs <= timeUs) {
      const next = held.shift();
      if (next !== undefined) out.push({ kind: "item", item: next.item });
    }
  };

  const readyAt = (nowUs: number) => {
    let slowestUs = Number.POSITIVE_INFINITY;
    for (const { passedUs, seenUs } of passed.values()) if (nowUs - seenUs <= liveUs) slowestUs = Math.min(slowestUs, passedUs);
    return slowestUs === Number.POSITIVE_INFINITY ? nowUs - limitUs : Math.max(nowUs - limitUs, Math.min(slowestUs, nowUs));
  };

  return {
    readyUs: readyAt,
    offer(key, item) {
      const entry: Held<T> = { ...key, serial: serial++, item };
      let place = held.length;
      while (place > 0 && before(held[place - 1] as Held<T>, entry) > 0) place--;
      held.splice(place, 0, entry);
    },
    pass(stream, passedUs, nowUs) {
      const known = passed.get(stream);
      passed.set(stream, { passedUs: Math.max(passedUs, known?.passedUs ?? 0), seenUs: nowUs });
    },
    release(nowUs) {
      const out: Ordered<T>[] = [];
      const readyUs = readyAt(nowUs);
      if (lastTickUs !== undefined) releaseUpTo(lastTickUs, out);
      else if (passed.size > 0) lastTickUs = Math.floor(readyUs / tickUs) * tickUs - tickUs;
      if (lastTickUs === undefined) return out;
      for (let timeUs = lastTickUs + tickUs; timeUs <= readyUs; timeUs += tickUs) {
        releaseUpTo(timeUs, out);
        out.push({ kind: "tick", timeUs });
        lastTickUs = timeUs;
      }
      return out;
    },
    isQuiet(nowUs, quietUs) {
      let newestUs = Number.NEGATIVE_INFINITY;
      for (const { seenUs } of passed.values()) newestUs = Math.max(newestUs, seenUs);
      return held.length === 0 && lastTickUs !== undefined && nowUs - newestUs > quietUs;
    },
    skipTo(nowUs) {
      lastTickUs = Math.max(lastTickUs ?? 0, Math.floor((nowUs - limitUs) / tickUs) * tickUs);
    },
    state: () => ({ lastTickUs, serial, held: [...held], passed: [...passed].map(([key, value]) => [key, { ...value }]) }),
  };
}
