import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import { until } from "../crash/home-inside.ts";
import { device, openOwnHome, site } from "./own-home.ts";

test("a device that nobody wears hears that it is kept and not shown, and what it sends wrong, until somebody wears it", async () => {
  const home = await openOwnHome();
  const { view } = home.gateway;
  await view.setup.wear(device, undefined, "", "Person A");
  const client = await connectAsync(`mqtt://127.0.0.1:${home.gateway.mqttPort}`, {
    clientId: device,
    username: device,
    password: home.password,
  });
  const said: string[] = [];
  client.on("message", (_topic, payload) => said.push(payload.toString()));
  await client.subscribeAsync(`hearth/v1/${site}/${device}/cmd/#`);
  const send = () =>
    client.publishAsync(`hearth/v1/${site}/${device}/ecg/raw`, JSON.stringify({ rateHz: 100, unit: "mV", x: Array(100).fill(0) }));
  await send();
  await until(() => said.length > 0, "it is told", 20_000);
  expect(JSON.parse(said[0] ?? "")).toMatchObject({ code: "access.unworn", help: expect.stringContaining("hearth wear") });
  expect(view.devices()[0]?.findings.map(({ code }) => code)).toEqual(["access.unworn"]);
  await client.publishAsync(`hearth/v1/${site}/${device}/ecg/raw`, JSON.stringify({ rateHz: "fast", unit: "mV", x: [0] }));
  await until(() => said.length > 1, "it is told what would be wrong before anybody wears it", 20_000);
  expect(JSON.parse(said[1] ?? "")).toMatchObject({
    code: expect.stringMatching(/^driver\./),
    stream: "ecg",
    reason: expect.stringContaining("rateHz"),
  });
  expect(home.trace("ecg")).toEqual([]);
  await view.setup.wear(device, "person-a", "chest", "Person A");
  await send();
  await until(() => home.trace("ecg").length > 0, "its trace is shown", 20_000);
  expect(said.length).toBe(2);
  client.end(true);
  await home.close();
});
