import { expect, test } from "vitest";
import { type Circumstances, chooseModes } from "./choose-mode.ts";
import { changed, firstConsent } from "./consent.ts";
import { noWish, readWish } from "./wish.ts";

const first = firstConsent(0, "x");
const wave = changed(first, { streams: { ecg: "semantic", acc: "raw" } }, 1, "x");
const quiet: Circumstances = { isBacklogLarge: false, alarmed: new Set(), isDecodable: true };
const choose = (consent = wave, wish: object = {}, now: Partial<Circumstances> = {}) =>
  chooseModes("person-a", "p-a", consent, readWish({ ...wish }), { ...quiet, ...now });

test("unless the twin wishes less, what is allowed goes", () => {
  expect(choose(first)).toEqual({ inForce: { "*": "event" }, waiting: {} });
  expect(choose()).toEqual({ inForce: { "*": "event", acc: "raw", ecg: "semantic" }, waiting: {} });
  expect(choose(wave, { modes: { ecg: "event" } }).inForce.ecg).toBe("event");
  expect(choose(wave, { modes: { "*": "event" }, people: { "p-a": { modes: { acc: "semantic" } } } }).inForce).toMatchObject({
    ...{ acc: "semantic", ecg: "event" },
  });
});

test("what the twin wishes beyond what is allowed waits, and changes nothing", () => {
  const { inForce, waiting } = choose(wave, { modes: { ecg: "raw", ppg: "semantic" } });
  expect([inForce, waiting]).toEqual([
    { "*": "event", acc: "raw", ecg: "semantic", ppg: "event" },
    { ecg: "raw", ppg: "semantic" },
  ]);
  expect(choose(changed(first, { streams: { "*": "none" } }, 1, "x"), { modes: { "*": "event" } })).toMatchObject({
    ...{ inForce: { "*": "none" }, waiting: { "*": "event" } },
  });
});

test("a codec is used only once the twin has listed its decoder; every sample needs none", () => {
  expect(choose(wave, {}, { isDecodable: false })).toEqual({
    inForce: { "*": "event", acc: "raw", ecg: "event" },
    waiting: {},
    heldBy: "decoder",
  });
});

test("a large backlog takes waveform back to events, and says so; a high alert of the person lets all go that is allowed", () => {
  const isBacklogLarge = true;
  expect(choose(wave, {}, { isBacklogLarge })).toMatchObject({ inForce: { acc: "event", ecg: "event" }, heldBy: "backlog" });
  const alarmed = new Set(["person-a"]);
  expect(choose(wave, { modes: { "*": "event" } }, { isBacklogLarge, alarmed }).inForce).toEqual({
    "*": "event",
    acc: "raw",
    ecg: "semantic",
  });
  expect(choose(wave, {}, { isBacklogLarge, alarmed: new Set(["person-b"]) }).inForce.ecg).toBe("event");
});

test("a wish is taken as far as it is one: what is malformed, too much or not known is ignored by its name", () => {
  const many = (count: number, of: unknown) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`s${i}`, of]));
  expect(readWish({})).toEqual(noWish);
  const good = { modes: { ecg: "raw" }, people: { "p-a": { modes: { "*": "event" } } }, decoders: ["00112233445566aa"] };
  expect(readWish(good)).toEqual({ ...good, people: { "p-a": { "*": "event" } }, ignored: [] });
  for (const modes of [[], "raw", null, { ecg: "none" }, { ecg: "all" }, { "a/b": "raw" }, many(33, "raw")])
    expect(readWish({ modes })).toMatchObject({ modes: {}, ignored: ["modes"] });
  for (const people of [[], { "p-a": null }, { "p-a": { modes: { ecg: 1 } } }, many(65, { modes: {} })])
    expect(readWish({ people })).toMatchObject({ people: {}, ignored: ["people"] });
  for (const decoders of [{}, ["x"], [1], Array(65).fill("00112233445566aa")])
    expect(readWish({ decoders })).toMatchObject({ decoders: [], ignored: ["decoders"] });
  expect(readWish({ flush: 1, modes: 2 }).ignored).toEqual(["flush", "modes"]);
});
