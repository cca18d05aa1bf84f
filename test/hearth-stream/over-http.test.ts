/** A sensor without MQTT: samples and descriptors over HTTP reach the same river, with the same answers, accounts and bounds. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { encodeBatch, hashOfMeta } from "../../device-drivers/hearth-stream/frame.ts";
import { openAccess } from "../../gateway/access/access.ts";
import { createApp } from "../../gateway/api/http.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { until } from "../crash/home-inside.ts";
import { device, openOwnHome } from "./own-home.ts";

let home: Awaited<ReturnType<typeof openOwnHome>>;
let app: ReturnType<typeof createApp>;

const tokens = [
  { role: "integrator", token: "the-integrators" },
  { role: "caregiver", token: "the-caregivers" },
] as const;
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

async function send(path: string, body: unknown, authorization = "Bearer the-integrators", method = "POST") {
  const bytes = body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body);
  const answer = await app.request(`/api/v1/streams/${path}`, { method, body: bytes, headers: { authorization } });
  return { status: answer.status, body: await answer.json() };
}

beforeAll(async () => {
  home = await openOwnHome();
  const access = openAccess({ clock: systemClock(), given: tokens });
  const log = createLog({ level: "silent" });
  app = createApp({ view: home.gateway.view, access, log, host: "127.0.0.1", alertText: () => ({ title: "", body: "" }) });
}, 30_000);
afterAll(() => home.close());

const meta = new TextEncoder().encode(
  JSON.stringify({
    v: 1,
    rateHz: 100,
    placement: "chest",
    channels: [{ id: "ecg", kind: "ecg", unit: "mV", scale: 0.005, offset: 0 }],
    sentinels: [],
  }),
);
const batch = (sequence: number, samples = Int16Array.from({ length: 100 }, (_, i) => i)) =>
  encodeBatch({
    ...{ bootId: "0102030405060708", sequence, firstIndex: sequence * 100, deviceTimeUs: sequence * 1e6, clockQuality: 1, periodNs: 1e7 },
    ...{ channels: [{ id: "ecg", samples }], metaHash: hashOfMeta(meta) },
  } as Parameters<typeof encodeBatch>[0]);
const samplesOf = (stream: string) => home.gateway.view.streams().find((each) => each.stream === stream)?.samplesTotal ?? 0;

test("one line of JSON with a token is a sample that the river reads", async () => {
  expect(await send(`${device}/temp`, { rateHz: 1, unit: "Cel", x: [36.6] })).toEqual({
    status: 200,
    body: { device, stream: "temp", already: false, wants_descriptor: null },
  });
  await until(() => (home.gateway.view.devices()[0]?.counters.frames ?? 0) > 0, "it is read", 20_000);
});

test("a batch before its descriptor is kept, and read when that has come; sent again it is counted once", async () => {
  expect((await send(`${device}/ecg`, batch(0))).body.wants_descriptor).toMatch(/^[0-9a-f]{16}$/);
  const own = basic(device, home.password);
  expect((await send(`${device}/ecg/meta`, meta, own, "PUT")).status).toBe(200);
  expect((await send(`${device}/ecg`, batch(1), own)).body).toMatchObject({ already: false, wants_descriptor: null });
  await until(() => samplesOf("ecg") === 200, "both are read", 20_000);
  expect((await send(`${device}/ecg`, batch(1), own)).body.already).toBe(true);
  expect((await send(`${device}/ecg`, batch(2), own)).body.already).toBe(false);
  await until(() => samplesOf("ecg") >= 300, "the next is read", 20_000);
  expect(samplesOf("ecg")).toBe(300);
});

test("what cannot be used is refused with code, field and the way out, and is on the device's card", async () => {
  const wrong = await send(`${device}/resp`, { rateHz: 1, unit: "furlong", x: ["a"] });
  expect(wrong).toMatchObject({ status: 400, body: { code: "driver.bad_samples", field: "x[0]" } });
  expect(wrong.body.detail.length).toBeGreaterThan(20);
  await until(
    () => home.gateway.view.devices()[0]?.findings.some(({ code }) => code === "driver.bad_samples") === true,
    "the card",
    20_000,
  );
  expect((await send(`${device}/resp`, { x: [1] })).body).toMatchObject({ code: "driver.undescribed", field: "rateHz" });
  expect((await send(`${device}/resp`, Uint8Array.of(0xbf, 1))).body.code).toBe("driver.bad_cbor");
  expect((await send(`${device}/ecg/meta`, { v: 1 }, undefined, "PUT")).body.code).toBe("driver.bad_meta");
});

test("who may not, where nothing is, and what is too much is refused before it is read", async () => {
  const body = { rateHz: 1, unit: "Cel", x: [36.6] };
  expect(await send(`${device}/temp`, body, "Bearer the-caregivers")).toMatchObject({ status: 403, body: { code: "http.forbidden" } });
  expect(await send(`${device}/temp`, body, "")).toMatchObject({ status: 401, body: { code: "http.unauthorized" } });
  expect(await send(`${device}/temp`, body, basic(device, "wrong"))).toMatchObject({
    status: 401,
    body: { code: "ingest.wrong_password" },
  });
  expect(await send("other/temp", body, basic(device, home.password))).toMatchObject({
    status: 403,
    body: { code: "ingest.forbidden_topic" },
  });
  expect(await send("other/temp", body)).toMatchObject({ status: 404, body: { code: "http.not_found" } });
  expect(await send(`${device}/cmd`, body)).toMatchObject({ status: 400, body: { code: "ingest.bad_topic" } });
  expect(await send(`${device}/Temp`, body)).toMatchObject({ status: 400, body: { code: "ingest.bad_topic" } });
  expect(await send(`${device}/temp`, new Uint8Array(10_000_000))).toMatchObject({ status: 413, body: { code: "http.too_large" } });
  const many = await Promise.all(Array.from({ length: 200 }, () => send(`${device}/temp`, new Uint8Array(65_000))));
  expect(new Set(many.map(({ body: { code } }) => code))).toContain("http.too_many_requests");
});
