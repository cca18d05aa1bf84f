import { Aedes } from "aedes";
import { expect, test } from "vitest";
import { createKeptSessions, type Persistence } from "./kept-sessions.ts";

const limits = { maxSessionBytes: 20_000, maxAllBytes: 50_000 };

async function sessions(mayKeep: (filter: object) => boolean = () => true) {
  const aedes = await Aedes.createBroker();
  const { persistence } = aedes as unknown as { persistence: Persistence & { subscriptionsByClient(of: object): Promise<object[]> } };
  aedes.close();
  const forgotten: string[] = [];
  const kept = createKeptSessions(persistence, { limits, mayKeep, onForgotten: (id) => forgotten.push(id) });
  let counter = 0;
  const send = (to: string[], sizeBytes: number) =>
    persistence.outgoingEnqueueCombi(
      to.map((clientId) => ({ clientId })),
      { cmd: "publish", brokerId: "b", brokerCounter: ++counter, topic: "t", payload: Buffer.alloc(1 << 16).subarray(0, sizeBytes) },
    );
  const waiting = async (id: string) => (await persistence.outgoingStream({ id }).toArray()) as { payload: Buffer; messageId?: number }[];
  return { persistence, kept, forgotten, send, waiting };
}

test("what waits for an absent client has a bound, and beyond it the session is forgotten with its filters", async () => {
  const { persistence, kept, forgotten, send, waiting } = await sessions();
  await persistence.addSubscriptions({ id: "a" }, [{ topic: "t", qos: 1 }]);
  for (let i = 0; i < 13; i++) await send(["a", "b"], 1000);
  expect([forgotten, (await waiting("b")).length, kept.waitingBytes]).toEqual([[], 13, 26 * 1513]);
  for (let i = 0; i < 13; i++) await send(["a"], 1000);
  expect([forgotten, (await waiting("a")).length, (await waiting("b")).length]).toEqual([["a"], 12, 13]);
  expect(await persistence.subscriptionsByClient({ id: "a" })).toEqual([]);
});

test("where all together are too large, the largest is forgotten, not the newest", async () => {
  const { forgotten, kept, send } = await sessions();
  for (let i = 0; i < 13; i++) await send(["large"], 1000);
  for (let i = 0; i < 12; i++) await send(["a", "b", "c"], 500);
  expect(forgotten).toEqual(["large"]);
  expect(kept.waitingBytes).toBeLessThan(limits.maxAllBytes);
});

test("a small message does not keep the whole read alive in which it came", async () => {
  const { send, waiting } = await sessions();
  await send(["a"], 10);
  expect((await waiting("a"))[0]?.payload.buffer.byteLength).toBeLessThan(1 << 16);
});

test("what was acknowledged waits no more, in any order, and QoS 2 keeps its id until PUBCOMP", async () => {
  const { persistence, kept, send, waiting } = await sessions();
  for (let i = 0; i < 3; i++) await send(["a"], 100);
  const at = (counter: number, messageId: number) => ({ cmd: "publish", brokerId: "b", brokerCounter: counter, messageId });
  for (const [counter, id] of [
    [1, 11],
    [2, 12],
    [3, 13],
  ] as const)
    await persistence.outgoingUpdate({ id: "a" }, at(counter, id));
  await persistence.outgoingUpdate({ id: "a" }, { cmd: "pubrel", messageId: 12 });
  expect((await waiting("a")).map(({ messageId }) => messageId)).toEqual([11, 12, 13]);
  await persistence.outgoingClearMessageId({ id: "a" }, { cmd: "puback", messageId: 13 });
  await persistence.outgoingClearMessageId({ id: "a" }, { cmd: "puback", messageId: 11 });
  await persistence.outgoingClearMessageId({ id: "a" }, { cmd: "pubcomp", messageId: 12 });
  expect([await waiting("a"), kept.waitingBytes]).toEqual([[], 0]);
  await expect(persistence.outgoingUpdate({ id: "a" }, at(1, 11))).rejects.toThrow("no such packet");
});

test("ids of QoS 2 that a client leaves open have a bound, the oldest goes, and nothing of their content is kept", async () => {
  const { persistence } = await sessions();
  const packet = (messageId: number) => ({ cmd: "publish", messageId, payload: Buffer.alloc(60_000) });
  for (let id = 1; id <= 5000; id++) await persistence.incomingStorePacket({ id: "a" }, packet(id));
  await expect(persistence.incomingGetPacket({ id: "a" }, packet(4000))).rejects.toThrow();
  expect(await persistence.incomingGetPacket({ id: "a" }, packet(4001))).toEqual({ messageId: 4001 });
  await persistence.incomingDelPacket({ id: "a" }, packet(4001));
  await expect(persistence.incomingDelPacket({ id: "a" }, packet(4001))).rejects.toThrow();
  await persistence.cleanIncoming({ id: "a" });
  await expect(persistence.incomingGetPacket({ id: "a" }, packet(5000))).rejects.toThrow();
});

test("filters that were refused are not kept with a session", async () => {
  const granted = { topic: "yes", qos: 1 };
  const { persistence } = await sessions((filter) => filter === granted);
  for (let i = 0; i < 1000; i++) await persistence.addSubscriptions({ id: "a" }, [granted, { topic: `no-${i}`, qos: 0 }]);
  expect(await persistence.subscriptionsByClient({ id: "a" })).toMatchObject([granted]);
});
