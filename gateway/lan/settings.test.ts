import { expect, test } from "vitest";
import { parseConfig } from "../config/load.ts";
import { homeName, isAnnounced, servicesOf, subjectOf, wishesOf } from "./settings.ts";

const read = (text = "") => parseConfig(`version: 1\n${text}`, { file: "hearth.yaml", env: {} });

test("a new home opens TLS on every address and nothing else, and tells nobody its name", () => {
  const config = read();
  expect(wishesOf(config, 1883).map(({ name, where, port, isTls }) => [name, where, port, isTls])).toEqual([
    ["mqtt_tls", "any", 8883, true],
  ]);
  expect(isAnnounced(config)).toBe(false);
  expect(wishesOf(read("mqtt: { lan: none }"), 1883)).toEqual([]);
});

test("without TLS there is a door only where it is named, at the port of the broker", () => {
  expect(wishesOf(read("mqtt: { lan: none, lanWithoutTls: wlan0 }"), 1884)).toEqual([
    { name: "mqtt_lan", where: "wlan0", port: 1884, isTls: false, setting: "ports.mqtt" },
  ]);
});

test("the certificate is for the home's name and this machine, and for an IPv6 address that is named", () => {
  expect(homeName(read("network: { name: cottage }"))).toBe("cottage");
  const { names, addresses } = subjectOf(read('network: { name: cottage }\nmqtt: { lan: "fd00::5" }'));
  expect(names).toEqual(expect.arrayContaining(["cottage.local", "cottage.fritz.box", "localhost"]));
  expect(names.length).toBe(new Set(names).size);
  expect(addresses).toEqual(expect.arrayContaining(["fd00::5", "127.0.0.1"]));
});

test("the name is told where the page is on the home network, with what is open there, or as network.announce says", () => {
  const open = read("http: { host: 0.0.0.0 }");
  expect(isAnnounced(open)).toBe(true);
  expect(servicesOf(open, 8883, 8099).map(({ type, port }) => `${type} ${port}`)).toEqual([
    ...["_hearth._tcp 8099", "_http._tcp 8099", "_secure-mqtt._tcp 8883"],
  ]);
  expect(isAnnounced(read("http: { host: 0.0.0.0 }\nnetwork: { announce: false }"))).toBe(false);
  const hidden = read("network: { announce: true }");
  expect([isAnnounced(hidden), servicesOf(hidden, 8883, 8099).map(({ type }) => type)]).toEqual([
    true,
    ["_hearth._tcp", "_secure-mqtt._tcp"],
  ]);
});
