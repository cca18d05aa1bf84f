import { expect, test } from "vitest";
import type { Refusal } from "../../device-drivers/contract/refusal.ts";
import { createDeviceAnswers } from "./device-answers.ts";

const scale: Refusal = { code: "driver.bad_meta", stream: "ecg", field: "channels[0].scale", fault: "missing", count: 1 };

function house() {
  let nowUs = 1e12;
  const sent: { device: string; said: unknown }[] = [];
  const changed: string[] = [];
  const answers = createDeviceAnswers({
    nowUs: () => nowUs,
    isKnown: (device) => device !== "nobody",
    send(device, bytes) {
      sent.push({ device, said: bytes.length === 0 ? "" : JSON.parse(new TextDecoder().decode(bytes)) });
      return Promise.resolve();
    },
    onChange: (device) => changed.push(device),
  });
  const pass = (s: number) => (nowUs += s * 1e6);
  return { answers, sent, changed, pass };
}

test("a device is told what, where, why and the way out, once a minute for each cause, with how often", () => {
  const { answers, sent, pass } = house();
  for (let i = 0; i < 100; i++) {
    void answers.refused("strap", [scale, { ...scale, field: "rateHz" }]);
    pass(0.5);
  }
  expect(sent.length).toBe(2);
  expect(sent[0]?.said).toMatchObject({
    ...{ code: "driver.bad_meta", stream: "ecg", field: "channels[0].scale", fault: "missing", count: 1 },
    reason: "ecg: the descriptor (meta) cannot be used – channels[0].scale is missing",
    help: expect.stringContaining("publish the descriptor again"),
  });
  pass(10);
  void answers.refused("strap", [scale]);
  expect(sent.length).toBe(3);
  expect(sent[2]?.said).toMatchObject({ count: 101 });
});

test("what happened once is on the card for a minute, and the card is shown anew when it comes", () => {
  const { answers, changed, pass } = house();
  void answers.denied({ account: "strap", reason: "acl_publish", topic: "hearth/v1/home/strap/ecg" });
  expect(changed).toEqual(["strap"]);
  expect(answers.recent("strap").map(({ code, text }) => [code, text])).toEqual([
    ["access.topic", expect.stringMatching(/refused.*: hearth\/v1\/home\/strap\/ecg$/)],
  ]);
  pass(61);
  expect(answers.recent("strap")).toEqual([]);
});

test("the newest answer is taken back when a minute has passed and the device is fine, not before", () => {
  const { answers, sent, pass } = house();
  void answers.denied({ account: "strap", reason: "wrong_password" });
  answers.look(() => true);
  pass(61);
  answers.look(() => false);
  expect(sent.length).toBe(1);
  answers.look(() => true);
  answers.look(() => true);
  expect(sent.slice(1)).toEqual([{ device: "strap", said: "" }]);
});

test("a name that is no device's is answered nothing and costs nothing", async () => {
  const { answers, sent, changed } = house();
  await answers.denied({ reason: "too_many_connections" });
  await answers.denied({ account: "strap", reason: "busy" });
  await answers.denied({ account: "nobody", reason: "wrong_password" });
  expect([sent, changed, answers.recent("nobody")]).toEqual([[], [], []]);
});

test("repeats that a device sends because it was not answered are no mistake; only repeats and nothing else are", () => {
  const { answers, sent } = house();
  const repeat = (count: number): Refusal => ({ code: "driver.duplicate_batch", stream: "ecg", field: "q", count });
  for (let count = 1; count <= 3; count++) void answers.refused("strap", [repeat(count)]);
  expect(sent).toEqual([]);
  void answers.refused("strap", [repeat(4)]);
  expect(sent[0]?.said).toMatchObject({ code: "driver.duplicate_batch", help: expect.stringContaining("another b") });
});

test("however many ways a device finds to be wrong, what is kept and told of it stays small", () => {
  const { answers, sent } = house();
  for (let i = 0; i < 1000; i++) void answers.denied({ account: "strap", reason: "acl_publish", topic: `t${i}/${"x".repeat(5000)}` });
  expect(sent.length).toBe(32);
  expect(answers.recent("strap").length).toBe(32);
  expect(Math.max(...sent.map(({ said }) => JSON.stringify(said).length))).toBeLessThan(1500);
});
