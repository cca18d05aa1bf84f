import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createStamper, virtualClock } from "../../device-drivers/contract/clock.ts";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Link, LinkConnection } from "../../device-drivers/link/link.ts";
import { type PortState, startPort } from "./ports.ts";

/** A port in memory: what a test gives arrives, `end` and `fail` are the unplug. */
function memoryPort() {
  const waiting: ((result: IteratorResult<Uint8Array>) => void)[] = [];
  const queue: Uint8Array[] = [];
  const written: Uint8Array[] = [];
  let failNext: (error: Error) => void = () => undefined;
  let closeCount = 0;
  const end = () => {
    for (const give of waiting.splice(0)) give({ done: true, value: undefined });
  };
  const connection: LinkConnection = {
    write: async (bytes) => void written.push(bytes),
    async close() {
      closeCount++;
      end();
    },
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const value = queue.shift();
        if (value !== undefined) return Promise.resolve({ done: false, value });
        return new Promise((resolve, reject) => {
          waiting.push(resolve);
          failNext = reject;
        });
      },
    }),
  };
  return {
    connection,
    end,
    written,
    fail: (error: Error) => failNext(error),
    give(...bytes: number[]) {
      const value = Uint8Array.from(bytes);
      const waiter = waiting.shift();
      if (waiter === undefined) queue.push(value);
      else waiter({ done: false, value });
    },
    get closeCount() {
      return closeCount;
    },
  };
}

/** A virtual clock that can stand still as a suspended machine does: what was due meanwhile fires once, and late. */
function stallingClock() {
  const clock = virtualClock();
  let lostUs = 0;
  const periodic = new Set<() => void>();
  return {
    ...clock,
    monotonicUs: () => clock.monotonicUs() + lostUs,
    every(periodMs: number, fn: () => void) {
      periodic.add(fn);
      const cancel = clock.every(periodMs, fn);
      return () => {
        periodic.delete(fn);
        cancel();
      };
    },
    stall(ms: number) {
      lostUs += ms * 1000;
      for (const fn of [...periodic]) fn();
    },
  };
}

function start(open?: (count: number) => Promise<LinkConnection>) {
  const clock = stallingClock();
  const opened: ReturnType<typeof memoryPort>[] = [];
  const links = new Set<Link>();
  const chunks: Chunk[] = [];
  const states: PortState[] = [];
  let room: Promise<void> = Promise.resolve();
  const port = startPort({
    link: "by-id/imu",
    device: "imu-1",
    createLink() {
      const link: Link = {
        open: async () => {
          if (open !== undefined) return open(links.size);
          const memory = memoryPort();
          opened.push(memory);
          return memory.connection;
        },
      };
      links.add(link);
      return link;
    },
    silenceMs: 4000,
    clock,
    random: () => 0.5,
    stamp: createStamper(clock),
    sink: { room: () => room, offer: (chunk) => void chunks.push(chunk) },
    onState: (state) => void states.push(state),
  });
  const pass = async (byMs: number) => {
    await turn();
    clock.advance(byMs);
    await turn();
  };
  return { clock, opened, links, chunks, states, port, pass, setRoom: (next: Promise<void>) => (room = next) };
}

test("bytes arrive with link, device and stamps, in order", async () => {
  const { opened, chunks, port, pass, clock } = start();
  await pass(10);
  opened[0]!.give(1, 2);
  opened[0]!.give(3);
  await pass(0);
  expect(chunks.map((chunk) => [...chunk.bytes])).toEqual([[1, 2], [3]]);
  expect(chunks[0]).toMatchObject({ link: "by-id/imu", device: "imu-1", channel: "", stamps: { monotonicUs: clock.monotonicUs() } });
  expect(port.counters).toMatchObject({ opens: 1, chunks: 2, bytes: 3 });
  await port.stop();
  expect(opened[0]!.closeCount).toBe(1);
  expect(port.state).toBe("stopped");
});

test("silence closes the port and opens a new link object", async () => {
  const { opened, links, states, port, pass } = start();
  await pass(0);
  opened[0]!.give(1);
  await pass(3900);
  expect(port.state).toBe("running");
  await pass(1100);
  expect(opened[0]!.closeCount).toBe(1);
  await pass(500);
  expect(states).toEqual(["opening", "running", "silent", "backing-off", "opening", "running"]);
  expect(links.size).toBe(2);
  expect(port.counters).toMatchObject({ silences: 1, errors: 0 });
  await port.stop();
});

test("a machine that stood still for longer than the limit has not heard a silent port: what waits in it is read first", async () => {
  const { clock, opened, chunks, states, port, pass } = start();
  await pass(0);
  opened[0]!.give(1);
  await pass(500);
  clock.stall(60_000);
  opened[0]!.give(2);
  await pass(0);
  expect(chunks).toHaveLength(2);
  await pass(3000);
  expect(states).toEqual(["opening", "running"]);
  await pass(2000);
  expect(states.slice(2, 3)).toEqual(["silent"]);
  await port.stop();
});

