/** The nodes that carry samples, in front of a gateway that runs: what a flow sends as a device comes back as blocks and as a strip. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, openConnection } from "../../flows/client/connection.ts";
import { createHttp } from "../../flows/client/http.ts";
import { openFakeHost } from "../../flows/node-red/fake-host.ts";
import { streamIn } from "../../flows/nodes/stream-in/node.ts";
import { streamOut } from "../../flows/nodes/stream-out/node.ts";
import { strip } from "../../flows/nodes/strip/node.ts";
import { until } from "../crash/home-inside.ts";
import { openFlowsAtHome } from "./programs.ts";

const home = openFlowsAtHome();
let gateway: Gateway;
let broker: string;
let password: string;

beforeAll(async () => {
  await home.startGateway();
  const { ports } = await home.ask<{ ports: { http: number; mqtt: number } }>("status");
  broker = `mqtt://127.0.0.1:${ports.mqtt}`;
  const answer = JSON.parse(home.hearth("devices", "password", "chest-strap", "--json")) as { account: { password: string } };
  password = answer.account.password;
  const { admin: token } = JSON.parse(readFileSync(join(home.home, "tokens.json"), "utf8")) as { admin: string };
  const base = new URL(`http://127.0.0.1:${ports.http}`);
  gateway = openConnection({
    openHttp: () => createHttp({ base, token }),
    openTwin: () => undefined,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
    random: Math.random,
    onFault: (error) => expect.unreachable(String(error)),
  });
  await until(() => gateway.state().kind === "live", "the connection is there", 60_000);
});
afterAll(async () => {
  gateway.close();
  await home.close();
});

const ecg = {
  device: "chest-strap",
  stream: "ecg",
  rateHz: 250,
  channels: '[{"id":"ecg","kind":"ecg","unit":"mV","from":"payload.values"}]',
};
const second = (value: number) => ({ payload: { values: new Array(250).fill(value), unit: "mV", rateHz: 250 } });

test("numbers of a flow become a device's samples: acknowledged, live at half their rate, and in a strip", async () => {
  const into = openFakeHost(streamIn, { device: "chest-strap", rateHz: 125 }, gateway);
  const out = openFakeHost(streamOut, { ...ecg, broker }, gateway, { password });
  for (let i = 0; i < 6; i++) {
    await out.input(second(0.5));
    await sleep(1000);
  }
  await until(() => Number(out.line()?.values?.acknowledged) > 4, "batches are acknowledged", 60_000);
  expect(out.line()).toMatchObject({ look: "good", key: "stream-out.status.sent" });
  await until(() => into.sent.length > 2, "blocks come", 60_000);
  expect(into.sent[0]).toMatchObject({ topic: "chest-strap/ecg/ecg", payload: { person: "person-a", rateHz: 125, unit: "mV" } });
  const values = into.sent.flatMap(({ payload }) => (payload as { values: number[] }).values);
  for (const value of values) expect(value).toBeCloseTo(0.5, 6);
  const { t } = (into.sent[0]?.payload ?? { t: 0 }) as { t: number };
  expect(Math.abs(Date.now() - t)).toBeLessThan(600_000);
  const kept = openFakeHost(strip, { format: "values", person: "person-a", beforeS: 10, afterS: 20 }, gateway);
  const [[found] = []] = (await kept.input({ payload: t })) as never as { payload: { traces: { values: number[]; unit: string }[] } }[][];
  expect(found?.payload.traces).toEqual([expect.objectContaining({ device: "chest-strap", unit: "mV", rateHz: 250 })]);
  expect(found?.payload.traces[0]?.values.filter((value) => value === 0.5).length).toBeGreaterThan(500);
  await out.close();
  await into.close();
});

test("without a broker the same goes over REST", async () => {
  const into = openFakeHost(streamIn, { device: "chest-strap", stream: "wave" }, gateway);
  const out = openFakeHost(streamOut, { ...ecg, stream: "wave" }, gateway);
  for (let i = 0; i < 3; i++) await out.input(second(0.25));
  await until(() => out.line()?.values?.acknowledged === 3, "batches are acknowledged", 60_000);
  await until(() => into.sent.length > 0, "blocks come", 60_000);
  expect(into.sent[0]).toMatchObject({ topic: "chest-strap/wave/ecg", payload: { unit: "mV", rateHz: 250 } });
  await out.close();
  await into.close();
});

test("what is wrong is said where the integrator looks: a unit, a password, a strip of nobody", async () => {
  const out = openFakeHost(streamOut, { ...ecg, broker }, gateway, { password: "guessed" });
  await expect(out.input({ payload: { ...second(1).payload, unit: "V" } })).rejects.toThrow(
    "The message is in V; the channel ecg takes mV.",
  );
  await out.input(second(1));
  await until(() => out.line()?.key === "stream-out.status.down", "the status says it", 60_000);
  expect(out.line()).toMatchObject({ look: "failed", values: { why: expect.stringContaining("password is another"), refused: 1 } });
  await out.close();
  const nobody = openFakeHost(strip, { person: "nobody" }, gateway);
  const [[, without] = []] = (await nobody.input({ payload: Date.now() - 60_000 })) as never as unknown[][];
  expect(without).toMatchObject({ problem: { code: "http.not_found", detail: "No person with this id lives here." } });
});
