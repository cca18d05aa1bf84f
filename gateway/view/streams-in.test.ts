import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { hearthStream } from "../../device-drivers/hearth-stream/driver.ts";
import type { Credentials } from "../ingest/credentials.ts";
import { createStreamsIn } from "./streams-in.ts";

function setUp({ link = "mqtt", error }: { link?: string; error?: GatewayError } = {}) {
  const clock = virtualClock();
  const journal: string[] = [];
  const presence: string[] = [];
  /** Changed by a test: messages of the device, and how it comes now. */
  const house = { count: 0, driver: hearthStream };
  const streams = createStreamsIn({
    ...{ site: "home", clock, room: async () => {}, onRefused: () => {} },
    stamps: () => ({ timeUs: clock.wallUs(), monotonicUs: clock.monotonicUs(), wallUs: clock.wallUs(), wallQuality: "unknown" as never }),
    registry: { device: () => ({ id: "strap", title: "Strap", driver: "hearth-stream", link }) },
    credentials: { verify: async () => "wrong" } as Pick<Credentials, "verify">,
    driverOf: () => ({ driver: house.driver, options: {} }),
    receiver: {
      publish(_publisher, { channel }, done) {
        if (error === undefined) journal.push(channel);
        house.count++;
        done(error);
      },
      presence: () => "offline",
      setPresence: (_device, state) => void presence.push(state),
      descriptor: async () => undefined,
      arrivals: () => ({ count: house.count, lastUs: 0 }),
    },
  });
  const bytes = new TextEncoder().encode('{"rateHz":1,"unit":"Cel","x":[36.6]}');
  const send = (more = bytes) =>
    streams.send({ account: "a", maySend: () => true }, { device: "strap", stream: "temp", leaf: "raw", bytes: more });
  return { clock, journal, presence, house, send, bytes };
}

test("a batch that the journal refuses is not answered as taken, however often it comes", async () => {
  const { send } = setUp({ error: new GatewayError("journal.full", "world", "the disk is full") });
  for (let i = 0; i < 3; i++) await expect(send()).rejects.toMatchObject({ code: "journal.full", kind: "world" });
});

test("a device that sends no more is silent after a minute, and there again with its next batch", async () => {
  const { clock, presence, send } = setUp();
  await send();
  clock.advance(59_000);
  await send();
  clock.advance(59_000);
  expect(presence).toEqual(["online", "online"]);
  clock.advance(2000);
  expect(presence.at(-1)).toBe("silent");
});

test("a device that goes on another way is not called silent a minute after its last batch over HTTP", async () => {
  const { clock, house, presence, send } = setUp();
  await send();
  house.count++;
  clock.advance(120_000);
  expect(presence).toEqual(["online"]);
});

test("a device that was removed and added anew with another driver is read by that one", async () => {
  const { house, send } = setUp();
  await send();
  const asked: string[] = [];
  house.driver = {
    ...hearthStream,
    create: (options, device) => {
      asked.push(device);
      return hearthStream.create(options, device);
    },
  };
  await send();
  await send();
  expect(asked).toEqual(["strap"]);
});

test("a device that sends more than MQTT would read is told to wait, and a device with a cable is no sender here", async () => {
  const { clock, journal, send } = setUp();
  const big = new Uint8Array(65_536).fill(0x20);
  const codes: string[] = [];
  for (let i = 0; i < 200; i++)
    codes.push(
      await send(big).then(
        () => "",
        ({ code }: GatewayError) => code,
      ),
    );
  expect(codes.filter((code) => code === "ingest.too_fast").length).toBeGreaterThan(20);
  clock.advance(60_000);
  await send();
  expect(journal).toEqual(["temp/raw"]);
  await expect(setUp({ link: "serial" }).send()).rejects.toMatchObject({ code: "ingest.other_link" });
});