test("an unplug that throws and one that only ends are both followed by a new try", async () => {
  const { opened, port, pass } = start();
  await pass(0);
  opened[0]!.fail(new GatewayError("link.lost", "world", "unplugged"));
  await pass(500);
  await pass(0);
  opened[1]!.end();
  await pass(1000);
  expect(port.counters).toMatchObject({ opens: 3, errors: 1, closes: 1 });
  await port.stop();
});

test("the pause doubles up to five seconds while the port is missing, and never stops trying", async () => {
  const { links, port, pass } = start(() => Promise.reject(new GatewayError("link.not_found", "world", "no such port")));
  const pausesMs = [500, 1000, 2000, 2500, 2500, 2500, 2500];
  for (const [i, pauseMs] of pausesMs.entries()) {
    await pass(pauseMs - 1);
    expect(links.size).toBe(i + 1);
    await pass(1);
    expect(links.size).toBe(i + 2);
  }
  await port.stop();
});

test("only a minute of frames makes the next pause short again", async () => {
  const { opened, port, pass } = start();
  const failAndReopen = async (pauseMs: number) => {
    await pass(0);
    opened.at(-1)!.end();
    await pass(pauseMs);
    await pass(0);
  };
  for (const pauseMs of [500, 1000, 2000]) await failAndReopen(pauseMs);
  for (let s = 0; s <= 62; s += 2) {
    opened.at(-1)!.give(s);
    await pass(2000);
  }
  const before = opened.length;
  await failAndReopen(500);
  expect(opened).toHaveLength(before + 1);
  await port.stop();
});

test("a configuration that can't work is not tried again", async () => {
  const { port, states, pass } = start(() => Promise.reject(new GatewayError("link.bad_path", "operator", "not a serial port")));
  await pass(400_000);
  expect(states).toEqual(["opening", "failed"]);
  await port.stop();
});

test("an open that hangs is given up, and closed should it succeed later", async () => {
  const late = memoryPort();
  let finish: () => void = () => undefined;
  const { port, pass } = start((count) =>
    count === 1 ? new Promise((resolve) => (finish = () => resolve(late.connection))) : Promise.resolve(memoryPort().connection),
  );
  await pass(10_000);
  await pass(500);
  expect(port.state).toBe("running");
  finish();
  await pass(0);
  expect(late.closeCount).toBe(1);
  await port.stop();
});

test("a journal without room holds the port and is not taken for silence", async () => {
  const { opened, chunks, port, pass, setRoom } = start();
  await pass(0);
  const full = Promise.withResolvers<void>();
  setRoom(full.promise);
  opened[0]!.give(1);
  await pass(0);
  opened[0]!.give(2);
  await pass(20_000);
  expect(port.state).toBe("running");
  expect(chunks).toHaveLength(1);
  full.resolve();
  await pass(0);
  expect(chunks).toHaveLength(2);
  await port.stop();
});

test("bytes can be sent while the port is open, and only then", async () => {
  const { opened, port, pass } = start();
  await pass(0);
  await port.write(Uint8Array.of(9));
  expect(opened[0]!.written).toEqual([Uint8Array.of(9)]);
  await port.stop();
  await expect(port.write(Uint8Array.of(9))).rejects.toMatchObject({ code: "ingest.port_closed", kind: "world" });
});

test("a port that is stopped before it has opened, or does not close, is stopped all the same after two seconds", async () => {
  const hanging = start(() => new Promise(() => undefined));
  await hanging.pass(0);
  await hanging.port.stop();
  expect(hanging.states).toEqual(["opening", "stopped"]);
  const memory = memoryPort();
  const stuck = start(() => Promise.resolve({ ...memory.connection, close: () => new Promise(() => undefined) }));
  await stuck.pass(0);
  let isStopped = false;
  const stopped = stuck.port.stop().then(() => {
    isStopped = true;
  });
  await stuck.pass(1999);
  expect(isStopped).toBe(false);
  await stuck.pass(1);
  await stopped;
  expect(stuck.port.state).toBe("stopped");
});

test("just under a minute of frames is not a good run yet", async () => {
  const { opened, port, pass } = start();
  for (const pauseMs of [500, 1000]) {
    await pass(0);
    opened.at(-1)!.end();
    await pass(pauseMs);
    await pass(0);
  }
  for (let s = 0; s <= 59; s++) {
    opened.at(-1)!.give(s);
    await pass(s === 58 ? 999 : 1000);
  }
  const before = opened.length;
  opened.at(-1)!.end();
  await pass(1999);
  expect(opened).toHaveLength(before);
  await pass(1);
  await pass(0);
  expect(opened).toHaveLength(before + 1);
  await port.stop();
});

test("a port that was away for a day is open again within 10 s of its return", async () => {
  let isThere = false;
  const memory = memoryPort();
  const { port, pass } = start(async () => {
    if (isThere) return memory.connection;
    throw new GatewayError("link.not_found", "world", "there is no such port");
  });
  for (let minute = 0; minute < 24 * 60; minute++) await pass(60_000);
  isThere = true;
  for (let s = 0; s < 10 && port.state !== "running"; s++) await pass(1000);
  expect(port.state).toBe("running");
  await port.stop();
});
