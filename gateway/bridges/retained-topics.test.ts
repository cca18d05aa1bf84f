import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createRetainedTopics, type WantedTopic } from "./retained-topics.ts";

/** A broker whose acknowledgements a test gives. */
function open(known: readonly string[] = []) {
  const clock = virtualClock();
  const sent: string[] = [];
  const waiting: { readonly take: () => void; readonly lose: (error: Error) => void }[] = [];
  const remembered: (readonly string[])[] = [];
  let isStoreSlow = false;
  const topics = createRetainedTopics(
    {
      send(topic, payload) {
        sent.push(`${topic}=${payload}`);
        return new Promise((take, lose) => void waiting.push({ take, lose }));
      },
      monotonicUs: clock.monotonicUs,
      async remember(all) {
        remembered.push([...all]);
        if (isStoreSlow) await new Promise(() => {});
      },
    },
    known,
  );
  const settle = async (how: "take" | "lose" = "take") => {
    await sleep(0);
    for (const each of waiting.splice(0)) how === "take" ? each.take() : each.lose(new Error("away"));
    await sleep(0);
  };
  const want = (wanted: Record<string, string | WantedTopic>) =>
    topics.want(new Map(Object.entries(wanted).map(([topic, says]) => [topic, typeof says === "string" ? { payload: says } : says])));
  const slowStore = () => {
    isStoreSlow = true;
  };
  return { clock, sent, waiting, remembered, topics, settle, want, slowStore };
}

test("only what differs is sent, in its order", async () => {
  const { sent, settle, want } = open();
  want({ a: "1", b: "2" });
  await settle();
  want({ a: "1", b: "3" });
  await settle();
  want({ a: "1", b: "3" });
  await settle();
  expect(sent).toEqual(["a=1", "b=2", "b=3"]);
});

test("what is no longer wanted is emptied first, that of an earlier run too, once it is known what is wanted", async () => {
  const { sent, settle, want, topics, remembered } = open(["old", "kept"]);
  topics.renew();
  await settle();
  expect(sent).toEqual([]);
  want({ kept: "1", new: "2" });
  await settle();
  expect(sent).toEqual(["old=", "kept=1", "new=2"]);
  expect(remembered).toEqual([
    ["old", "kept", "new"],
    ["kept", "new"],
  ]);
});

test("a topic is remembered before anything is sent on it", async () => {
  const { sent, settle, want, slowStore } = open(["a"]);
  want({ a: "1" });
  slowStore();
  want({ a: "2", b: "1" });
  await settle();
  expect(sent).toEqual(["a=1"]);
});

test("a change waits for its turn, and the newest goes; an unchanged one is sent again where it would expire", async () => {
  const { clock, sent, settle, want } = open();
  const number = (payload: string) => ({ n: { payload, everyMs: 5000, againMs: 40_000 } });
  want(number("1"));
  await settle();
  for (let s = 1; s <= 5; s++) {
    clock.advance(1000);
    want(number(`1.${s}`));
    await settle();
  }
  clock.advance(39_999);
  want(number("1.5"));
  await settle();
  expect(sent).toEqual(["n=1", "n=1.5"]);
  clock.advance(1);
  want(number("1.5"));
  await settle();
  expect(sent).toEqual(["n=1", "n=1.5", "n=1.5"]);
});

test("what the broker did not take is sent with the next look; renewed, everything is", async () => {
  const { sent, settle, want, topics } = open();
  want({ a: "1" });
  await settle("lose");
  expect(sent).toEqual(["a=1"]);
  want({ a: "1" });
  await settle();
  topics.renew();
  await settle();
  expect(sent).toEqual(["a=1", "a=1", "a=1"]);
});

test("of a thousand topics 32 wait for their acknowledgement at once, and all come through; one that waits too long shows", async () => {
  const { clock, sent, waiting, settle, want, topics } = open();
  want(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`t${i}`, "1"])));
  await sleep(0);
  expect([sent.length, waiting.length, topics.waitingS()]).toEqual([32, 32, 0]);
  clock.advance(31_000);
  expect(topics.waitingS()).toBe(31);
  for (let i = 0; i < 40; i++) await settle();
  expect([sent.length, topics.waitingS()]).toEqual([1000, 0]);
});

test("a topic that is wanted again while it is being emptied stands again", async () => {
  const { sent, settle, want } = open();
  want({ a: "1" });
  await settle();
  want({});
  want({ a: "1" });
  await settle();
  await settle();
  expect(sent).toEqual(["a=1", "a=", "a=1"]);
});
