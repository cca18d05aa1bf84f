/** People, devices and wearing of a home that runs: what is added works at once, and a restart finds it again. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../firmware-sim/excerpts/recording-source.ts";
import { openMqttLink } from "../../firmware-sim/link/mqtt.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";
import { until } from "../crash/home-inside.ts";
import { type HomeWithDoor, openHomeWithDoor, site } from "./home-with-door.ts";

let home: HomeWithDoor;
beforeAll(async () => {
  home = await openHomeWithDoor();
  await home.start({});
});
afterAll(() => home.close());

interface Account {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** A strap that plays a real recording with this account, until its end is called. */
async function strapPlays({ url, user, password }: Account) {
  const link = openMqttLink({
    ...{ url, site, device: user, password, qos: 1, random: () => 0.5, clock: systemClock() },
    pauseMs: { first: 100, longest: 300 },
  });
  const source = recordingSource(await loadExcerpt("mitdb-205"), {
    ...{ stream: "ecg", placement: "chest" },
    channels: [{ lead: "MLII", id: "ecg", kind: "ecg" }],
  });
  const wearable = startWearable({ sources: [source], link, clock: systemClock(), bootId: "00112233445566aa" });
  return {
    isAccepted: () => link.isConnected,
    async end() {
      wearable.stop();
      await link.close();
    },
  };
}

const device = (id: string) => home.gateway.view.devices().find((each) => each.id === id);
let strap: Account;

test("a person and a strap are added to a home that runs; the strap sends, and its trace is live without a restart", async () => {
  const { body } = await home.ask("people", "POST", { name: "Person A" });
  expect(body.person).toEqual({ id: "person-a", name: "Person A" });
  const added = await home.ask("devices", "POST", { title: "Chest strap", person: "person-a", placement: "chest" });
  expect(added).toMatchObject({ status: 200, body: { device: "chest-strap", account: { user: "chest-strap" } } });
  strap = added.body.account as Account;
  let shown = 0;
  const end = home.gateway.view.live((message) => {
    if (message.kind === "samples" && message.person === "person-a" && message.device === "chest-strap") shown += message.values.length;
  });
  const playing = await strapPlays(strap);
  await until(() => shown > 250, "a second of the trace is live");
  end();
  await playing.end();
  expect(home.gateway.view.streams()).toMatchObject([{ device: "chest-strap", stream: "ecg", person: "person-a" }]);
});

test("worn by another from now on, what came before stays with whoever wore it then", async () => {
  await home.ask("people", "POST", { name: "Person B" });
  const nowS = () => home.gateway.view.status().timeUs / 1e6;
  const changedS = nowS();
  expect((await home.ask("devices/chest-strap/wearing", "PUT", { person: "person-b", placement: "chest" }, "caregiver")).status).toBe(200);
  const playing = await strapPlays(strap);
  const samplesOf = async (person: string) => {
    const { body } = await home.ask(`people/${person}/strip?from=${changedS - 60}&to=${nowS() + 1}`);
    return (body.traces as { values: (number | null)[] }[]).reduce(
      (sum, { values }) => sum + values.filter((each) => each !== null).length,
      0,
    );
  };
  const before = await samplesOf("person-a");
  expect(before).toBeGreaterThan(250);
  await until(async () => (await samplesOf("person-b")) > 250, "Person B has a trace");
  expect(await samplesOf("person-a")).toBe(before);
  await playing.end();
  const { devices } = (await home.ask("devices")).body as { devices: { id: string; wearings: { person: string; to: string | null }[] }[] };
  expect(devices[0]?.wearings).toMatchObject([
    { person: "person-a", to: expect.any(String) },
    { person: "person-b", to: null },
  ]);
});

test("a wearing is dated back only over a time in which nobody wore the device, and never ahead", async () => {
  const nowS = () => home.gateway.view.status().timeUs / 1e6;
  await home.ask("devices", "POST", { title: "Spare" });
  const put = (since: number) => home.ask("devices/spare/wearing", "PUT", { person: "person-a", placement: "chest", since: String(since) });
  const earlierS = nowS() - 3600;
  expect(await put(nowS() + 60)).toMatchObject({ status: 400, body: { code: "setup.bad_field", field: "since" } });
  expect((await put(earlierS)).status).toBe(200);
  const { devices } = (await home.ask("devices")).body as { devices: { id: string; wearings: { from: string }[] }[] };
  expect(Date.parse(devices.find(({ id }) => id === "spare")?.wearings[0]?.from ?? "") / 1000).toBeCloseTo(earlierS, 2);
  expect(await put(earlierS + 60)).toMatchObject({
    status: 409,
    body: { code: "setup.conflict", detail: expect.stringContaining("person-a") },
  });
});

