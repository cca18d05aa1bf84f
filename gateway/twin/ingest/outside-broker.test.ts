import { afterEach, describe, expect, test } from "vitest";
import type { BeatEvent } from "../../../device-drivers/contract/event.ts";
import { hasMosquitto, type Mosquitto, openMosquitto } from "../../../test/support/mosquitto.ts";
import { baseUs, beatItems, createHarness, type Harness, until } from "../../../test/support/twin-harness.ts";
import { heartbeatItem } from "../../semantic/policy.ts";
import { createMemoryOutbox } from "../../sync/memory-outbox.ts";
import type { UplinkOptions } from "../../sync/uplink.ts";

/** As the twin's README gives it. */
const acl =
  "user twin\ntopic readwrite hearth/v1/#\n\npattern write hearth/v1/%u/up/#\npattern write hearth/v1/%u/reported\npattern write hearth/v1/%u/status\npattern read hearth/v1/%u/ack\npattern read hearth/v1/%u/act\npattern read hearth/v1/%u/desired\n";

describe.skipIf(!hasMosquitto)("a twin that listens to a mosquitto", { timeout: 120_000 }, () => {
  let broker: Mosquitto;
  let home: Harness;
  afterEach(async () => {
    await home?.close();
    await broker?.close();
  });

  const open = async () => {
    broker = await openMosquitto({ twin: "pw-twin", "home-a": "pw-a", "home-b": "pw-b" }, acl);
    await broker.start();
    home = await createHarness({ broker: broker.url.replace("//", "//twin:pw-twin@") });
  };

  const lineOf = (gateway: string, password: string) => home.lineTo(broker.url, gateway, password);
  const beats = async () => {
    const { body } = await home.ask(`/api/v1/people/person-a/beats?from=${baseUs}&to=${baseUs + 1e12}`);
    return (body.beats as BeatEvent[]).length;
  };

  test("stores what comes, acknowledges it home, and loses and doubles nothing while the broker is killed", async () => {
    await open();
    const outbox = createMemoryOutbox("00112233445566aa");
    outbox.add(...beatItems(0, 30));
    home.openUplink(outbox, lineOf("home-a", "pw-a"));
    await until(home.clock, () => outbox.rows().length === 0, "the first frames are acknowledged");
    expect(await beats()).toBe(30);
    await broker.end("SIGKILL");
    outbox.add(...beatItems(30, 30));
    await broker.start();
    await until(home.clock, () => outbox.rows().length === 0, "the rest is acknowledged");
    expect(await beats()).toBe(60);
  });

  test("a wish reaches the home, and again after the broker has forgotten it", async () => {
    await open();
    const told: string[] = [];
    const watch = lineOf("home-a", "pw-a").open as NonNullable<UplinkOptions["open"]>;
    const line = watch({
      onUp() {},
      onDown() {},
      onMessage: (topic, bytes) => void (topic.endsWith("/desired") && told.push(Buffer.from(bytes).toString())),
    });
    const wish = { settings: { flushS: 30 } };
    const put = await home.ask("/api/v1/gateways/home-a/desired", {
      method: "PUT",
      body: JSON.stringify(wish),
      headers: { "content-type": "application/json" },
    });
    expect(put.status).toBeLessThan(300);
    await until(home.clock, () => told.length > 0, "the wish has come");
    await broker.end("SIGKILL");
    told.length = 0;
    await broker.start();
    await until(home.clock, () => told.length > 0, "it has come again");
    expect(JSON.parse(told[0] as string)).toMatchObject({ version: 1 });
    await line.close();
  });

  test("who is there is known by what the broker keeps of them, and a home never writes in another's branch", async () => {
    await open();
    const outbox = createMemoryOutbox("00112233445566aa");
    const heartbeat = { timeUs: baseUs, uptimeS: 1, version: "1", people: [], devices: [], outboxDepth: 0 };
    outbox.add(heartbeatItem(heartbeat));
    // Signed by home-a's key, sent by home-b's account: the broker's list keeps it out of home-a's branch.
    const foreign = home.openUplink(outbox, lineOf("home-b", "pw-b"));
    const own = createMemoryOutbox("00112233445566bb");
    own.add(heartbeatItem(heartbeat));
    home.openUplink(own, lineOf("home-a", "pw-a"));
    await until(home.clock, () => own.rows().length === 0, "the home's own is acknowledged");
    const { body } = await home.ask("/api/v1/gateways");
    expect(body.gateways).toMatchObject([{ id: "home-a", connected: true }]);
    expect(outbox.rows().length).toBe(1);
    await foreign.close();
  });
});
