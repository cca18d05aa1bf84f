import { type EventEmitter, once } from "node:events";
import { connect as tcpConnect } from "node:net";
import { type DetailedPeerCertificate, type TLSSocket, connect as tlsConnect } from "node:tls";
import mqtt, { type IClientOptions } from "mqtt";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { issue, makeAuthority } from "../lan/certificate.ts";
import { startBroker } from "./broker.ts";
import type { DevicePublish } from "./broker-port.ts";
import { openCredentials } from "./credentials.ts";

const clock = systemClock();
const subject = { names: ["home.local"], addresses: ["127.0.0.1"] };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function secureHome() {
  const authority = await makeAuthority("home", Date.now());
  const newFiles = async () => {
    const pem = await issue(authority, subject, Date.now());
    return { cert: pem, key: pem };
  };
  const credentials = await openCredentials({ clock });
  await credentials.issue({ user: "strap-1", role: "device", site: "home" }, "secret-1");
  const stored: DevicePublish[] = [];
  const broker = await startBroker({
    ...{ port: 0, host: "127.0.0.1", credentials, clock },
    onPublish: (_publisher, message, done) => {
      stored.push(message);
      done();
    },
  });
  cleanups.push(() => broker.close());
  const door = await broker.open({ name: "mqtt_tls", host: "127.0.0.1", port: 0, tls: await newFiles() });
  const connect = async (options: IClientOptions = {}) => {
    const client = mqtt.connect({
      ...{ host: "127.0.0.1", port: door.port, protocol: "mqtts", ca: authority.certificate },
      ...{ clientId: "strap-1", username: "strap-1", password: "secret-1", reconnectPeriod: 0, ...options },
    });
    client.on("error", () => undefined);
    cleanups.push(() => client.endAsync(true));
    await once(client as unknown as EventEmitter, "connect");
    return client;
  };
  const shown = (client: Awaited<ReturnType<typeof connect>>): DetailedPeerCertificate =>
    (client.stream as unknown as TLSSocket).getPeerCertificate(true);
  return { authority, broker, door, newFiles, stored, connect, shown };
}

const topic = "hearth/v1/home/strap-1/ecg/raw";

test("by TLS a device comes in with the same account, and what it sends is taken as by any other door", async () => {
  const { broker, stored, connect } = await secureHome();
  const client = await connect();
  await client.publishAsync(topic, "one", { qos: 1 });
  expect(stored.map(({ device, channel }) => [device, channel])).toEqual([["strap-1", "ecg/raw"]]);
  expect(broker.clients().map(({ user, address }) => [user, address])).toEqual([["strap-1", "127.0.0.1"]]);
  expect(broker.kick("strap-1")).toBe(1);
});

test("a wrong password is refused there too", async () => {
  const { connect, broker } = await secureHome();
  const refused = connect({ password: "wrong" }).catch(() => undefined);
  await expect.poll(() => broker.counters.refusals.wrong_password, { timeout: 20_000 }).toBe(1);
  void refused;
});

test("another certificate is shown to whoever comes from now on, and nobody who is there is dropped", async () => {
  const { door, newFiles, stored, connect, shown } = await secureHome();
  const before = await connect();
  door.present(await newFiles());
  const after = await connect({ clientId: "strap-1-b" });
  expect(shown(after).fingerprint256).not.toBe(shown(before).fingerprint256);
  await before.publishAsync(topic, "still here", { qos: 1 });
  expect(stored.length).toBe(1);
});

test("what speaks no TLS, or a TLS that is no longer safe, gets no further and is counted", async () => {
  const { door, broker, authority } = await secureHome();
  const plain = tcpConnect(door.port, "127.0.0.1", () => plain.write("\x10\x0c\x00\x04MQTT\x04\x02\x00\x00\x00\x00"));
  await once(plain.resume(), "close");
  const old = tlsConnect({
    ...{ port: door.port, host: "127.0.0.1", ca: authority.certificate },
    ...{ maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" },
  });
  await once(old, "error");
  await expect.poll(() => broker.counters.refusals.tls_failed, { timeout: 20_000 }).toBe(2);
});

test("a door that closes ends its own connections alone", async () => {
  const { door, broker, connect } = await secureHome();
  const other = await broker.open({ name: "mqtt_lan", host: "127.0.0.1", port: 0 });
  const stays = await connect({ port: other.port, protocol: "mqtt" });
  const goes = await connect({ clientId: "strap-1-b" });
  const gone = once(goes as unknown as EventEmitter, "close");
  await door.close();
  await gone;
  await stays.publishAsync(topic, "still here", { qos: 1 });
  await expect(broker.open({ name: "mqtt_lan", host: "127.0.0.1", port: other.port })).rejects.toMatchObject({
    code: "ingest.port_busy",
  });
});