test("a removed device is out at once: its connection and its account end, and its name stays with its history", async () => {
  const playing = await strapPlays(strap);
  await until(() => playing.isAccepted(), "the strap is connected");
  expect((await home.ask("devices/chest-strap", "DELETE")).status).toBe(200);
  await until(() => !playing.isAccepted(), "the strap is cut off");
  await playing.end();
  expect(device("chest-strap")).toBeUndefined();
  expect(await home.ask("devices/chest-strap", "DELETE")).toMatchObject({ status: 404, body: { code: "registry.unknown" } });
  expect(home.gateway.credentials.has("chest-strap")).toBe(false);
  expect(home.gateway.words.device("chest-strap")).toBe("Chest strap");
});

test("a serial device is added with its link and needs no account; one that cannot be is refused by its field", async () => {
  const link = { kind: "tcp", host: "127.0.0.1", port: 9 };
  expect((await home.ask("devices", "POST", { id: "tag", title: "Motion tag", driver: "xsens-mti", link })).body).toEqual({
    device: "tag",
  });
  const refused = (body: object) => home.ask("devices", "POST", { title: "Other", ...body });
  expect(await refused({ driver: "no-such" })).toMatchObject({ status: 400, body: { field: "driver" } });
  expect(await refused({ link: { kind: "tcp", host: "127.0.0.1", port: 70_000 } })).toMatchObject({
    status: 400,
    body: { field: "link.port" },
  });
  expect(await refused({ id: "up" })).toMatchObject({ status: 400, body: { field: "id" } });
  expect(await refused({ id: "tag" })).toMatchObject({ status: 409, body: { field: "id" } });
  expect(await refused({ person: "nobody" })).toMatchObject({ status: 404 });
  expect(await home.ask("devices/tag/password", "POST")).toMatchObject({ status: 400, body: { code: "setup.bad_field" } });
  expect((await home.ask("devices", "POST", { title: "Mine" }, "caregiver")).status).toBe(403);
});

test("a new password ends the old one at once", async () => {
  const { body } = await home.ask("devices", "POST", { title: "Second strap", person: "person-a" });
  const old = body.account as Account;
  const first = await strapPlays(old);
  await until(() => first.isAccepted(), "the strap is connected");
  const renewed = (await home.ask("devices/second-strap/password", "POST")).body.account as Account;
  await until(() => !first.isAccepted(), "the old password is out");
  await first.end();
  const second = await strapPlays(renewed);
  await until(() => second.isAccepted(), "the new one is in");
  await second.end();
});

test("a person's limit is changed while the strap sends: the rule watches from the moment that was answered, and a quieter high rule asks first", async () => {
  const playing = await strapPlays((await home.ask("devices/second-strap/password", "POST")).body.account as Account);
  const put = (limits: object, confirm?: boolean) =>
    home.ask("people/person-a/limits", "PUT", { limits, ...(confirm === undefined ? {} : { confirm }) });
  const answered = await put({ hrLimitHighBpm: 180 });
  expect(answered.status).toBe(200);
  expect(Date.parse(String(answered.body.from))).toBeGreaterThan(home.gateway.view.status().timeUs / 1000);
  const watchedS = () => home.gateway.view.people().find(({ id }) => id === "person-a")?.watchedS["hr.limit-high"];
  expect(watchedS()).toBe(0);
  await until(() => (watchedS() ?? 0) > 0, "the running pipeline watches the new limit");
  expect(await put({ asystoleS: 8 })).toMatchObject({
    status: 409,
    body: { code: "limits.confirm", detail: expect.stringContaining("rhythm.asystole") },
  });
  expect((await put({ asystoleS: 8 }, true)).status).toBe(200);
  expect(await put({ hrHighBpm: 20 })).toMatchObject({ status: 400, body: { field: "limits.hrHighBpm" } });
  expect((await home.ask("people/person-a/limits", "PUT", { limits: {} }, "caregiver")).status).toBe(403);
  expect((await home.ask("people/person-a/limits", "GET", undefined, "caregiver")).status).toBe(200);
  await playing.end();
});

test("a restart finds people, devices and wearing again, and a change of hearth.yaml is applied and told", async () => {
  await home.ask("people/person-b", "PATCH", { name: "Person D" });
  await home.ask("devices/second-strap", "PATCH", { title: "Green strap" });
  await home.start({ people: [{ id: "person-e", name: "Person E", profile: {} }] });
  expect(home.gateway.view.people().map(({ name }) => name)).toEqual(["Person A", "Person D", "Person E"]);
  expect(device("second-strap")).toMatchObject({ title: "Green strap", person: "person-a", link: "mqtt" });
  expect(device("tag")).toMatchObject({ driver: "xsens-mti", link: "tcp" });
  expect(device("chest-strap")).toBeUndefined();
  const { limits, changes } = (await home.ask("people/person-a/limits")).body as {
    limits: { name: string; own?: number }[];
    changes: object[];
  };
  expect(limits.flatMap(({ name, own }) => (own === undefined ? [] : [[name, own]]))).toEqual([
    ["asystoleS", 8],
    ["hrLimitHighBpm", 180],
  ]);
  expect(changes).toHaveLength(2);
  expect(home.logged.some((line) => line.includes("a person that hearth.yaml names has been added"))).toBe(true);
});
