import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { virtualClock } from "../device-drivers/contract/clock.ts";
import type { SampleBlock } from "../device-drivers/contract/sample-block.ts";
import type { Link } from "../device-drivers/link/link.ts";
import { serialLink } from "../device-drivers/link/serial.ts";
import { tcpLink } from "../device-drivers/link/tcp.ts";
import { xsensMti } from "../device-drivers/xsens-mti/driver.ts";
import type { BytePort } from "./link/byte-port.ts";
import { openPtyPort } from "./link/pty.ts";
import { openTcpPort } from "./link/tcp.ts";
import { loadXsensCapture, startXsensPlayer } from "./xsens-player.ts";

const stamps = { timeUs: 5e6, monotonicUs: 1e6, wallUs: 5e6, wallQuality: "fake" } as const;
const forever = new AbortController().signal;

/** Sends the bytes in steps, each after the one before has arrived, and returns all that came. */
async function passThrough(link: Link, port: Pick<BytePort, "write">, bytes: Uint8Array): Promise<Uint8Array> {
  const connection = await link.open(forever);
  const reader = connection[Symbol.asyncIterator]();
  const received: number[] = [];
  for (let at = 0; at < bytes.length; at += 1000) {
    const step = bytes.subarray(at, at + 1000);
    port.write(step);
    while (received.length < at + step.length) received.push(...((await reader.next()).value ?? []));
  }
  await connection.close();
  return Uint8Array.from(received);
}

describe("the player of Xsens messages", () => {
  test("runs on over the recording's seam: indices and times without a hole, one boot", async () => {
    const clock = virtualClock();
    const driver = xsensMti.create({}, "imu");
    const blocks: SampleBlock[] = [];
    const write = (bytes: Uint8Array) => {
      for (const block of driver.push({ link: "tty", device: "imu", channel: "", bytes, stamps })) {
        blocks.push(block);
      }
    };
    const player = startXsensPlayer({ capture: await loadXsensCapture(), clock, port: { write }, firstCounter: 65_000 });
    clock.advance(10_000);
    player.stop();
    expect(blocks.length).toBe(1000);
    expect(blocks.map(({ firstIndex }) => firstIndex)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(new Set(blocks.map(({ bootId }) => bootId)).size).toBe(1);
    expect(driver.counters).toMatchObject({ frames: player.messageCount, checksumFails: 0, sequenceGaps: 0, discarded: {} });
  });

  test("a silent stretch is a gap of exactly the samples that were not sent", async () => {
    const clock = virtualClock();
    const driver = xsensMti.create({}, "imu");
    const gaps: number[] = [];
    let nextIndex = 0;
    const write = (bytes: Uint8Array) => {
      for (const { firstIndex, count } of driver.push({ link: "tty", device: "imu", channel: "", bytes, stamps })) {
        if (firstIndex > nextIndex) gaps.push(firstIndex - nextIndex);
        nextIndex = firstIndex + count;
      }
    };
    const player = startXsensPlayer({ capture: await loadXsensCapture(), clock, port: { write } });
    clock.advance(1000);
    player.isSilent = true;
    clock.advance(500);
    player.isSilent = false;
    clock.advance(1000);
    player.stop();
    expect(gaps).toEqual([50]);
  });
});

describe("virtual ports", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "hearth-pty-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("a serial port found by its link carries every byte, is lost at the unplug and comes back under another number", async () => {
    const capture = await loadXsensCapture();
    const port = openPtyPort(join(folder, "by-id", "usb-Xsens_MTi"));
    const link = () => serialLink({ path: port.path, ...xsensMti.serial });
    expect(await passThrough(link(), port, capture)).toEqual(capture);

    const lost = await link().open(forever);
    const reading = (async () => {
      for await (const _ of lost);
    })();
    port.unplug();
    await expect(reading).rejects.toMatchObject({ code: "link.lost", kind: "world" });
    await expect(link().open(forever)).rejects.toMatchObject({ code: "link.not_found" });

    port.plugIn();
    expect(await passThrough(link(), port, capture.subarray(0, 4000))).toEqual(capture.subarray(0, 4000));
    await port.close();
  });

  test("a TCP port serves the same bytes", async () => {
    const capture = await loadXsensCapture();
    const port = await openTcpPort();
    const link: Link = {
      async open(signal) {
        const connection = await tcpLink({ host: "127.0.0.1", port: port.port }).open(signal);
        // Accepted here is not yet accepted there.
        while (port.readerCount === 0) await new Promise((resolve) => setImmediate(resolve));
        return connection;
      },
    };
    expect(await passThrough(link, port, capture)).toEqual(capture);
    await port.close();
  });
});
