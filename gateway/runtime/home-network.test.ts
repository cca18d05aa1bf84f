import { describe, expect, test } from "vitest";
import { homeAddresses, isLoopback, reachedAt } from "./home-network.ts";

const interfaceOf = (address: string, internal = false) => ({
  ...{ address, internal, netmask: "", mac: "", cidr: null },
  ...(address.includes(":") ? { family: "IPv6" as const, scopeid: 0 } : { family: "IPv4" as const }),
});
const interfaces = {
  lo: [interfaceOf("127.0.0.1", true), interfaceOf("::1", true)],
  wlan0: [interfaceOf("fe80::1"), interfaceOf("fd00::5"), interfaceOf("192.168.1.5")],
  eth1: [interfaceOf("10.0.0.2")],
};

describe("the home network", () => {
  test("reaches this machine under its addresses, IPv4 first, neither loopback's nor link-local ones", () => {
    expect(homeAddresses(interfaces).map(({ name, address }) => `${name} ${address}`)).toEqual([
      "wlan0 192.168.1.5",
      "eth1 10.0.0.2",
      "wlan0 fd00::5",
    ]);
    expect(homeAddresses({})).toEqual([]);
  });

  test("reaches what listens on loopback nowhere, on everything at each address, else at the one", () => {
    const found = homeAddresses(interfaces);
    expect(reachedAt("127.0.0.1", found)).toEqual([]);
    expect(reachedAt("0.0.0.0", found)).toEqual(["192.168.1.5", "10.0.0.2"]);
    expect(reachedAt("10.0.0.2", found)).toEqual(["10.0.0.2"]);
  });

  test("a name that only begins like a loopback address is none", () => {
    expect(["127.0.0.1", "127.9.9.9", "::1", "localhost", "127.evil.example", "0.0.0.0", "localhost.evil"].map(isLoopback)).toEqual([
      ...[true, true, true, true, false, false, false],
    ]);
  });
});
