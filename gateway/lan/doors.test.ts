import { describe, expect, test } from "vitest";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { BrokerDoor, TlsFiles, WayIn } from "../ingest/broker-port.ts";
import type { HomeAddress } from "../runtime/home-network.ts";
import { createLanDoors, type DoorWish } from "./doors.ts";

const wlan: HomeAddress = { name: "wlan0", address: "192.168.1.5", family: "IPv4" };
const eth: HomeAddress = { name: "eth1", address: "10.0.0.2", family: "IPv4" };
const v6: HomeAddress = { name: "wlan0", address: "fd00::5", family: "IPv6" };
const tls: DoorWish = { name: "mqtt_tls", where: "any", port: 8883, isTls: true, setting: "ports.mqttTls" };
const plain: DoorWish = { name: "mqtt_lan", where: "eth1", port: 1883, isTls: false, setting: "ports.mqtt" };

function house(...wishes: DoorWish[]) {
  const open = new Map<string, TlsFiles | undefined>();
  const refused = new Map<string, string>();
  const said: string[] = [];
  const network = { addresses: [wlan, eth, v6] };
  const broker = {
    open({ host, port, tls: files }: WayIn): Promise<BrokerDoor> {
      const key = `${host}:${port}`;
      const code = refused.get(host);
      if (code !== undefined)
        return Promise.reject(new GatewayError("ingest.port_busy", "operator", "no", { cause: Object.assign(new Error(code), { code }) }));
      open.set(key, files);
      return Promise.resolve({
        port,
        present: (next) => void open.set(key, next),
        close: async () => void open.delete(key),
      });
    },
  };
  const doors = createLanDoors({
    ...{ broker, wishes, addresses: () => network.addresses, onOpen: () => {} },
    onFault: (fault) => void said.push(fault),
  });
  return { doors, open, refused, said, network };
}
const certificate = { cert: "cert", key: "key" };

describe("the doors to the home network", () => {
  test("with TLS there is one for all addresses of IPv4, once there is a certificate, and it presents a new one from then on", async () => {
    const { doors, open, network } = house(tls);
    network.addresses = [wlan, eth];
    await doors.check();
    expect(open.size).toBe(0);
    doors.present(certificate);
    await doors.check();
    await doors.check();
    expect([...open]).toEqual([["0.0.0.0:8883", certificate]]);
    doors.present({ cert: "next", key: "next" });
    expect(open.get("0.0.0.0:8883")?.cert).toBe("next");
    await doors.close();
    expect(open.size).toBe(0);
  });

  test("without TLS there are none but on the interface or address that is named, and they follow its addresses", async () => {
    const { doors, open, network, said } = house(plain);
    await doors.check();
    expect([...open.keys()]).toEqual(["10.0.0.2:1883"]);
    network.addresses = [wlan, { ...eth, address: "10.0.0.9" }];
    await doors.check();
    expect([...open.keys()]).toEqual(["10.0.0.9:1883"]);
    network.addresses = [wlan];
    await doors.check();
    await doors.check();
    expect([open.size, said.length, doors.faults()]).toEqual([0, 1, [expect.stringMatching(/"eth1" is no interface.*there are wlan0/)]]);
    network.addresses = [wlan, eth];
    await doors.check();
    expect([open.size, doors.faults()]).toEqual([1, []]);
  });

  test("with TLS a home's own address of IPv6 has one, on the same port; one that the world can reach only where it is named", async () => {
    const world: HomeAddress = { name: "wlan0", address: "2001:db8::5", family: "IPv6" };
    const opened = async (where: string, port = 8883) => {
      const { doors, open, network } = house({ ...tls, where, port });
      network.addresses = [wlan, eth, v6, world];
      doors.present(certificate);
      await doors.check();
      return { doors, open, network, hosts: [...open.keys()] };
    };
    const { doors, open, network, hosts } = await opened("any");
    expect(hosts).toEqual(["0.0.0.0:8883", "fd00::5:8883"]);
    network.addresses = [wlan, { ...v6, address: "fd00::77" }];
    await doors.check();
    expect([...open.keys()]).toEqual(["0.0.0.0:8883", "fd00::77:8883"]);
    expect((await opened("wlan0")).hosts).toEqual(["192.168.1.5:8883", "fd00::5:8883", "2001:db8::5:8883"]);
    expect((await opened("2001:db8::5")).hosts).toEqual(["2001:db8::5:8883"]);
  });

  test("without TLS on any address each one has its own, as loopback has its", async () => {
    const { doors, open } = house({ ...plain, where: "any" });
    await doors.check();
    expect([...open.keys()]).toEqual(["192.168.1.5:1883", "10.0.0.2:1883"]);
  });

  test("a busy port and an address that is gone are said in words, once, and opened when they can be", async () => {
    const { doors, open, refused, said, network } = house(tls, { ...plain, where: "10.0.0.3" });
    network.addresses = [wlan, eth];
    doors.present(certificate);
    refused.set("0.0.0.0", "EADDRINUSE").set("10.0.0.3", "EADDRNOTAVAIL");
    await doors.check();
    await doors.check();
    expect(said).toEqual([
      expect.stringMatching(/Port 8883 \(ports\.mqttTls\) is in use by another program.*set ports\.mqttTls/),
      expect.stringMatching(/10\.0\.0\.3 is no address of this machine now/),
    ]);
    expect(doors.faults()).toEqual(said);
    refused.clear();
    await doors.check();
    expect([doors.faults(), open.size]).toEqual([[], 2]);
  });
});
