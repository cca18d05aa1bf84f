import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { maxDesiredBytes, openDesired, type SignedDesired } from "../semantic/desired.ts";
import { createWishes } from "./wishes.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");

/** A store of one gateway's wish whose answers come a turn later each, and everything that was published. */
function createPlace() {
  let stored: string | undefined;
  const published: string[] = [];
  const later = async <T>(answer: () => T): Promise<T> => {
    await Promise.resolve();
    return answer();
  };
  const store = {
    desired: () => later(() => stored),
    putDesired: (_gateway: string, text: string, before: string | undefined) =>
      later(() => {
        if (stored !== before) return false;
        stored = text;
        return true;
      }),
  };
  return { store, published, retained: () => published.at(-1), stored: () => stored };
}
const versionOf = (text: string | undefined) => (JSON.parse(text ?? "{}") as SignedDesired).version;

test("wishes that two workers make at one time get a version each, and the newest is what stays published", async () => {
  const place = createPlace();
  const workers = [0, 1].map(() =>
    createWishes({ store: place.store, publish: async (_g, text) => void place.published.push(text), privateKey }),
  );
  const wishes = await Promise.all(Array.from({ length: 6 }, (_, i) => workers[i % 2]!.put("home-a", { i }, undefined)));
  expect(wishes.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(versionOf(place.stored())).toBe(6);
  expect(place.retained()).toBe(place.stored());
});

test("a wish that is published late does not stay in the place of a newer one", async () => {
  const place = createPlace();
  const slow = Promise.withResolvers<void>();
  let isFirst = true;
  const late = createWishes({
    store: place.store,
    async publish(_gateway, text) {
      if (isFirst) {
        isFirst = false;
        await slow.promise;
      }
      place.published.push(text);
    },
    privateKey,
  });
  const quick = createWishes({ store: place.store, publish: async (_g, text) => void place.published.push(text), privateKey });
  const first = late.put("home-a", { a: 1 }, undefined);
  await new Promise((resolve) => setImmediate(resolve));
  await quick.put("home-a", { a: 2 }, undefined);
  slow.resolve();
  await first;
  expect(place.published.map(versionOf)).toEqual([2, 1, 2]);
});

test("who has seen an older version is told so and changes nothing", async () => {
  const place = createPlace();
  const { put, publish } = createWishes({ store: place.store, publish: async (_g, text) => void place.published.push(text), privateKey });
  await publish("home-a");
  expect(place.published).toEqual([]);
  const first = await put("home-a", { a: 1 }, 0);
  expect(openDesired("home-a", new TextEncoder().encode(place.stored()), publicKey)).toEqual(first);
  const both = await Promise.allSettled([put("home-a", { a: 2 }, 1), put("home-a", { a: 3 }, 1)]);
  expect(both.map((each) => (each.status === "rejected" ? each.reason.code : each.value.version))).toEqual([2, "desired.conflict"]);
  expect(versionOf(place.stored())).toBe(2);
});

test("the decoders that a twin has are listed by a wish of its own, once, and by each that lists none", async () => {
  const place = createPlace();
  const wishes = createWishes({
    store: place.store,
    publish: async (_gateway, text) => void place.published.push(text),
    privateKey,
    decoders: ["00ff00ff00ff00ff"],
  });
  await wishes.listDecoders("home-a");
  await wishes.listDecoders("home-a");
  const settings = () => (JSON.parse(place.stored() ?? "{}") as SignedDesired).settings;
  expect([versionOf(place.stored()), settings()]).toEqual([1, { decoders: ["00ff00ff00ff00ff"] }]);
  await wishes.put("home-a", { modes: { ecg: "event" } }, undefined);
  await wishes.listDecoders("home-a");
  expect([versionOf(place.stored()), settings()]).toEqual([2, { decoders: ["00ff00ff00ff00ff"], modes: { ecg: "event" } }]);
  await wishes.put("home-a", { decoders: [] }, undefined);
  expect(settings()).toEqual({ decoders: [] });
});

test("a wish that no gateway would read is refused and leaves the one before", async () => {
  const place = createPlace();
  const wishes = createWishes({ store: place.store, publish: async (_g, text) => void place.published.push(text), privateKey });
  await wishes.put("home-a", { a: 1 }, undefined);
  const long = { text: "x".repeat(maxDesiredBytes - 100) };
  await expect(wishes.put("home-a", long, undefined)).rejects.toMatchObject({ code: "desired.too_large", kind: "operator" });
  expect([versionOf(place.stored()), place.published.length]).toEqual([1, 1]);
  const fits = await wishes.put("home-a", { text: "x".repeat(maxDesiredBytes - 300) }, undefined);
  expect(openDesired("home-a", new TextEncoder().encode(place.retained()), publicKey)).toEqual(fits);
});
