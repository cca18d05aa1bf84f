import { expect, test } from "vitest";
import type { Gateway } from "../../client/connection.ts";
import { HearthProblem } from "../../client/problem.ts";
import { openRestLine } from "./rest-line.ts";

/** A gateway that answers in the order of `answers`, and what it was asked. */
function line(...answers: (object | HearthProblem)[]) {
  const asked: string[] = [];
  const told: (string | undefined)[] = [];
  const bytes = async (method: string, path: string, body?: { type: string }) => {
    asked.push(`${method} ${path} ${body?.type}`);
    const answer = answers.shift() ?? {};
    if (answer instanceof HearthProblem) throw answer;
    return Buffer.from(JSON.stringify(answer));
  };
  const settings = { device: "my-phone", stream: "pulse", meta: new TextEncoder().encode("{}") };
  const gateway = { http: () => ({ bytes }) } as never as Gateway;
  const opened = openRestLine({ settings, gateway, onUp: () => {}, onDown: () => {}, onAnswer: ({ reason }) => void told.push(reason) });
  return { send: () => opened.send(new Uint8Array([1])), asked, told };
}
const meta = "PUT /api/v1/streams/my-phone/pulse/meta application/json";
const raw = "POST /api/v1/streams/my-phone/pulse application/cbor";

test("the descriptor goes before the first batch, and again when the gateway asks for it", async () => {
  const { send, asked, told } = line({}, { wants_descriptor: null }, { wants_descriptor: "c59589b5c7e9563e" }, {}, {});
  for (let i = 0; i < 3; i++) await send();
  expect(asked).toEqual([meta, raw, raw, meta, raw]);
  expect(told).toEqual([undefined, undefined, undefined]);
});

test("a batch is refused with its status, a descriptor without one: the batches behind it are kept", async () => {
  const bad = new HearthProblem("driver.bad_field", "pulse: a batch breaks the format", 400);
  const { send, asked, told } = line(new HearthProblem("driver.bad_meta", "pulse: the descriptor cannot be used", 400), {}, bad);
  await expect(send()).rejects.toMatchObject({ code: "driver.bad_meta", status: 0 });
  await expect(send()).rejects.toMatchObject({ code: "driver.bad_field", status: 400 });
  expect(asked).toEqual([meta, meta, raw]);
  expect(told).toEqual(["pulse: the descriptor cannot be used", "pulse: a batch breaks the format"]);
});
