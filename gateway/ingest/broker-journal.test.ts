import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createStamper, systemClock } from "../../device-drivers/contract/clock.ts";
import { type DiskFault, faultyFiles } from "../../test/support/faulty-files.ts";
import { openJournal } from "../journal/journal.ts";
import { startBroker } from "./broker.ts";
import { openCredentials } from "./credentials.ts";

const clock = systemClock();
const RAW = "hearth/v1/home/strap-1/ecg/raw";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "hearth-intake-"));
});
afterEach(() => rm(dir, { recursive: true }));

/** Broker and journal of a home with one strap, on a disk that can be told to be full. */
async function home(fault: DiskFault) {
  const journal = await openJournal({
    dir: join(dir, "journal"),
    keysDir: join(dir, "keys"),
    clock,
    bootId: randomBytes(8).toString("hex"),
    files: faultyFiles(fault),
  });
  const credentials = await openCredentials({ clock });
  await credentials.issue({ user: "strap-1", role: "device", site: "home" }, "secret");
  const stamp = createStamper(clock);
  const broker = await startBroker({
    port: 0,
    host: "127.0.0.1",
    credentials,
    clock,
    journalRoom: () => journal.room(),
    onPublish: (_publisher, { device, channel, payload }, done) =>
      journal.offer("unassigned", { link: "mqtt", device, channel, bytes: payload, stamps: stamp() }, done),
  });
  const strap = mqtt.connect({
    host: "127.0.0.1",
    port: broker.port,
    protocol: "mqtt",
    clientId: "strap-1",
    username: "strap-1",
    password: "secret",
    reconnectPeriod: 20,
    clean: false,
  });
  strap.on("error", () => undefined);
  const journalled = async () => {
    const texts: string[] = [];
    for await (const { chunk } of journal.read("unassigned", 1)) texts.push(Buffer.from(chunk.bytes).toString());
    return texts;
  };
  return {
    broker,
    strap,
    journalled,
    async close() {
      await strap.endAsync(true);
      await broker.close();
      await journal.close();
    },
  };
}

test("what was acknowledged is in the journal, in the order it was sent", async () => {
  const { strap, journalled, close } = await home({ code: undefined, at: "write", partialBytes: 0 });
  const acknowledged: string[] = [];
  const sent = Array.from({ length: 40 }, (_, i) => `batch ${i}`);
  for (const text of sent) strap.publishAsync(RAW, text, { qos: 1 }).then(() => acknowledged.push(text));
  await strap.publishAsync(RAW, "last", { qos: 1 });
  expect(acknowledged).toEqual(sent);
  expect(await journalled()).toEqual([...sent, "last"]);
  await close();
});

test("on a full disk nothing is acknowledged; when there is room again the client's batches arrive, none lost", async () => {
  const fault: DiskFault = { code: "ENOSPC", at: "write", partialBytes: 7 };
  const { broker, strap, journalled, close } = await home(fault);
  const refused = new Promise<void>((resolve) => strap.on("close", () => broker.counters.unstoredTotal > 0 && resolve()));
  const acknowledged: string[] = [];
  const sent = Array.from({ length: 10 }, (_, i) => `batch ${i}`);
  const done = Promise.all(sent.map((text) => strap.publishAsync(RAW, text, { qos: 1 }).then(() => acknowledged.push(text))));
  await refused;
  expect(acknowledged).toEqual([]);
  expect(await journalled()).toEqual([]);
  fault.code = undefined;
  await done;
  expect([...new Set(await journalled())].sort()).toEqual(sent);
  await close();
});
